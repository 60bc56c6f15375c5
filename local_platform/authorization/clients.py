"""The programs that may ask for tokens: two public ones and one with a secret."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from local_platform.authorization.library import DEVICE_CODE_GRANT_TYPE, ClientMixin
from local_platform.authorization.settings import SCOPES

DASHBOARD, COMMAND_LINE, SERVICE = "flightboard", "flytectl", "flightboard-service"
# What GetPublicClientConfig tells the SDK; it insists on a port.
COMMAND_LINE_REDIRECT = "http://localhost:53593/callback"
# RFC 8252, 7.3: on loopback any port will do. All else is compared letter by letter.
_LOOPBACK = r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?"
_PERSONS = frozenset({"authorization_code", "refresh_token", DEVICE_CODE_GRANT_TYPE})


@dataclass(frozen=True, eq=False)
class Client(ClientMixin):  # type: ignore[misc]
    """A registered program. `redirects` matches whole redirect URIs; `secret` "" is public."""

    client_id: str
    name: str
    grants: frozenset[str]
    redirects: re.Pattern[str] | None = None
    secret: str = field(default="", repr=False)

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: every request says where its answer goes."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """What is granted of what is asked; everything where nothing is asked for."""
        asked = (scope or "").split()
        return " ".join([name for name in asked if name in SCOPES] or SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return bool(self.redirects and self.redirects.fullmatch(redirect_uri))

    def check_client_secret(self, client_secret: str) -> bool:
        known, said = self.secret.encode(), client_secret.encode()
        return bool(self.secret) and hmac.compare_digest(known, said)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method == "none") is not bool(self.secret)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and self.redirects is not None

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grants


def registered(folder: Path) -> dict[str, Client]:
    """All clients by id. The service's secret is made at first use, in `folder`."""
    clients = [
        Client(
            DASHBOARD,
            "Flightboard",
            _PERSONS,
            # Where Django's sign-in ends: /complete/<name of its backend>/
            re.compile(_LOOPBACK + r"/complete/[a-z0-9][a-z0-9_-]*/"),
        ),
        Client(COMMAND_LINE, "The flyte command", _PERSONS, re.compile(_LOOPBACK + "/callback")),
        Client(
            SERVICE,
            "Flightboard's service",
            frozenset({"client_credentials"}),
            secret=_service_secret(folder / "service-secret"),
        ),
    ]
    return {client.client_id: client for client in clients}


def _service_secret(file: Path) -> str:
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        secret = secrets.token_urlsafe(32)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(f"{secret}\n")
        return secret

"""A local platform that asks for tokens, and a person with a browser."""

from __future__ import annotations

import re
import ssl
import subprocess
import sys
import urllib.request
from functools import cached_property
from pathlib import Path
from unittest.mock import patch

import grpc
import httpx

from tests.contract.platform_calls import Calls
from tests.contract.platform_process import _ROOT, PlatformProcess

_FORM_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')
SERVICE = "flightboard-service"


class GuardedPlatform(PlatformProcess):
    """`python -m local_platform` with flags, by default `--require-auth`."""

    def __init__(self, data_dir: Path, *flags: str) -> None:
        super().__init__(data_dir)
        self.flags = flags or ("--require-auth",)

    @property
    def is_secure(self) -> bool:
        return "--require-auth" in self.flags

    @property
    def url(self) -> str:
        """The address by which the platform calls itself."""
        return f"{'https' if self.is_secure else 'http'}://localhost:{self.port}"

    @property
    def authority(self) -> Path:
        """The CA file."""
        return self.data_dir / "tls" / "ca.pem"

    @property
    def secret(self) -> str:
        """The secret of the confidential client."""
        return (self.data_dir / "authorization" / "service-secret").read_text().strip()

    @cached_property
    def trust(self) -> ssl.SSLContext | bool:
        return ssl.create_default_context(cafile=self.authority) if self.is_secure else True

    def start(self) -> None:
        """Starts the server and returns when it answers."""
        command = [sys.executable, "-m", "local_platform", "--port", str(self.port)]
        command += ["--data-dir", str(self.data_dir), *self.flags]
        with self.server_log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait_until_ready(self.process)

    def get(self, path: str) -> bytes:
        """The body of a plain GET."""
        trust = self.trust if isinstance(self.trust, ssl.SSLContext) else None
        with urllib.request.urlopen(f"{self.url}{path}", timeout=5, context=trust) as answer:
            body: bytes = answer.read()
        return body

    def channel(self, token: str = "") -> grpc.Channel:
        """A gRPC channel over TLS, whose calls carry the token."""
        credentials = grpc.ssl_channel_credentials(self.authority.read_bytes())
        if token:
            bearer = grpc.access_token_call_credentials(token)
            credentials = grpc.composite_channel_credentials(credentials, bearer)
        return grpc.secure_channel(f"localhost:{self.port}", credentials)

    def calls(self, token: str) -> Calls:
        """The calls of whoever has the token."""
        with patch.object(grpc, "insecure_channel", lambda _: self.channel(token)):
            return Calls("")

    def post(self, path: str, **form: str) -> httpx.Response:
        """A form, sent as a program does."""
        with httpx.Client(verify=self.trust, trust_env=False) as session:
            return session.post(f"{self.url}{path}", data=form)

    def service_token(self) -> str:
        """A new access token of the confidential client."""
        answer = self.post(
            "/oauth2/token",
            grant_type="client_credentials",
            client_id=SERVICE,
            client_secret=self.secret,
        )
        token: str = answer.json()["access_token"]
        return token

    def person_token(self, person: str) -> dict[str, str]:
        """The tokens of a person who signed in on another screen."""
        codes = self.post("/oauth2/device_authorization", client_id="flytectl").json()
        self.click(codes["verification_uri_complete"], person)
        answer = self.post(
            "/oauth2/token",
            grant_type="urn:ietf:params:oauth:grant-type:device_code",
            device_code=codes["device_code"],
            client_id="flytectl",
        )
        tokens: dict[str, str] = answer.json()
        return tokens

    def click(self, link: str, person: str) -> httpx.Response:
        """A person opens a link in a browser and chooses; the answer to that, not followed."""
        with httpx.Client(verify=self.trust, trust_env=False) as browser:
            page = browser.get(link)
            found = _FORM_TOKEN.search(page.text)
            assert found, page.text
            return browser.post(link, data={"form_token": found[1], "person": person})

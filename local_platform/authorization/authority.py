"""The whole authorization server of one platform, put together once at start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_platform.asgi import Handler
from local_platform.authorization import metadata
from local_platform.authorization.clients import COMMAND_LINE, COMMAND_LINE_REDIRECT
from local_platform.authorization.endpoints import register_endpoints
from local_platform.authorization.gate import Gate
from local_platform.authorization.grants import register_grants
from local_platform.authorization.http import Routes
from local_platform.authorization.people import Person
from local_platform.authorization.server import Server
from local_platform.authorization.settings import SCOPES, Settings
from local_platform.authorization.store import AuthorizationStore
from local_platform.authorization.tokens import TokenMaker, new_private_key, signing_keys
from local_platform.authorization.verifier import Verifier
from local_platform.store.records import ActionKey


class Authority:
    """`attempt_is_open` tells whether the process of an attempt may still act."""

    def __init__(
        self, settings: Settings, attempt_is_open: Callable[[ActionKey, int], bool]
    ) -> None:
        self.settings = settings
        self.store = AuthorizationStore(settings.folder, settings.now)
        keys = signing_keys(self.store.private_key(new_private_key))
        self.tokens = TokenMaker(settings, keys)
        self.verifier = Verifier(settings, keys, self.store.revocations, attempt_is_open)
        server = Server(settings, self.store, self.tokens)
        register_grants(server, keys)
        register_endpoints(server, self.verifier)
        self.gate = Gate(self.verifier, self.store.revocations, required=settings.required)
        self._routes = Routes(server, self.verifier, keys)

    def close(self) -> None:
        self.store.close()

    def handlers(self) -> dict[str, Handler]:
        """HTTP handlers by the first part of the path."""
        return self._routes.handlers()

    def person(self, subject: str) -> Person | None:
        return self.store.person(subject)

    def metadata(self) -> dict[str, Any]:
        """The RFC 8414 document."""
        return metadata.metadata(self.settings)

    def public_client(self) -> dict[str, Any]:
        """How the SDK signs a person in: the fields of GetPublicClientConfigResponse."""
        return {
            "client_id": COMMAND_LINE,
            "redirect_uri": COMMAND_LINE_REDIRECT,
            "scopes": list(SCOPES),
            "authorization_metadata_key": "authorization",
            "service_http_endpoint": self.settings.issuer,
        }

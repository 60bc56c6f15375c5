"""The endpoints beside authorize and token: device authorization, revocation, introspection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_platform.authorization.clients import Client
from local_platform.authorization.library import (
    DeviceAuthorizationEndpoint,
    IntrospectionEndpoint,
    RevocationEndpoint,
    TokenMixin,
)
from local_platform.authorization.records import RefreshToken
from local_platform.authorization.server import OAuthRequest, Server
from local_platform.authorization.settings import DEVICE_INTERVAL_S, DEVICE_LIFETIME_S
from local_platform.authorization.verifier import InvalidTokenError, Token, Verifier

DEVICE_PAGE = "/oauth2/device"


def register_endpoints(server: Server, verifier: Verifier) -> None:
    """Gives the server its three endpoints."""
    server.register_endpoint(DeviceCodes)
    for kind in (Revocation, Introspection):
        server.register_endpoint(kind(server, verifier))


class DeviceCodes(DeviceAuthorizationEndpoint):  # type: ignore[misc]
    """Gives a device its two codes."""

    CLIENT_AUTH_METHODS = ("none",)
    EXPIRES_IN = DEVICE_LIFETIME_S
    INTERVAL = DEVICE_INTERVAL_S

    def get_verification_uri(self) -> str:
        return str(self.server.settings.url(DEVICE_PAGE))

    def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
        granted = self.server.clients[client_id].get_allowed_scope(scope)
        self.server.store.devices.add(
            data["device_code"],
            data["user_code"],
            client_id=client_id,
            scope=granted,
            lifetime_s=self.EXPIRES_IN,
        )


@dataclass(frozen=True)
class _AccessToken(TokenMixin):  # type: ignore[misc]
    """An access token that counts, in Authlib's form."""

    token: Token

    def check_client(self, client: Client) -> bool:
        return self.token.client_id == client.client_id

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


class _Tokens:
    """Finds a token of either kind that still counts."""

    def __init__(self, server: Server, verifier: Verifier) -> None:
        self.server = server
        self._verifier = verifier

    def query_token(self, text: str, hint: str | None) -> _AccessToken | RefreshToken | None:
        try:
            return _AccessToken(self._verifier.verify(text))
        except InvalidTokenError:
            found: RefreshToken | None = self.server.store.sign_ins.find_refresh_token(text)
            return found


class Revocation(_Tokens, RevocationEndpoint):  # type: ignore[misc]
    """A refresh token takes its whole sign-in with it, an access token only itself."""

    CLIENT_AUTH_METHODS = ("none", "client_secret_basic", "client_secret_post")

    def revoke_token(self, token: _AccessToken | RefreshToken, request: OAuthRequest) -> None:
        store, settings = self.server.store, self.server.settings
        if isinstance(token, RefreshToken):
            store.sign_ins.revoke(token.sign_in.id)
        else:
            until = token.token.expires_at + settings.clock_skew_s
            store.revocations.add(token.token.id, until)


class Introspection(_Tokens, IntrospectionEndpoint):  # type: ignore[misc]
    """Tells a client with a secret what any token is worth."""

    CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def check_permission(self, token: Any, client: Client, request: OAuthRequest) -> bool:
        return True

    def introspect_token(self, token: _AccessToken | RefreshToken) -> dict[str, Any]:
        settings = self.server.settings
        if isinstance(token, RefreshToken):
            subject, scope = token.sign_in.subject, token.sign_in.scope
            client, expires_at = token.sign_in.client_id, token.expires_at
            return _claims(settings.issuer, subject, scope, client, expires_at)
        read = token.token
        claims = _claims(settings.issuer, read.subject, read.scope, read.client_id, read.expires_at)
        more = {"token_type": "Bearer", "aud": settings.issuer, "jti": read.id}
        return claims | more | {"iat": read.issued_at, "groups": list(read.groups)}


def _claims(
    issuer: str, subject: str, scope: str, client_id: str, expires_at: int
) -> dict[str, Any]:
    return {
        "iss": issuer,
        "sub": subject,
        "username": subject,
        "scope": scope,
        "client_id": client_id,
        "exp": expires_at,
    }

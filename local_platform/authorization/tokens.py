"""Makes access tokens: signed, short-lived, checked without a look-up (RFC 9068)."""

from __future__ import annotations

import secrets
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from local_platform.authorization.clients import Client
from local_platform.authorization.library import JWTBearerTokenGenerator
from local_platform.authorization.records import SignedIn
from local_platform.authorization.settings import Settings
from local_platform.store.records import ActionKey

ALGORITHM = "RS256"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068's name for the kind of token
TASK_CLIENT = "flightboard-task"
# A task's token counts as long as its attempt is open; this only bounds it on paper.
_TASK_LIFETIME_S = 366 * 24 * 3600
_KEY_BITS = 2048


class TokenAnswer(dict[str, Any]):
    """What the token endpoint answers. Shows nothing of itself in a log or an error."""

    def __repr__(self) -> str:
        return "<tokens>"


def new_private_key() -> str:
    """The PEM of a new signing key."""
    return RSAKey.generate_key(_KEY_BITS).as_pem(private=True).decode()


def signing_keys(pem: str) -> KeySet:
    """The key of a PEM, under an id that follows from the key itself (RFC 7638)."""
    key = RSAKey.import_key(pem, {"use": "sig", "alg": ALGORITHM})
    key.ensure_kid()
    return KeySet([key])


class TokenMaker(JWTBearerTokenGenerator):  # type: ignore[misc]
    def __init__(self, settings: Settings, keys: KeySet) -> None:
        super().__init__(
            settings.issuer,
            ALGORITHM,
            refresh_token_generator=lambda **_: secrets.token_urlsafe(32),
            expires_generator=lambda *_: settings.token_lifetime_s,
        )
        self._settings = settings
        self._keys = keys

    def generate(self, *args: Any, **options: Any) -> TokenAnswer:
        return TokenAnswer(super().generate(*args, **options))

    def get_jwks(self) -> KeySet:
        return self._keys

    def get_audiences(self, client: Client, user: SignedIn | None, scope: str) -> str:
        """The platform itself: its tokens are for nobody else."""
        return self._settings.issuer

    def get_auth_time(self, user: SignedIn | None) -> int | None:
        return user.sign_in.at if user else None

    def get_jti(self, client: Client, grant_type: str, user: SignedIn | None, scope: str) -> str:
        return secrets.token_urlsafe(16)

    def get_extra_claims(
        self, client: Client, grant_type: str, user: SignedIn | None, scope: str
    ) -> dict[str, Any]:
        """`sid` names the sign-in that the token falls with."""
        if user is None:
            return {"groups": []}
        return {"groups": list(user.person.groups), "sid": user.sign_in.id}

    def for_attempt(self, subject: str, action: ActionKey, attempt: int) -> str:
        """The token of one attempt's process, which acts for `subject` in its own run alone."""
        now = int(self._settings.now())
        claims = {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": subject,
            "client_id": TASK_CLIENT,
            "iat": now,
            "exp": now + _TASK_LIFETIME_S,
            "jti": secrets.token_urlsafe(16),
            "scope": "all",
            "groups": [],
            "action": list(action),
            "attempt": attempt,
        }
        return jwt.encode({"alg": self.alg, "typ": TOKEN_TYPE}, claims, self._keys)

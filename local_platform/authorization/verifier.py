"""Says what an access token is worth: signature, issuer, audience, time, and the revocations."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet

from local_platform.authorization.revocations import Revocations
from local_platform.authorization.settings import Settings
from local_platform.authorization.tokens import ALGORITHM, TOKEN_TYPE
from local_platform.store.records import ActionKey

# Callers use one token for many calls; a signature is checked once for all of them.
_REMEMBERED = 1024


class InvalidTokenError(Exception):
    """The token is not worth anything; the sentence says why and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a valid token says. `action` and `attempt` only in the token of a task's process."""

    id: str
    subject: str
    client_id: str
    sign_in: str
    scope: str
    groups: tuple[str, ...]
    issued_at: int
    expires_at: int
    action: ActionKey | None = None
    attempt: int = 0

    @property
    def revocable_by(self) -> tuple[str, str]:
        """The ids whose revocation ends the token."""
        return (self.id, self.sign_in)


class Verifier:
    """`attempt_is_open` tells whether a task's process may still act."""

    def __init__(
        self,
        settings: Settings,
        keys: KeySet,
        revocations: Revocations,
        attempt_is_open: Callable[[ActionKey, int], bool],
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._revocations = revocations
        self._attempt_is_open = attempt_is_open
        self._known: OrderedDict[str, Token] = OrderedDict()

    def verify(self, text: str) -> Token:
        """What the token says. InvalidTokenError for one that does not count (any more)."""
        token = self._known.get(text)
        if token is None:
            token = self._remember(text, self._read(text))
        if self.seconds_left(token) <= 0:
            raise InvalidTokenError("the token has expired: sign in again")
        if any(id in self._revocations for id in token.revocable_by):
            raise InvalidTokenError("the token was revoked: sign in again")
        if token.action and not self._attempt_is_open(token.action, token.attempt):
            raise InvalidTokenError("the attempt that this token was made for is over")
        return token

    def seconds_left(self, token: Token) -> float:
        """How long the token still counts, the tolerated clock skew included."""
        return token.expires_at + self._settings.clock_skew_s - self._settings.now()

    def _remember(self, text: str, token: Token) -> Token:
        self._known[text] = token
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return token

    def _read(self, text: str) -> Token:
        issuer = self._settings.issuer
        required = {name: {"essential": True} for name in ("exp", "iat", "sub", "jti", "client_id")}
        claims_are_right = jwt.JWTClaimsRegistry(
            now=lambda: int(self._settings.now()),
            leeway=self._settings.clock_skew_s,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": issuer},
            **required,  # type: ignore[arg-type]
        )
        try:
            decoded = jwt.decode(text, self._keys, algorithms=[ALGORITHM])
            claims_are_right.validate(decoded.claims)
        except ExpiredTokenError:
            raise InvalidTokenError("the token has expired: sign in again") from None
        except (JoseError, ValueError, TypeError, KeyError):
            # No chaining: the library's words may repeat parts of the token.
            raise InvalidTokenError("the token is not valid here: sign in again") from None
        # An id token is signed with the same key, and must not open anything.
        if decoded.header.get("typ") != TOKEN_TYPE:
            raise InvalidTokenError("this is not an access token")
        return _token(decoded.claims)


def _token(claims: dict[str, Any]) -> Token:
    action = claims.get("action")
    return Token(
        id=claims["jti"],
        subject=claims["sub"],
        client_id=claims["client_id"],
        sign_in=claims.get("sid", ""),
        scope=claims.get("scope", ""),
        groups=tuple(claims.get("groups", ())),
        issued_at=int(claims["iat"]),
        expires_at=int(claims["exp"]),
        action=ActionKey(*action) if action else None,
        attempt=claims.get("attempt", 0),
    )

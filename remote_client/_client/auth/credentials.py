"""One set of tokens, with the moments at which to renew it and at which it stops working."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

__all__ = ["REFRESH_SKEW_S", "Credentials", "jwt_claims"]

# A call takes a while to reach the platform and clocks differ: renew this long before the end.
REFRESH_SKEW_S = 60.0
# A token that lives shorter than the skew would be renewed at every call: at most this share of
# its life is given away.
_SKEW_SHARE = 0.2


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Tokens as the authorization server gave them; `repr` shows none of them.

    access_token: what is sent with each call.
    refresh_token: what a new access token is bought with; None where the server gave none.
    issued_at, expires_at: seconds since 1970 on this machine's clock; None when unknown.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    issued_at: float | None = None
    expires_at: float | None = None

    @classmethod
    def from_token(cls, access_token: str, *, now: float) -> Credentials:
        """Credentials of a bare token; when it is a JWT, its own `exp` says when it ends."""
        expires_at = _moment(jwt_claims(access_token).get("exp"))
        return cls(access_token=access_token, issued_at=now, expires_at=expires_at)

    def should_renew(self, now: float, skew_s: float = REFRESH_SKEW_S) -> bool:
        """Whether it is time to renew, `skew_s` seconds (or a fifth of its life) before the end."""
        if self.expires_at is None:
            return False
        if self.issued_at is not None:
            skew_s = min(skew_s, max(0.0, self.expires_at - self.issued_at) * _SKEW_SHARE)
        return now >= self.expires_at - skew_s

    def is_expired(self, now: float) -> bool:
        """Whether the access token is past its end; False when the end is unknown."""
        return self.expires_at is not None and now >= self.expires_at

    def to_json(self) -> str:
        """The text that a token store keeps. It holds the tokens."""
        return json.dumps(
            {
                "access_token": self.access_token,
                "refresh_token": self.refresh_token,
                "issued_at": self.issued_at,
                "expires_at": self.expires_at,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Credentials | None:
        """What `to_json` wrote; None for anything else, as if nothing had been stored."""
        try:
            values = json.loads(text)
        except ValueError:
            return None
        if not isinstance(values, dict) or not isinstance(values.get("access_token"), str):
            return None
        refresh_token = values.get("refresh_token")
        return cls(
            access_token=values["access_token"],
            refresh_token=refresh_token if isinstance(refresh_token, str) else None,
            issued_at=_moment(values.get("issued_at")),
            expires_at=_moment(values.get("expires_at")),
        )


def jwt_claims(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified; {} when the token is something else.

    Only for hints about our own tokens (when they end, which nonce they carry), never for trust.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = json.loads(payload)
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _moment(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None

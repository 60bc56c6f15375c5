"""How the authorization server is set up: where it is, and how long things live."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TOKEN_LIFETIME_S = 30 * 60
REFRESH_LIFETIME_S = 14 * 24 * 3600
CLOCK_SKEW_S = 60
# Revocations are remembered for longer than any token may live.
MAX_TOKEN_LIFETIME_S = 7 * 24 * 3600
# From the consent to the client's token request: a redirect on one machine.
CODE_LIFETIME_S = 60
DEVICE_LIFETIME_S = 600
# RFC 8628 suggests 5 s for servers far away; this one is on the same machine.
DEVICE_INTERVAL_S = 1
SCOPES = ("openid", "profile", "email", "groups", "offline_access", "all")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that is chosen at start.

    issuer: the platform's own address, e.g. `http://localhost:8090`. folder: what is kept.
    required: RPCs need a token; otherwise a token only says who calls. Durations in seconds.
    now: seconds since the epoch.
    """

    issuer: str
    folder: Path
    required: bool = False
    token_lifetime_s: int = TOKEN_LIFETIME_S
    refresh_lifetime_s: int = REFRESH_LIFETIME_S
    clock_skew_s: int = CLOCK_SKEW_S
    now: Callable[[], float] = time.time

    def url(self, path: str) -> str:
        """The full address of one of the server's paths."""
        return f"{self.issuer}{path}"

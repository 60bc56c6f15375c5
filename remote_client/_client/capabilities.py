"""What an endpoint turned out not to offer, so that it is asked once and not at every call."""

from __future__ import annotations

import time

# A platform may be upgraded under a client that lives for weeks.
REMEMBER_S = 900.0

_missing: dict[tuple[str, str], float] = {}


def is_missing(endpoint: str, method: str) -> bool:
    """True when the endpoint answered UNIMPLEMENTED to this method lately."""
    since = _missing.get((endpoint, method))
    return since is not None and time.monotonic() - since < REMEMBER_S


def remember_missing(endpoint: str, method: str) -> None:
    """The endpoint answered UNIMPLEMENTED to this method."""
    _missing[endpoint, method] = time.monotonic()

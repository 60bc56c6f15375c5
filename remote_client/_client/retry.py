"""When a failed call or stream is tried again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass

import grpc

_Code = grpc.StatusCode

# The way to the platform failed: it is worth trying as long as the caller has patience.
UNREACHABLE = frozenset({_Code.UNAVAILABLE, _Code.DEADLINE_EXCEEDED, _Code.CANCELLED})
# A server that was cut off, or the real backend's own hiccups (a child announced before its parent
# ends a watch with UNKNOWN): worth a few tries, but it may be a lasting fault.
SUSPECT = frozenset(
    {
        _Code.INTERNAL,
        _Code.UNKNOWN,
        _Code.ABORTED,
        _Code.RESOURCE_EXHAUSTED,
        _Code.DATA_LOSS,
    }
)


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Full jitter: a random time between nothing and a bound that doubles. Seconds."""

    first_s: float = 0.25
    longest_s: float = 5.0
    # Not zero: a server that refuses at once must not be asked in a tight loop.
    shortest_s: float = 0.05

    def delay(self, failures: int) -> float:
        """How long to wait after this many consecutive failures (from 1)."""
        bound = min(self.longest_s, self.first_s * 2 ** min(failures - 1, 16))
        return max(self.shortest_s, random.uniform(0, bound))  # noqa: S311  (not a secret)


@dataclass(frozen=True, kw_only=True)
class CallRetry:
    """How often an idempotent call is sent again within its deadline."""

    attempts: int = 4
    backoff: Backoff = Backoff(first_s=0.2, longest_s=2.0)

    def delay(self, code: grpc.StatusCode, failures: int) -> float | None:
        """Seconds to wait before the next try; None when there is none."""
        if code is not _Code.UNAVAILABLE or failures >= self.attempts:
            return None
        return self.backoff.delay(failures)

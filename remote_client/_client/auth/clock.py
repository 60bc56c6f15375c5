"""Time as an argument, so that a test can pass an hour in no time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

__all__ = ["Clock"]


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Everything in seconds.

    now: since 1970, for moments that are stored. monotonic: for deadlines; never jumps.
    sleep: waits.
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

"""Waiting for a condition, never for a time; a test's own timeout is the limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    while not condition():  # noqa: ASYNC110  (what it waits for sets no event of its own)
        await asyncio.sleep(0.002)

"""Keeps the saved logs within their limits: the one that was looked at longest ago goes first.

A log that anybody reads or writes is locked, and is never swept.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from dashboard.live.spool import is_still
from dashboard.live.spool_files import LOCK

logger = logging.getLogger(__name__)

EVERY_S = 600.0
"""At most this often, whenever a log is opened."""

MB, DAY_S = 1 << 20, 24 * 3600


@dataclass(frozen=True)
class Limits:
    megabytes: int
    days: int
    """Since somebody last looked; 0 for no limit, as with `megabytes`."""


@dataclass(frozen=True)
class _Saved:
    folder: Path
    used_at: float
    size: int


class Due:
    """Whether it is time to sweep, for a process that is asked whenever it opens a log."""

    def __init__(self) -> None:
        self._swept_at: float | None = None

    def now(self) -> bool:
        """True at most every `EVERY_S`."""
        is_due = self._swept_at is None or time.monotonic() - self._swept_at >= EVERY_S
        if is_due:
            self._swept_at = time.monotonic()
        return is_due


async def sweep_aside(home: Path, limits: Limits) -> None:
    """Sweep in a thread; that it can't be done is no reason to show no log."""
    try:
        await asyncio.to_thread(sweep, home, limits)
    except OSError:
        logger.exception("Could not sweep the saved logs.")


def sweep(home: Path, limits: Limits, now: float | None = None) -> int:
    """Remove what is beyond the limits; returns how many logs went."""
    saved = sorted(_saved(home / "spool"), key=lambda log: log.used_at)
    oldest = (now or time.time()) - limits.days * DAY_S if limits.days else 0.0
    most = limits.megabytes * MB if limits.megabytes else None
    size, gone = sum(log.size for log in saved), 0
    for log in saved:
        is_too_much = most is not None and size > most
        if (is_too_much or log.used_at < oldest) and _remove(log.folder):
            size, gone = size - log.size, gone + 1
    if gone:
        logger.info("Swept %d saved logs; %d MB are kept.", gone, size // MB)
    return gone


def _saved(root: Path) -> list[_Saved]:
    found = []
    for folder in root.glob("*/*"):
        try:
            sizes = [path.stat().st_size for path in folder.iterdir()]
            found.append(_Saved(folder, (folder / LOCK).stat().st_mtime, sum(sizes)))
        except (FileNotFoundError, NotADirectoryError):
            continue  # closed and gone in between, or none of ours
    return found


def _remove(folder: Path) -> bool:
    """False when somebody has it open."""
    try:
        with (folder / LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not is_still(folder, lock):
                return False
            shutil.rmtree(folder)
    except (BlockingIOError, FileNotFoundError):
        return False
    return True


due = Due()
"""The process's own."""

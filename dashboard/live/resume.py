"""Tells the new lines of a log from those that the spool has, when a tail begins again.

The platform has no cursor: each tail starts at the log's first line, or at whatever it still keeps.
"""

from __future__ import annotations

from typing import Any

from dashboard.live.protocol import iso
from dashboard.live.spool import LogSpool


class Resume:
    """Decides, line by line in the order they come, which ones the spool lacks."""

    def __init__(self, spool: LogSpool) -> None:
        self.has_gap = False
        """The tail began after the spool's last line: lines between them may be lost."""
        self._spool = spool
        self._is_first = True
        self._to_skip = 0
        self._last_at: str | None = None
        self._equal_to_skip = 0

    def new_lines(self, lines: list[Any]) -> list[Any]:
        """Those of the batch that come after the spool's last line."""
        if self._is_first and lines:
            self._is_first = False
            self._line_up(lines[0])
        return [line for line in lines if self._is_new(line)]

    def _line_up(self, line: Any) -> None:
        """Where does this tail begin: at the log's start, or somewhere in it?"""
        have = self._spool.total
        if not have:
            return
        start = self._spool.window(1, 1)[0]
        at = iso(line.timestamp)
        if (at, line.message.rstrip("\r\n")) == (iso(start.at), start.text):
            self._to_skip = have
            return
        self._last_at = iso(self._spool.window(have, have)[0].at)
        self._equal_to_skip = self._count_last()
        self.has_gap = at is None or self._last_at is None or at > self._last_at
        if self.has_gap:
            self._last_at = None  # nothing to line up by: keep everything rather than lose a line

    def _count_last(self) -> int:
        """How many lines at the spool's end share the last one's moment."""
        count, number = 0, self._spool.total
        while number and iso(self._spool.window(number, number)[0].at) == self._last_at:
            count, number = count + 1, number - 1
        return count

    def _is_new(self, line: Any) -> bool:
        if self._to_skip:
            self._to_skip -= 1
            return False
        if self._last_at is None:
            return True
        at = iso(line.timestamp) or self._last_at
        if at == self._last_at and self._equal_to_skip:
            self._equal_to_skip -= 1
            return False
        if at > self._last_at:
            self._last_at = None  # past what the spool has: everything from here on is new
            return True
        return at == self._last_at

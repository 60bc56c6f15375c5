"""Tells the new lines of a log from those that the spool has, when a tail begins again.

The platform has no cursor: each tail starts at the log's first line, or at whatever it still keeps.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.live.spool import LogSpool
from remote_client import LogLine


class Resume:
    """Decides, line by line in the order they come, which ones the spool lacks."""

    def __init__(self, spool: LogSpool) -> None:
        self.has_gap = False
        """The tail began after the spool's last line: lines between them may be lost."""
        self._spool = spool
        self._is_first = True
        self._to_skip = 0
        self._last_at = 0
        """The moment of the spool's last line while lines up to it may come again; else 0."""
        self._equal_to_skip = 0

    def new_lines(self, lines: Sequence[LogLine]) -> Sequence[LogLine]:
        """Those of the batch that come after the spool's last line."""
        if self._is_first and lines:
            self._is_first = False
            self._line_up(lines[0])
        if self._to_skip:
            skipped = min(self._to_skip, len(lines))
            self._to_skip -= skipped
            lines = lines[skipped:]
        if not self._last_at:
            return lines
        return [line for line in lines if self._is_new(line)]

    def _line_up(self, line: LogLine) -> None:
        """Where does this tail begin: at the log's start, or somewhere in it?"""
        have = self._spool.total
        if not have:
            return
        at = _micros(line)
        if (at, line.message[:-1]) == (self._spool.micros(1), self._spool.text(1)):
            self._to_skip = have
            return
        self._last_at = self._spool.micros(have)
        self._equal_to_skip = self._count_last()
        self.has_gap = not at or not self._last_at or at > self._last_at
        if self.has_gap:
            self._last_at = 0  # nothing to line up by: keep everything rather than lose a line

    def _count_last(self) -> int:
        """How many lines at the spool's end share the last one's moment."""
        count, number = 0, self._spool.total
        while number and self._spool.micros(number) == self._last_at:
            count, number = count + 1, number - 1
        return count

    def _is_new(self, line: LogLine) -> bool:
        if not self._last_at:
            return True
        at = _micros(line) or self._last_at
        if at == self._last_at and self._equal_to_skip:
            self._equal_to_skip -= 1
            return False
        if at > self._last_at:
            self._last_at = 0  # past what the spool has: everything from here on is new
            return True
        return at == self._last_at


def _micros(line: LogLine) -> int:
    """The moment as the spool keeps it; 0 for none."""
    return LogLine.columns([line])[1][0]

"""Where a log tail stands, so that a replay from the start gives no line twice and loses none.

The platform has no cursor: each connection delivers the log again. A replay that begins with the
same line is the same log, and exactly as many lines are skipped as were delivered. A platform that
keeps only the end of a log begins with another line: then lines older than the last one delivered
are skipped, and of those of the same instant as many as were delivered. Memory does not grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# What tells a line from others: its time in nanoseconds, and its text.
_Print = tuple[int, int]


class ReplayFilter:
    """Lets through what a replayed log has beyond what was delivered before."""

    def __init__(self) -> None:
        self.delivered = 0
        self._first: _Print | None = None
        self._last: _Print | None = None
        self._newest_ns = 0
        # How many of the delivered lines carry the newest instant.
        self._at_newest = 0
        self._to_skip = 0
        self._seen_at_newest = 0
        self._by_time = False
        self._begun = False

    def restart(self) -> None:
        """A new connection: the log comes from its start again."""
        self._to_skip = self.delivered
        self._seen_at_newest = 0
        self._by_time = False
        self._begun = False

    def fresh(self, lines: Sequence[Any]) -> Sequence[Any]:
        """Those of the lines (LogLine messages) that were not delivered before."""
        if lines and not self._begun:
            self._begin(lines[0])
        index = self._skip(lines) if self._to_skip or self._by_time else 0
        new = lines[index:] if index else lines
        if new:
            self._deliver(new)
        return new

    def _begin(self, first: Any) -> None:
        self._begun = True
        if self._first is None:
            self._first = _print(first)
        elif self._to_skip and _print(first) != self._first:
            self._distrust_count()

    def _distrust_count(self) -> None:
        # Without times the count is all there is.
        if self._newest_ns:
            self._by_time = True
            self._to_skip = 0

    def _skip(self, lines: Sequence[Any]) -> int:
        for index, line in enumerate(lines):
            if not (self._skip_by_time(line) if self._by_time else self._skip_by_count(line)):
                return index
        return len(lines)

    def _skip_by_count(self, line: Any) -> bool:
        if self._to_skip == 0:
            return False
        at = _nanos(line)
        if at > self._newest_ns > 0:
            # Newer than all that was delivered: the replay has lost some of the old lines.
            self._to_skip = 0
            return False
        self._to_skip -= 1
        if self._to_skip == 0 and self._newest_ns and _print(line) != self._last:
            # Another log than the one that was delivered: go on by its times.
            self._by_time = True
            return self._skip_by_time(line)
        self._seen_at_newest += at == self._newest_ns
        return True

    def _skip_by_time(self, line: Any) -> bool:
        at = _nanos(line)
        if at < self._newest_ns:
            return True
        if at == self._newest_ns and self._seen_at_newest < self._at_newest:
            self._seen_at_newest += 1
            return True
        self._by_time = False
        return False

    def _deliver(self, lines: Sequence[Any]) -> None:
        self.delivered += len(lines)
        self._last = _print(lines[-1])
        for line in reversed(lines):
            at = _nanos(line)
            if at < self._newest_ns:
                break
            if at > self._newest_ns:
                self._newest_ns, self._at_newest = at, 0
            self._at_newest += 1


def _nanos(line: Any) -> int:
    at = line.timestamp
    return int(at.seconds) * 1_000_000_000 + int(at.nanos)


def _print(line: Any) -> _Print:
    return _nanos(line), hash(line.message)

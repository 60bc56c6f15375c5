"""How many of a group's members ran at which time, at a constant cost for each that starts or ends.

Time is cut into a fixed number of slices from the first start on; when it grows beyond them, each
two slices become one.
"""

from __future__ import annotations

SLICES = 64
FIRST_SLICE_MS = 50


class Density:
    """Counts starts and ends by slice; how many ran is what started and had not ended."""

    __slots__ = ("_ends", "_starts", "origin_ms", "slice_ms")

    def __init__(self) -> None:
        self.origin_ms: int | None = None
        self.slice_ms = FIRST_SLICE_MS
        self._starts: list[int] = [0] * SLICES
        self._ends: list[int] = [0] * SLICES

    def started(self, at_ms: int, by: int = 1) -> None:
        self._starts[self._slice(at_ms)] += by

    def ended(self, at_ms: int, by: int = 1) -> None:
        self._ends[self._slice(at_ms)] += by

    def levels(self, now_ms: int) -> list[int]:
        """The most that ran at once in each slice, up to the one of now."""
        if self.origin_ms is None:
            return []
        found, running = [], 0
        for started, ended in zip(self._starts, self._ends, strict=True):
            running += started
            found.append(running)
            running -= ended
        return found[: max(1, min(SLICES, (now_ms - self.origin_ms) // self.slice_ms + 1))]

    def _slice(self, at_ms: int) -> int:
        if self.origin_ms is None:
            self.origin_ms = at_ms
        while (at_ms - self.origin_ms) // self.slice_ms >= SLICES:
            self.slice_ms *= 2
            self._starts, self._ends = _halved(self._starts), _halved(self._ends)
        # What started before the first one that was told of counts with it.
        return max(0, (at_ms - self.origin_ms) // self.slice_ms)


def _halved(counts: list[int]) -> list[int]:
    pairs = [counts[n] + counts[n + 1] for n in range(0, SLICES, 2)]
    return pairs + [0] * (SLICES - len(pairs))

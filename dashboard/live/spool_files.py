"""How a spooled log lies on disk, and reading it by line number: files and numbers, nothing else.

A folder holds
- `text`: the log as it was written, each line with its line feed;
- `rows`: two 64-bit numbers per line: where it ends in `text`, and its mark;
- `levels`: a letter per line (`log_levels`), as far as somebody has asked for levels;
- `state.json`: which log this is, and whether it is complete;
- `lock`: held by whoever writes; its time is when the log was last in use.
A mark is the line's moment in microseconds since 1970 (0 for none), and its source in the low two
bits. The scanner's process reads these files too, so this module imports nothing of the server.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TEXT, ROWS, LEVELS, STATE, LOCK = "text", "rows", "levels", "state.json", "lock"
ROW_BYTES = 16
SOURCES = ("unknown", "user", "system")

READ_BYTES = 256 * 1024
"""One read for a page takes no more than this, or one line."""


@dataclass(frozen=True)
class Piece:
    """Some lines in a row. The last one's text may be cut short, its end is still the true one."""

    first: int
    text: bytes
    ends: array[int]
    """Of each line and its line feed, counted from the piece's own beginning."""
    marks: array[int]

    @property
    def last(self) -> int:
        return self.first + len(self.ends) - 1

    def bounds(self, index: int) -> tuple[int, int]:
        """Where a line's text begins and ends, without its line feed."""
        return (self.ends[index - 1] if index else 0), self.ends[index] - 1


LATEST = 253_402_300_799_999_999
"""The last moment that has a year of four digits."""


def mark_of(micros: int, source: int) -> int:
    """A platform may send any moment; what no calendar has is none."""
    return (micros << 2 | source) if 0 <= micros <= LATEST else source


def micros_of(mark: int) -> int:
    """The moment in microseconds; 0 for none."""
    return mark >> 2


def source_of(mark: int) -> str:
    return SOURCES[mark & 3] if mark & 3 < len(SOURCES) else SOURCES[0]


class SpoolFiles:
    """The two files that hold the lines, open for reading or for more."""

    def __init__(self, folder: Path, *, writable: bool = False) -> None:
        flags = os.O_CLOEXEC | (os.O_RDWR | os.O_CREAT if writable else os.O_RDONLY)
        self.text = os.open(folder / TEXT, flags, 0o600)
        try:
            self.rows = os.open(folder / ROWS, flags, 0o600)
        except OSError:
            os.close(self.text)
            raise

    def close(self) -> None:
        os.close(self.text)
        os.close(self.rows)

    def __enter__(self) -> SpoolFiles:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def count(self) -> int:
        """How many lines are there whole."""
        rows = os.fstat(self.rows).st_size // ROW_BYTES
        size = os.fstat(self.text).st_size
        while rows and self.end(rows) > size:
            rows -= 1
        return rows

    def end(self, number: int) -> int:
        """Where line `number` ends in the text; 0 for the line before the first."""
        if number < 1:
            return 0
        found = array("Q")
        found.frombytes(os.pread(self.rows, 8, (number - 1) * ROW_BYTES))
        return found[0]

    def mark(self, number: int) -> int:
        found = array("Q")
        found.frombytes(os.pread(self.rows, 8, (number - 1) * ROW_BYTES + 8))
        return found[0]

    def piece(
        self, first: int, last: int, most: int = READ_BYTES, longest: int = 0
    ) -> Piece | None:
        """Lines from `first` on, to `last` or as many as `most` bytes hold, yet at least one.

        Of one that is longer still, the first `longest` bytes are read (0: as many as `most`).
        None when there is no such line.
        """
        found = array("Q")
        found.frombytes(
            os.pread(self.rows, max(0, last - first + 1) * ROW_BYTES, (first - 1) * ROW_BYTES)
        )
        if not found:
            return None
        start = self.end(first - 1)
        ends, marks = array("Q", [end - start for end in found[::2]]), found[1::2]
        whole = max(1, bisect_right(ends, most))
        del ends[whole:], marks[whole:]
        text = os.pread(self.text, min(ends[-1], max(most, longest)), start)
        if len(text) < min(ends[-1], max(most, longest)):
            return None  # the file was cut under us
        return Piece(first, text, ends, marks)

    def pieces(self, first: int, last: int, most: int, longest: int = 0) -> Iterator[Piece]:
        """All lines from `first` to `last`, piece by piece."""
        most_lines = max(1, most // 32)  # a log of empty lines has rows to be read as well
        while first <= last:
            piece = self.piece(first, min(last, first + most_lines - 1), most, longest)
            if piece is None:
                return
            yield piece
            first = piece.last + 1

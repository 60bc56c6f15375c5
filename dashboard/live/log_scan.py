"""Finding lines in a spooled log: by text or pattern, level and source. Runs in the scanner.

Everything here is linear in the log's length whatever the pattern (RE2), and works on pieces of
bytes, so that a million lines are looked through in a second.
"""

from __future__ import annotations

import fcntl
import os
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import re2

from dashboard.live import log_levels
from dashboard.live.spool_files import LEVELS, SOURCES, Piece, SpoolFiles

PIECE_BYTES = 1 << 20
LONGEST_LINE = 64 << 20
"""More of a single line is not looked at."""

BUCKETS = 200
"""Parts of the log that the histogram counts in."""

TELL_S = 0.05
"""Findings that come closer together than this travel together."""

Finder = Callable[[bytes, "array[int]"], Iterator[int]]
"""Gives the indexes of the lines of a piece in which something was found, ascending."""


@dataclass(frozen=True)
class Ask:
    """What is looked for. Text and filters narrow each other; an empty one does not narrow."""

    text: str = ""
    is_pattern: bool = False
    is_case_sensitive: bool = False
    levels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    first: int = 1
    last: int = 0
    seconds: float = 10.0
    """How long may be looked."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def check(ask: Ask) -> str:
    """What is wrong with the pattern, in RE2's words; "" when it can be looked for."""
    if not (ask.text and ask.is_pattern):
        return ""
    try:
        _compiled(ask)
    except re2.error as error:
        said = error.args[0] if error.args else "it can't be read"
        return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return ""


def scan(folder: Path, ask: Ask) -> Iterator[dict[str, Any]]:
    """Findings in order, then a summary.

    A finding is `{"at": last line looked at, "found": [...]}`, each number as its distance from the
    one before (the first from `ask.first - 1`). The summary has `done`, `count`, `at`, `histogram`
    over lines 1 to `ask.last`, and `is_late` when the time was up.
    """
    until = time.monotonic() + ask.seconds
    all_found: array[int] = array("L")
    waiting: list[int] = []
    said, at, previous, is_late = time.monotonic(), ask.first - 1, ask.first - 1, False
    find = _finder(ask)
    with SpoolFiles(folder) as files, _Levels(folder, files, wanted=bool(ask.levels)) as levels:
        for piece in files.pieces(ask.first, ask.last, PIECE_BYTES, LONGEST_LINE):
            at = piece.last
            for index in _passing(piece, find, ask, levels):
                number = piece.first + index
                waiting.append(number - previous)
                all_found.append(number)
                previous = number
            now = time.monotonic()
            if now - said > TELL_S:
                yield {"at": at, "found": waiting}
                waiting, said = [], now
            if now > until:
                is_late = True
                break
    yield {
        **{"at": at, "found": waiting, "done": True, "count": len(all_found), "is_late": is_late},
        "histogram": _histogram(all_found, ask.last),
    }


def _passing(piece: Piece, find: Finder | None, ask: Ask, levels: _Levels) -> Iterator[int]:
    text, ends = log_levels.as_seen(piece.text, piece.ends)
    found = find(text, ends) if find else iter(range(len(ends)))
    if ask.levels:
        letters = levels.of(piece, text, ends)
        wanted = {log_levels.LEVELS[name] for name in ask.levels}
        found = (index for index in found if letters[index] in wanted)
    if ask.sources:
        numbers = {number for number, name in enumerate(SOURCES) if name in ask.sources}
        marks = piece.marks
        found = (index for index in found if marks[index] & 3 in numbers)
    return found


# --- text -----------------------------------------------------------------------------------------


def _finder(ask: Ask) -> Finder | None:
    if not ask.text:
        return None
    if not ask.is_pattern and (ask.is_case_sensitive or ask.text.isascii()):
        return _plain_finder(ask.text.encode("utf-8", "replace"), ask.is_case_sensitive)
    return _pattern_finder(_compiled(ask))


def _compiled(ask: Ask) -> Callable[[bytes, int], tuple[int, int]]:
    text = f"(?m){ask.text}" if ask.is_pattern else re2.escape(ask.text)
    return log_levels.searcher(text, log_levels.options(case_sensitive=ask.is_case_sensitive))


def _plain_finder(needle: bytes, is_case_sensitive: bool) -> Finder:
    needle = needle if is_case_sensitive else needle.lower()

    def find(text: bytes, ends: array[int]) -> Iterator[int]:
        text = text if is_case_sensitive else text.lower()
        place = text.find(needle)
        line = 0
        while place >= 0:
            line = bisect_right(ends, place, line)
            if line >= len(ends):
                return
            if place + len(needle) < ends[line]:  # not over the line's end
                yield line
            place = text.find(needle, ends[line])

    return find


def _pattern_finder(search: Callable[[bytes, int], tuple[int, int]]) -> Finder:
    def find(text: bytes, ends: array[int]) -> Iterator[int]:
        line, start = 0, 0
        while line < len(ends):
            place, _ = search(text, start)
            line = bisect_right(ends, place, line) if place >= 0 else len(ends)
            if line < len(ends):
                yield line
                start, line = ends[line], line + 1

    return find


# --- levels ---------------------------------------------------------------------------------------


class _Levels:
    """The letters of the log's lines, found once and kept in the folder."""

    def __init__(self, folder: Path, files: SpoolFiles, *, wanted: bool) -> None:
        self._files = files
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._file = os.open(folder / LEVELS, flags, 0o600) if wanted else -1

    def __enter__(self) -> _Levels:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file >= 0:
            os.close(self._file)

    def of(self, piece: Piece, text: bytes, ends: array[int]) -> bytes:
        """The letters of a piece, of which the caller has the text as it is seen."""
        known = os.pread(self._file, len(ends), piece.first - 1)
        if len(known) == len(ends):
            return known
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._reach(piece.first - 1)
            letters = bytes(log_levels.levels_in(text, ends, self._before(piece.first)))
            os.pwrite(self._file, letters, piece.first - 1)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        return letters

    def _before(self, number: int) -> int:
        above = os.pread(self._file, 1, number - 2) if number > 1 else b""
        return above[0] if above else log_levels.NONE

    def _reach(self, last: int) -> None:
        """Find what is missing up to a line, for a scan that began further down."""
        known = os.fstat(self._file).st_size
        for piece in self._files.pieces(known + 1, last, PIECE_BYTES, LONGEST_LINE):
            seen = log_levels.as_seen(piece.text, piece.ends)
            letters = log_levels.levels_in(*seen, self._before(piece.first))
            os.pwrite(self._file, bytes(letters), piece.first - 1)


def _histogram(found: array[int], last: int) -> list[int]:
    """How many were found in each part of lines 1 to `last`."""
    parts = min(BUCKETS, max(last, 1))
    edges = [bisect_left(found, last * part // parts + 1) for part in range(parts + 1)]
    return [after - before for before, after in pairwise(edges)]

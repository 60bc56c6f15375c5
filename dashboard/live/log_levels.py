"""Which level each line of a log has: the first word in it that names one decides.

A line that names none and begins with a blank goes on with the one above it, as the lines of a
traceback do. Lines are looked at as they are seen: without the escape sequences of a terminal.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import re2

NONE, DEBUG, INFO, WARN, ERROR = b".diwe"
LEVELS = {"error": ERROR, "warn": WARN, "info": INFO, "debug": DEBUG}
NAMES = {letter: name for name, letter in LEVELS.items()}

LOOK_BACK = 32
"""Lines above a window that are read too, for a line that goes on with an earlier one."""

# Upper case anywhere; lower case only where a level stands by custom. Linear in the text's length.
_WORDS = "CRITICAL|FATAL|SEVERE|PANIC|ERROR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE"
_NAMED = "critical|fatal|severe|panic|error|err|warning|warn|notice|info|debug|trace"
_PATTERN = (
    rf"\b(?:{_WORDS})\b"
    rf"""|\b(?:level|lvl|severity|levelname)["']?\s*[=:]\s*["']?(?:{_NAMED})\b"""
    rf"|\[\s*(?:{_NAMED})\s*\]"
    rf"|^(?:{_NAMED})(?:\[[^\]\n]*\])?:"
    r"|^[EWIDF]\d{4} \d\d:\d\d"
    r"|^Traceback \(most recent call last"
    r"|^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)(?::|$)"
    r"|\b[A-Z]\w*Warning:"
)
_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[PX^_][^\x1b\n]*(?:\x1b\\)?"
    rb"|[ -/]*[0-~])"
)


def options(*, case_sensitive: bool = True) -> re2.Options:
    """No match may reach over a line's end."""
    chosen = re2.Options()
    chosen.never_nl = True
    chosen.never_capture = True
    chosen.log_errors = False
    chosen.case_sensitive = case_sensitive
    chosen.max_mem = 16 << 20
    return chosen


def searcher(pattern: str, chosen: re2.Options) -> Callable[[bytes, int], tuple[int, int]]:
    """Where the pattern is found from a place on: start and end, or (-1, -1).

    The wrapper's own `search` makes an object of each match, which costs twice the search itself.
    """
    compiled: Any = re2.compile(pattern, chosen)._regexp
    unanchored = re2._Anchor.UNANCHORED

    def search(text: bytes, start: int) -> tuple[int, int]:
        found: tuple[int, int] = compiled.Match(unanchored, text, start, len(text))[0]
        return found

    return search


_search = searcher(f"(?m){_PATTERN}", options())
_known: dict[bytes, int] = {}
_MOST_KNOWN = 4096


def as_seen(text: bytes, ends: array[int]) -> tuple[bytes, array[int]]:
    """The text without escape sequences, and where its lines end then."""
    if b"\x1b" not in text:
        return text, ends
    starts = [0, *ends[:-1]]
    lines = [_ESCAPE.sub(b"", text[start:end]) for start, end in zip(starts, ends, strict=True)]
    return b"".join(lines), array("Q", accumulate(map(len, lines)))


def levels_in(text: bytes, ends: array[int], before: int = NONE) -> bytearray:
    """A letter per line of a text as seen; `before` is that of the line above the first."""
    found = bytearray([NONE]) * len(ends)
    start, end = _search(text, 0)
    while start >= 0 and (line := bisect_right(ends, start)) < len(ends):
        found[line] = _letter(text[start:end])
        start, end = _search(text, ends[line])
    _carry_on(found, text, ends, before)
    return found


def _carry_on(found: bytearray, text: bytes, ends: array[int], before: int) -> None:
    line = found.find(NONE)
    while line >= 0:
        start = ends[line - 1] if line else 0
        if text[start : start + 1] in (b" ", b"\t"):
            found[line] = found[line - 1] if line else before
        line = found.find(NONE, line + 1)


def _letter(said: bytes) -> int:
    letter = _known.get(said)
    if letter is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        letter = _known[said] = _letter_of(said.lower())
    return letter


def _letter_of(said: bytes) -> int:
    if said[1:5].isdigit():
        return {b"e": ERROR, b"f": ERROR, b"w": WARN, b"d": DEBUG}.get(said[:1], INFO)
    if b"warn" in said:
        return WARN
    if re.search(rb"err|crit|fatal|severe|panic|exception|traceback", said):
        return ERROR
    return DEBUG if b"debug" in said or b"trace" in said else INFO

"""The difference of two texts by lines, of bounded size and with what is the same left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from dashboard.compare.pages import Diff, DiffLine

MOST_LINES = 2_000
"""Lines of each text that are compared: the effort grows with the square of them."""
MOST_SHOWN = 600
CONTEXT = 3
MOST_CHARS = 500


def diff_of(
    title: str, names: tuple[str, str], old: Sequence[str], new: Sequence[str], note: str = ""
) -> Diff:
    """Old against new; blocks, so it belongs into a thread."""
    cut = max(len(old), len(new)) > MOST_LINES
    old, new = old[:MOST_LINES], new[:MOST_LINES]
    lines = list(_lines(old, new))
    notes = [note] if note else []
    if not any(line.kind in ("gone", "new") for line in lines):
        lines = []
        notes.append("They are the same." if old or new else "Both are empty.")
    if cut:
        notes.append(f"Only the first {MOST_LINES:,} lines of each are compared.")
    if len(lines) > MOST_SHOWN:
        notes.append(f"{len(lines) - MOST_SHOWN:,} more lines differ or surround what differs.")
    return Diff(title, *names, tuple(lines[:MOST_SHOWN]), " ".join(notes))


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    matcher = SequenceMatcher(None, old, new, autojunk=True)
    at_old = at_new = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        first = group[0]
        if first[1] > at_old or first[3] > at_new:
            yield _skip(max(first[1] - at_old, first[3] - at_new))
        for tag, i1, i2, j1, j2 in group:
            yield from _block(tag, old[i1:i2], new[j1:j2], i1, j1)
        at_old, at_new = group[-1][2], group[-1][4]
    if at_old < len(old) or at_new < len(new):
        yield _skip(max(len(old) - at_old, len(new) - at_new))


def _block(
    tag: str, old: Sequence[str], new: Sequence[str], i1: int, j1: int
) -> Iterator[DiffLine]:
    if tag == "equal":
        for offset, text in enumerate(old):
            yield DiffLine("same", i1 + offset + 1, j1 + offset + 1, _cut(text))
        return
    for offset, text in enumerate(old):
        yield DiffLine("gone", i1 + offset + 1, None, _cut(text))
    for offset, text in enumerate(new):
        yield DiffLine("new", None, j1 + offset + 1, _cut(text))


def _skip(count: int) -> DiffLine:
    return DiffLine("skip", None, None, f"{count:,} line{'' if count == 1 else 's'} the same")


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}…"

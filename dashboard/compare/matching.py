"""Puts what belongs together of several runs into rows: facts, values, and actions by path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dashboard import links
from dashboard.compare.pages import ActionRow, Bar, Row
from dashboard.pages import Scope
from dashboard.phases import style_of
from dashboard.templatetags.board import in_words
from dashboard.tree_nodes import Facts

MOST_ROWS = 200
MOST_CELL_CHARS = 2_000
STEP_ACTIONS = 1_000
CHANGE_FROM = 5
"""Percent; a smaller change of a duration is noise."""


def value_rows(sides: Sequence[Sequence[Any]]) -> tuple[Row, ...]:
    """Typed values of each run by name, what differs first."""
    names = dict.fromkeys(value.name for side in sides for value in side)
    by_name = [{value.name: value for value in side} for side in sides]
    rows = [_value_row(name, [side.get(name) for side in by_name]) for name in names]
    return tuple(sorted(rows, key=lambda row: not row.is_different))


def _value_row(name: str, values: list[Any]) -> Row:
    types = dict.fromkeys(value.type_name for value in values if value is not None)
    texts = [None if value is None else value.text for value in values]
    return Row(name, " or ".join(types), tuple(map(_cut, texts)), _differ(texts))


def fact_rows(facts: Iterable[tuple[str, Sequence[str]]]) -> tuple[Row, ...]:
    """Facts that some run has; the same for all are kept, and marked as such."""
    return tuple(
        Row(label, "", tuple(map(_cut, texts)), _differ(texts))
        for label, texts in facts
        if any(texts)
    )


def _differ(texts: Sequence[str | None]) -> bool:
    return len(set(texts)) > 1


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= MOST_CELL_CHARS:
        return text
    return f"{text[:MOST_CELL_CHARS]}…"


# --- actions ------------------------------------------------------------------------------------


@dataclass
class Pack:
    """The actions of one path in one run."""

    count: int = 0
    ms: int = 0
    speaker: Facts | None = None
    """Stands for all of them: one that failed, else the one that took longest."""
    speaker_ms: int = -1

    def take(self, facts: Facts, now: datetime) -> None:
        ms = _ms(facts, now)
        self.count += 1
        self.ms += ms
        rank = ms + (10**12 if facts.phase.is_terminal and not facts.phase.is_success else 0)
        if rank > self.speaker_ms:
            self.speaker, self.speaker_ms = facts, rank


def packs_of(tree: Any, now: datetime | None = None) -> dict[str, Pack]:
    """A run's actions by path, such as `main/fit`, in the order in which they are met."""
    packs: dict[str, Pack] = {}
    for _ in packing(tree, packs, now or datetime.now(UTC)):
        continue
    return packs


def packing(tree: Any, packs: dict[str, Pack], now: datetime) -> Iterator[None]:
    """Fills `packs` step by step: between two steps others may have the loop."""
    root = tree.root
    waiting: list[tuple[str, Facts]] = [(root.label, root)] if root else []
    taken = 0
    while waiting:
        path, facts = waiting.pop()
        packs.setdefault(path, Pack()).take(facts, now)
        below = [(f"{path}/{child.label}", child) for child in tree.children(facts.name)]
        waiting += reversed(below)
        taken += 1
        if taken % STEP_ACTIONS == 0:
            yield


def _ms(facts: Facts, now: datetime) -> int:
    if facts.start_time is None:
        return 0
    return max(0, int(((facts.end_time or now) - facts.start_time).total_seconds() * 1000))


def action_rows(
    scope: Scope, runs: Sequence[str], packs: Sequence[dict[str, Pack]], log_url: Any
) -> tuple[tuple[ActionRow, ...], int]:
    """A row for each path, and how many more there are. Roots count as the same path."""
    aligned = [_from_root(each) for each in packs]
    paths = list(dict.fromkeys(path for each in aligned for path in each))
    longest = max((pack.ms for each in aligned for pack in each.values()), default=0) or 1
    rows = []
    for path in sorted(paths, key=lambda p: paths.index(p))[:MOST_ROWS]:
        found = [each.get(path) for each in aligned]
        there = [pack for pack in found if pack is not None]
        rows.append(
            ActionRow(
                path=path,
                label=_label(path, there),
                depth=path.count("/"),
                bars=_bars(scope, runs, found, longest),
                log_url=log_url(path) if len(there) > 1 else "",
                is_missing=len(there) < len(found),
            )
        )
    return tuple(rows), max(0, len(paths) - MOST_ROWS)


def _from_root(packs: dict[str, Pack]) -> dict[str, Pack]:
    """Paths without the root's own name, so that runs of two tasks can be held side by side."""
    return {path.partition("/")[2]: pack for path, pack in packs.items()}


def _label(path: str, there: Sequence[Pack]) -> str:
    if path:
        return path.rpartition("/")[2]
    labels = dict.fromkeys(pack.speaker.label for pack in there if pack.speaker)
    return " / ".join(labels)


def _bars(
    scope: Scope, runs: Sequence[str], found: Sequence[Pack | None], longest: int
) -> tuple[Bar | None, ...]:
    base = found[0].ms if found and found[0] else 0
    bars: list[Bar | None] = []
    for number, (run, pack) in enumerate(zip(runs, found, strict=True)):
        if pack is None or pack.speaker is None:
            bars.append(None)
            continue
        bars.append(
            Bar(
                count=pack.count,
                ms=pack.ms,
                words=in_words(pack.ms / 1000),
                percent=round(100 * pack.ms / longest, 2),
                change=_change(base, pack.ms) if number and base else "",
                phase=style_of(pack.speaker.phase.value),
                url=links.action_url(scope, run, pack.speaker.name),
            )
        )
    return tuple(bars)


def _change(base: int, ms: int) -> str:
    percent = round(100 * (ms - base) / base)
    if abs(percent) < CHANGE_FROM:
        return ""
    if percent > 900:
        return f"×{ms / base:.0f}"
    return f"{'+' if percent > 0 else '−'}{abs(percent)} %"

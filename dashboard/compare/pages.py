"""What the comparison's template may use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.pages import Scope
from dashboard.phases import PhaseStyle


@dataclass(frozen=True)
class Column:
    """One of the runs, as the head of its column."""

    name: str
    url: str
    phase: PhaseStyle
    started_at: datetime | None
    ended_at: datetime | None
    error: str
    error_url: str
    remove_url: str
    base_url: str
    """Puts this run first, which the others are held against; empty for the first."""


@dataclass(frozen=True)
class Row:
    """One fact, input or output, with a text for each run; None where a run has none."""

    label: str
    type_name: str
    cells: tuple[str | None, ...]
    is_different: bool


@dataclass(frozen=True)
class Bar:
    """How long the actions of one path took in one run."""

    count: int
    ms: int
    words: str
    percent: float
    """Of the longest bar of all."""
    change: str
    """Against the first run, such as `+40 %`; empty where there is nothing to say."""
    phase: PhaseStyle
    url: str
    """Opens the action that stands for all of them: one that failed, else the longest."""


@dataclass(frozen=True)
class ActionRow:
    """Actions of the same name at the same place of each run's tree."""

    path: str
    label: str
    depth: int
    bars: tuple[Bar | None, ...]
    log_url: str
    """Shows the difference of their logs; empty when only one run has them."""
    is_missing: bool
    """Some run has none of them."""


@dataclass(frozen=True)
class DiffLine:
    kind: str
    """`same`, `gone` (only in the first), `new` (only in the other) or `skip`."""
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True)
class Diff:
    """Lines of two texts held against each other."""

    title: str
    old_name: str
    new_name: str
    lines: tuple[DiffLine, ...]
    note: str = ""
    """What was left out, or that the two are the same."""


@dataclass(frozen=True)
class Suggestion:
    """Another run that can be added."""

    name: str
    url: str
    phase: PhaseStyle
    started_at: datetime | None
    task_name: str


@dataclass(frozen=True)
class ComparePage:
    scope: Scope
    columns: tuple[Column, ...]
    facts: tuple[Row, ...]
    inputs: tuple[Row, ...]
    outputs: tuple[Row, ...]
    actions: tuple[ActionRow, ...]
    more_actions: int
    specs: tuple[Diff, ...]
    logs: tuple[Diff, ...]
    log_path: str
    suggestions: tuple[Suggestion, ...]
    notes: tuple[str, ...]
    read_at: datetime
    is_live: bool
    """Some run goes on: what is shown is as of `read_at`."""
    can_add: bool

    @property
    def has_error(self) -> bool:
        return any(column.error for column in self.columns)

"""What a run's action tree is made of: nodes, and the families below them.

Kept small, for a run may have fifty thousand: a node remembers what the pages show of its action
and not the action, and only a node with children has a family.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashboard.phases import style_of
from remote_client import Action, ActionPhase

if TYPE_CHECKING:
    from dashboard.densities import Density

ROOT = "a0"
"""The platform's name for the action that a run consists of at first."""

NEVER = 1e15
"""Sorts what has not started after everything that has."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the pages show of an action; equal facts mean that there is nothing new to draw."""

    name: str
    parent_name: str
    group: str
    label: str
    kind: str
    phase: ActionPhase
    raw_phase: int
    start_time: datetime | None
    end_time: datetime | None
    attempts: int
    is_cached: bool
    task_name: str = ""
    """The full name of its task."""

    @classmethod
    def of(cls, action: Action) -> Facts:
        phase = action.phase
        return cls(
            name=action.name,
            parent_name=action.parent_name,
            group=action.group,
            label=action.short_name or action.name,
            kind="action" if action.kind == "task" else action.kind,
            phase=phase,
            raw_phase=action.raw_phase,
            start_time=action.start_time,
            end_time=action.end_time if phase.is_terminal else None,
            attempts=action.attempts,
            is_cached=action.cache_status.lower().endswith("hit"),
            task_name=action.task_name or "",
        )


class Namesakes:
    """The siblings of one name: how many there are, and the fan-out that they were put into."""

    __slots__ = ("count", "fanout", "first")

    def __init__(self) -> None:
        self.first: Node | None = None
        self.count = 0
        self.fanout: Node | None = None


class Family:
    """What stands below a node, in order, with counts by phase kept up to date."""

    __slots__ = ("counts", "density", "is_auto", "latest_end", "members", "named", "version")

    def __init__(self) -> None:
        self.members: list[Node] = []
        self.counts: Counter[str] = Counter()
        """By phase: an action's descendants, a group's or fan-out's members."""
        self.named: dict[str, Namesakes] = {}
        self.latest_end: datetime | None = None
        self.density: Density | None = None
        """When how many members ran; of groups and fan-outs only."""
        self.is_auto = False
        """Open unless the reader shuts it."""
        self.version = 0
        """Counts the changes of who is in it and in which order."""

    def add(self, node: Node) -> None:
        insort(self.members, node, key=rank_of)
        self.version += 1

    def remove(self, node: Node) -> None:
        at = bisect_left(self.members, node.rank, key=rank_of)
        del self.members[at]
        self.version += 1

    @property
    def unfinished(self) -> int:
        """How many of those counted have not ended."""
        return sum(n for key, n in self.counts.items() if not style_of(key).is_terminal)


class Node:
    """An action, a `flyte.group`, or a fan-out: many siblings of one name under one line."""

    __slots__ = (
        "depth",
        "facts",
        "family",
        "is_critical",
        "key",
        "kind",
        "name",
        "namesakes",
        "number",
        "parent",
        "rank",
        "start_time",
        "version",
    )

    def __init__(self, key: str, parent: Node | None, kind: str, name: str) -> None:
        self.key = key
        self.parent = parent
        self.kind = kind
        """`action`, `trace`, `condition`, `group` or `fanout`."""
        self.name = name
        """What it is called, without its number."""
        self.depth: int = parent.depth + 1 if parent else 0
        self.facts: Facts | None = None
        self.family: Family | None = None
        self.namesakes: Namesakes | None = None
        self.number = 0
        """Its place among its namesakes, from 0, given once and never changed."""
        self.start_time: datetime | None = None
        self.rank: tuple[float, int, str] = (NEVER, 0, key)
        self.version = 0
        """Of the board: when its line last changed."""
        self.is_critical = False

    @property
    def label(self) -> str:
        """Its name, with its number when there are several of that name."""
        namesakes = self.namesakes
        return (
            self.name if namesakes is None or namesakes.count < 2 else f"{self.name}[{self.number}]"
        )

    @property
    def is_gathering(self) -> bool:
        """Whether it stands for others and is no action itself."""
        return self.kind in ("group", "fanout")

    @property
    def end_time(self) -> datetime | None:
        if self.facts is not None:
            return self.facts.end_time
        family = self.family
        return family.latest_end if family is not None and not family.unfinished else None

    @property
    def order(self) -> str:
        """Sorts it among its siblings, as text; as `rank` does."""
        return f"{_moment(self.start_time)} {self.number:06d} {self.key}"

    @property
    def members(self) -> list[Node]:
        return self.family.members if self.family is not None else []

    def founded(self) -> Family:
        """Its family, a new one when it had none."""
        if self.family is None:
            self.family = Family()
        return self.family

    def ranked(self) -> tuple[float, int, str]:
        """The rank that its start and number give it now."""
        start = self.start_time.timestamp() if self.start_time else NEVER
        return (start, self.number, self.key)


def rank_of(node: Node) -> tuple[float, int, str]:
    return node.rank


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") if at else "9999"

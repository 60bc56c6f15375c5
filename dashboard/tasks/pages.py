"""What the templates of tasks may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dashboard.pages import Head, Scope
from dashboard.phases import PhaseStyle


@dataclass(frozen=True)
class Mark:
    """One run in a strip of last runs."""

    run: str
    url: str
    phase: PhaseStyle
    started_at: datetime | None = None


@dataclass(frozen=True)
class TaskStats:
    """How a task's last runs went."""

    marks: tuple[Mark, ...] = ()
    """Oldest first, as time runs from left to right."""
    success: int | None = None
    """Per cent of those that ended by themselves; None when none has."""
    median: str = ""

    @property
    def last(self) -> Mark | None:
        return self.marks[-1] if self.marks else None

    @property
    def is_poor(self) -> bool:
        return self.success is not None and self.success < 80


@dataclass(frozen=True)
class TaskRow:
    name: str
    url: str
    environment: str
    description: str
    version: str
    version_url: str
    deployed_at: datetime | None
    deployed_by: str
    launch_url: str
    runs_url: str
    stats: TaskStats
    triggers: tuple[tuple[str, str, bool], ...] = ()
    """(name, link, whether it is on)."""


@dataclass(frozen=True)
class TasksPage:
    scope: Scope
    tasks: tuple[TaskRow, ...]
    heads: tuple[Head, ...]
    text: str
    environment: str
    by: str
    sort: str
    next_url: str
    first_url: str
    cursor: str
    endpoint: str
    stats_note: str = ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.environment or self.by)


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    is_code: bool = False
    is_changed: bool = False
    before: str = ""
    """What the version that it is compared with says."""


@dataclass(frozen=True)
class Facts:
    """A section of what a version says."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class InterfaceRow:
    """An input or output; in a comparison `change` is added, removed, changed or empty."""

    name: str
    type_name: str
    is_required: bool
    default: str
    description: str
    change: str = ""
    before: str = ""


@dataclass(frozen=True)
class VersionRow:
    version: str
    url: str
    deployed_at: datetime | None
    deployed_by: str
    is_shown: bool
    is_newest: bool
    against_url: str
    is_against: bool


@dataclass(frozen=True)
class DiffLine:
    kind: str
    """`same`, `added`, `removed` or `gap`."""
    text: str


@dataclass(frozen=True)
class RunLine:
    name: str
    url: str
    phase: PhaseStyle
    started_at: datetime | None
    ended_at: datetime | None
    owner: str
    version: str


@dataclass(frozen=True)
class TaskPage:
    scope: Scope
    name: str
    version: str
    is_newest: bool
    url: str
    description: tuple[str, ...]
    """Paragraphs."""
    source_url: str
    """Only of http and https."""
    deployed_at: datetime | None
    deployed_by: str
    inputs: tuple[InterfaceRow, ...]
    outputs: tuple[InterfaceRow, ...]
    sections: tuple[Facts, ...]
    spec: str
    versions: tuple[VersionRow, ...]
    older_versions_url: str
    newest_versions_url: str
    against: str
    diff: tuple[DiffLine, ...]
    plain_url: str
    launch_url: str
    runs_url: str
    runs: tuple[RunLine, ...]
    stats: TaskStats
    triggers: tuple[tuple[str, str, bool, str], ...]
    """(name, link, whether it is on, when it fires)."""
    cli: str
    python: str
    cursor: str
    note: str = ""
    env_vars: tuple[tuple[str, str], ...] = field(default=())

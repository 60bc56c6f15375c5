"""What the triggers' templates may use."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard.pages import Scope
from dashboard.phases import PhaseStyle


@dataclass(frozen=True)
class LastRun:
    name: str
    url: str
    phase: PhaseStyle
    started_at: datetime | None


@dataclass(frozen=True)
class TriggerRow:
    """One line of the list; live key: `<task>/<name>`."""

    key: str
    name: str
    url: str
    task_name: str
    task_url: str
    is_active: bool
    automation: str
    """`schedule`, `artifact` or `none`."""
    words: str
    """The schedule in words."""
    cron: str
    """The expression, or empty for anything else."""
    zone: str
    next_at: datetime | None
    """None for a trigger that is off, or whose next time nobody can tell."""
    last: LastRun | None
    last_at: datetime | None
    """When it fired last, as the platform tells."""
    updated_at: datetime | None
    updated_by: str
    revision: int

    @property
    def next_in_zone(self) -> str:
        """The next time by the trigger's own clock; empty where that is UTC."""
        return in_zone(self.next_at, self.zone)


@dataclass(frozen=True)
class Choice:
    """A filter or an order that the page offers, as a link."""

    label: str
    url: str
    is_chosen: bool = False
    mark: str = ""
    """For an order: `ascending` or `descending`, when it is the one."""


@dataclass(frozen=True)
class SwitchResult:
    """What became of one trigger of those that were to be switched."""

    key: str
    outcome: str
    """`done`, `already` or `failed`."""
    says: str


@dataclass(frozen=True)
class SwitchReport:
    results: tuple[SwitchResult, ...]
    active: bool

    @property
    def done(self) -> tuple[SwitchResult, ...]:
        return tuple(each for each in self.results if each.outcome == "done")

    @property
    def failed(self) -> tuple[SwitchResult, ...]:
        return tuple(each for each in self.results if each.outcome == "failed")


@dataclass(frozen=True)
class TriggersPage:
    scope: Scope
    triggers: tuple[TriggerRow, ...]
    total: int
    hidden: tuple[str, ...]
    """Keys of the rows that the filters hide."""
    search: str
    filters: tuple[Choice, ...]
    sorts: dict[str, Choice]
    hidden_fields: tuple[tuple[str, str], ...]
    """What a search keeps of the address."""
    cursor: str
    is_filtered: bool
    report: SwitchReport | None = None
    task: str = ""

    @property
    def hidden_json(self) -> str:
        """For the page's script: rows that it need not announce as new."""
        return json.dumps(self.hidden)


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    url: str = ""
    is_code: bool = False


@dataclass(frozen=True)
class RevisionRow:
    revision: int
    words: str
    at: datetime | None
    by: str
    url: str
    is_shown: bool = False


@dataclass(frozen=True)
class Difference:
    """One line of the differences between two revisions."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class TriggerPage:
    scope: Scope
    trigger: TriggerRow
    description: str
    facts: tuple[Fact, ...]
    inputs: tuple[tuple[str, str], ...]
    env_vars: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]
    next_times: tuple[tuple[datetime, str], ...]
    """Each with the trigger's own clock beside it."""
    runs: tuple[LastRun, ...]
    all_runs_url: str
    history: tuple[RevisionRow, ...]
    differences: tuple[Difference, ...]
    compared: str
    """Which revisions the differences are between; empty for none."""
    json: str
    tab: str
    warning: str = ""


@dataclass(frozen=True)
class TriggerFormPage:
    """The form to create or edit one; `values` are what its fields hold."""

    scope: Scope
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    is_new: bool = True
    tasks: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str, bool], ...] = ()
    """(name, type, is required) of the chosen task."""
    time_inputs: tuple[str, ...] = ()
    preview: Preview | None = None
    cancel_url: str = ""
    has_stored_inputs: bool = False
    conflict: str = ""


@dataclass(frozen=True)
class Preview:
    """When a schedule would fire."""

    words: str = ""
    times: tuple[tuple[datetime, str], ...] = ()
    error: str = ""


def in_zone(at: datetime | None, zone: str) -> str:
    """A moment by the clock of a zone, `Tue 5 May 02:00 Europe/Berlin`; empty for UTC."""
    if at is None or zone in ("", "UTC", "Etc/UTC"):
        return ""
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        return ""
    return f"{local:%a} {local.day} {local:%b %H:%M} {zone}"

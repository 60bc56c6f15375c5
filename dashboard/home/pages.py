"""What the home page may use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.pages import RunRow, Scope


@dataclass(frozen=True)
class RunsSection:
    """Runs of several projects in one table."""

    rows: tuple[RunRow, ...] = ()
    note: str = ""
    """What the list can't tell."""
    live_args: str = "[]"
    """JSON: the args of one live topic `runs` for each project and domain in sight."""
    has_more: bool = False


@dataclass(frozen=True)
class FailureGroup:
    """Failures of the last day that say the same."""

    headline: str
    """The newest one's error line; empty when the platform told none."""
    count: int
    first_at: datetime | None
    last_at: datetime | None
    tasks: tuple[str, ...]
    where: tuple[str, ...]
    newest_url: str
    newest_run: str


@dataclass(frozen=True)
class FailuresSection:
    groups: tuple[FailureGroup, ...] = ()
    total: int = 0
    note: str = ""


@dataclass(frozen=True)
class Waiting:
    """A condition that waits for an answer."""

    prompt: str
    task: str
    run: str
    url: str
    """Where it is answered."""
    where: str
    since: datetime | None
    may_answer: bool


@dataclass(frozen=True)
class WaitingSection:
    conditions: tuple[Waiting, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class HomePage:
    person: str
    mine: RunsSection
    running: RunsSection
    failures: FailuresSection
    waiting: WaitingSection
    places: tuple[Scope, ...]
    """Where the reader was last, newest first."""
    first_scope: Scope | None
    """Where a newcomer's first run goes."""
    endpoint: str

    @property
    def is_new(self) -> bool:
        """There is nothing to show yet, and nothing that hides it."""
        sections = (self.mine.rows, self.running.rows, self.failures.groups)
        notes = (self.mine.note, self.running.note, self.failures.note)
        return not any(sections) and not any(notes)

"""What the database of the backend holds: rows of actions, their events, and the pods with logs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tests.quirks.changes import Changes

QUEUED, WAITING, INITIALIZING, RUNNING = 1, 2, 3, 4
SUCCEEDED, FAILED, ABORTED, TIMED_OUT, PAUSED, RECOVERED = 5, 6, 7, 8, 9, 10
TERMINAL = frozenset({SUCCEEDED, FAILED, ABORTED, TIMED_OUT, RECOVERED})
TASK, TRACE, CONDITION = 1, 2, 3


class RunKey(NamedTuple):
    """A run's identity; there is no org, since every service ignores it."""

    project: str
    domain: str
    name: str


class ActionKey(NamedTuple):
    """An action's identity."""

    run: RunKey
    name: str


@dataclass(slots=True)
class Event:
    """One record of the executor, with whole-second times."""

    attempt: int
    phase: int
    at: datetime
    error: Any = None
    has_log: bool = False


@dataclass(slots=True)
class ActionRow:
    """A row of the actions table; the root of a run has no parent."""

    key: ActionKey
    parent: str
    task_name: str
    task_version: str
    created_at: datetime
    updated_at: datetime
    kind: int = TASK
    group: str = ""
    phase: int = QUEUED
    attempts: int = 1
    ended_at: datetime | None = None
    source: int = 0
    subject: str = ""
    abort_reason: str = ""
    inputs: Any = None
    outputs: Any = None
    task_spec: Any = None
    data_reads: int = 0
    cluster_events: list[tuple[int, datetime, str]] = field(default_factory=list)
    """(attempt, time, message) of what the cluster reported."""
    events: list[Event] = field(default_factory=list)

    @property
    def project(self) -> str:
        return self.key.run.project

    @property
    def domain(self) -> str:
        return self.key.run.domain

    @property
    def run_name(self) -> str:
        return self.key.run.name

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def duration_ms(self) -> int:
        return int(((self.ended_at or self.updated_at) - self.created_at).total_seconds() * 1000)


@dataclass
class Pod:
    """The pod of one attempt, the only place where its log is."""

    state: str = "running"
    """"pending", "running", "finished" or "gone" (deleted, and the log with it)."""
    started: bool = True
    """False: the start of the container is unknown, and only the last 1,000 lines are given."""
    lines: list[tuple[int, str]] = field(default_factory=list)
    """(time in nanoseconds, text without a line end)."""
    changed: Changes = field(default_factory=Changes)

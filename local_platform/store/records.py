"""What the store gives out: frozen rows, one class per table that others read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class RunKey(NamedTuple):
    """Names one run. The org is left out on purpose: no service tells orgs apart."""

    project: str
    domain: str
    run: str


class ActionKey(NamedTuple):
    """Names one action of one run."""

    project: str
    domain: str
    run: str
    name: str

    @property
    def run_key(self) -> RunKey:
        return RunKey(self.project, self.domain, self.run)

    def sibling(self, name: str) -> ActionKey:
        """The key of another action of the same run."""
        return self._replace(name=name)

    def __str__(self) -> str:
        return f"{self.project}/{self.domain}/{self.run}/{self.name}"


class TriggerKey(NamedTuple):
    """Names one trigger of one task."""

    project: str
    domain: str
    task_name: str
    name: str


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    id: str
    name: str
    description: str
    labels: str  # a JSON object of strings
    state: int
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class TaskRecord:
    id: int
    project: str
    domain: str
    name: str
    version: str
    environment: str
    env_description: str
    function_name: str
    short_name: str
    short_description: str
    deployed_by: str
    spec_id: str
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a run has beyond its root action."""

    project: str
    domain: str
    name: str
    run_spec: bytes
    started: int


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One action. Times are nanoseconds since the epoch; `parent` is "" for the root."""

    project: str
    domain: str
    run: str
    name: str
    kind: int
    phase: int
    created_at: int
    updated_at: int
    id: int = 0
    parent: str = ""
    depth: int = 0
    grp: str = ""
    attempts: int = 1
    max_attempts: int = 1
    task_project: str = ""
    task_domain: str = ""
    task_name: str = ""
    task_version: str = ""
    task_type: str = ""
    short_name: str = ""
    function_name: str = ""
    environment: str = ""
    spec_id: str = ""
    input_uri: str = ""
    run_base: str = ""
    output_uri: str = ""
    cache_key: str = ""
    cache_status: int = 0
    error: bytes | None = None
    recoverable: int = 0
    abort_reason: str = ""
    ended_by: str = ""  # who aborted or signalled it
    value: bytes | None = None
    source: int = 0
    created_by: str = ""
    trigger_name: str = ""
    trigger_task_name: str = ""
    trigger_revision: int = 0
    ended_at: int | None = None
    duration_ms: int | None = None

    @property
    def key(self) -> ActionKey:
        return ActionKey(self.project, self.domain, self.run, self.name)


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One try of an action, counted from 1.

    `transitions` is [(phase, started_at)…] in order, `events` is [(at, sentence)…]. `pid` is that
    of its process until that is known to be gone, then 0.
    """

    action_id: int
    number: int
    phase: int
    started_at: int
    transitions: tuple[tuple[int, int], ...]
    events: tuple[tuple[int, str], ...] = ()
    ended_at: int | None = None
    error: bytes | None = None
    output_uri: str = ""
    pid: int = 0
    pid_start: int = 0


@dataclass(frozen=True, slots=True)
class CacheRecord:
    output_uri: str
    run: str
    action: str
    created_at: int


@dataclass(frozen=True, slots=True)
class SecretRecord:
    """A secret without its value."""

    project: str
    domain: str
    name: str
    type: int
    created_at: int


@dataclass(frozen=True, slots=True)
class TriggerRecord:
    id: int
    project: str
    domain: str
    task_name: str
    name: str
    task_version: str
    automation_type: int
    active: int
    revision: int
    spec: bytes
    automation: bytes
    deployed_at: int
    updated_at: int
    deployed_by: str = ""
    updated_by: str = ""
    fired_at: int = 0  # the planned moment of the last firing; 0 before the first

    @property
    def key(self) -> TriggerKey:
        return TriggerKey(self.project, self.domain, self.task_name, self.name)

"""What runs, actions and their details all know of themselves, read from the same two messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from remote_client._identity import identity_name, identity_subject
from remote_client._phase import ActionPhase
from remote_client._times import instant_of, now

ActionKind = Literal["task", "trace", "condition"]

_SOURCES = {1: "web", 2: "cli", 3: "schedule", 4: "tracked", 5: "artifact"}
_KINDS: dict[int, ActionKind] = {2: "trace", 3: "condition"}
_CACHE = (
    "disabled",
    "miss",
    "hit",
    "populated",
    "lookup_failure",
    "put_failure",
    "skipped",
    "evicted",
)


class ActionFacts:
    """Properties over `_metadata` (ActionMetadata), `_status` (ActionStatus) and `_id`.

    Times are aware and in UTC; None where the platform has none.
    """

    __slots__ = ()

    @property
    def _metadata(self) -> Any:
        raise NotImplementedError

    @property
    def _status(self) -> Any:
        raise NotImplementedError

    @property
    def _action_name(self) -> str:
        raise NotImplementedError

    @property
    def phase(self) -> ActionPhase:
        """Where it is in its life."""
        return ActionPhase.from_wire(self._status.phase)

    @property
    def raw_phase(self) -> int:
        """The phase's number on the wire, also when this version does not know it."""
        return int(self._status.phase)

    def done(self) -> bool:
        """True in a phase that cannot change any more."""
        return self.phase.is_terminal

    @property
    def attempts(self) -> int:
        """The number of the latest attempt, from 1; 0 before the first."""
        return int(self._status.attempts)

    @property
    def kind(self) -> ActionKind:
        """ "task", "trace" (a traced helper) or "condition" (a wait for a person)."""
        spec: ActionKind | None = self._metadata.WhichOneof("spec")
        return spec or _KINDS.get(self._metadata.action_type, "task")

    @property
    def task_name(self) -> str:
        """The full name of the task, trace or condition; "" when unknown."""
        metadata = self._metadata
        named = {
            "task": metadata.task.id.name,
            "trace": metadata.trace.name,
            "condition": metadata.condition.name,
        }[self.kind]
        return str(named or metadata.funtion_name)

    @property
    def short_name(self) -> str:
        """The best name to show: short name, function name, last part of the task name, name."""
        metadata = self._metadata
        last_part = self.task_name.rpartition(".")[2]
        return str(
            metadata.task.short_name or metadata.funtion_name or last_part or self._action_name
        )

    @property
    def task_version(self) -> str:
        """The version of the task; "" when unknown."""
        return str(self._metadata.task.id.version)

    @property
    def task_type(self) -> str:
        """The type of the task, such as "python"; "" when unknown."""
        return str(self._metadata.task.task_type)

    @property
    def environment_name(self) -> str:
        """The task environment; "" when unknown."""
        return str(self._metadata.environment_name)

    @property
    def owner(self) -> str:
        """Who started it, as the platform names them; "" when unknown."""
        return identity_name(self._metadata.executed_by)

    @property
    def owner_subject(self) -> str:
        """The subject of the token of who started it; "" when unknown."""
        return identity_subject(self._metadata.executed_by)

    @property
    def source(self) -> str:
        """Where it came from: "cli", "web", "schedule", "tracked", "artifact"; "" when unknown."""
        return _SOURCES.get(self._metadata.source, "")

    @property
    def trigger_name(self) -> str:
        """The trigger that started it; "" when none did."""
        return str(self._metadata.trigger_name or self._metadata.trigger_id.name.name)

    @property
    def start_time(self) -> datetime | None:
        """When it was accepted. The moment of running is in the attempts' phase transitions."""
        return instant_of(self._status, "start_time")

    @property
    def end_time(self) -> datetime | None:
        """When it reached a terminal phase; None before."""
        return instant_of(self._status, "end_time")

    @property
    def duration(self) -> timedelta | None:
        """From start to end, or to now while it goes on; None when it has not started."""
        if self.done() and self._status.duration_ms:
            return timedelta(milliseconds=self._status.duration_ms)
        start, end = self.start_time, self.end_time or (None if self.done() else now())
        return max(end - start, timedelta()) if start and end else None

    @property
    def runtime(self) -> timedelta | None:
        """Another name of `duration`."""
        return self.duration

    @property
    def cache_status(self) -> str:
        """What the cache did: "disabled", "miss", "hit", "populated" and others."""
        number = int(self._status.cache_status)
        return _CACHE[number] if number < len(_CACHE) else f"unknown ({number})"

"""Time limits of actions: which there are, and the timers that enforce them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flyteidl2.core.tasks_pb2 import TaskMetadata
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow.run_definition_pb2 import ActionType, ConditionAction

from local_platform import clock, engine
from local_platform.engine import Failure, TimeUp
from local_platform.store import ActionKey, ActionRecord, Store


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; 0 means no limit."""

    queued_s: float = 0.0  # from joining the queue to the start of an attempt
    attempt_s: float = 0.0  # from the start of an attempt to its end
    action_s: float = 0.0  # from the creation of the action to its end, retries included


def of_task(metadata: TaskMetadata) -> Limits:
    return Limits(
        queued_s=metadata.timeouts.queued_timeout.ToTimedelta().total_seconds(),
        attempt_s=metadata.timeout.ToTimedelta().total_seconds(),
        action_s=metadata.timeouts.deadline.ToTimedelta().total_seconds(),
    )


def queued_too_long(seconds: float) -> TimeUp:
    sentence = f"The action waited in the queue for more than {seconds:g} s."
    return TimeUp(Failure("QUEUED_TIMEOUT_EXCEEDED", sentence), whole_action=True)


def ran_too_long(seconds: float) -> TimeUp:
    sentence = f"The attempt ran for more than {seconds:g} s."
    return TimeUp(Failure("MAX_RUNTIME_EXCEEDED", sentence), whole_action=False)


def past_deadline(seconds: float) -> TimeUp:
    sentence = f"The action did not end within {seconds:g} s of its creation."
    return TimeUp(Failure("DEADLINE_EXCEEDED", sentence), whole_action=True)


def not_signalled(seconds: float) -> TimeUp:
    sentence = f"The condition was not signalled within {seconds:g} s."
    return TimeUp(Failure("CONDITION_TIMEOUT_EXCEEDED", sentence), whole_action=True)


class Timers:
    """Named timers per action."""

    def __init__(self) -> None:
        self._timers: defaultdict[int, dict[str, asyncio.TimerHandle]] = defaultdict(dict)

    def set(self, action_id: int, name: str, delay_s: float, ring: Callable[[], None]) -> None:
        """Rings once after the delay (at once when it is past), unless cancelled before."""
        self.cancel(action_id, name)
        loop = asyncio.get_running_loop()
        self._timers[action_id][name] = loop.call_later(max(delay_s, 0.0), ring)

    def cancel(self, action_id: int, name: str) -> None:
        timer = self._timers[action_id].pop(name, None)
        if timer is not None:
            timer.cancel()

    def clear(self, action_id: int) -> None:
        """Cancels everything of one action."""
        for timer in self._timers.pop(action_id, {}).values():
            timer.cancel()

    def clear_all(self) -> None:
        for action_id in list(self._timers):
            self.clear(action_id)


class ActionTimers:
    """Sets the timers that the phase of an action asks for."""

    def __init__(self, store: Store, ring: Callable[[ActionKey, TimeUp], None]) -> None:
        self._store = store
        self._ring = ring
        self._timers = Timers()

    def arm(self, record: ActionRecord) -> None:
        """Call it when an action begins, joins the queue, runs, or is found after a restart."""
        if record.kind == ActionType.ACTION_TYPE_CONDITION:
            condition = self._store.specs.get(record.spec_id, ConditionAction)
            seconds = condition.timeout.ToTimedelta().total_seconds()
            self._set(record, "signal", seconds, not_signalled, record.created_at)
            return
        spec = self._store.specs.get(record.spec_id, TaskSpec)
        limits = of_task(spec.task_template.metadata)
        self._set(record, "deadline", limits.action_s, past_deadline, record.created_at)
        if record.phase == engine.RUNNING:
            self._timers.cancel(record.id, "queue")
            self._set(record, "attempt", limits.attempt_s, ran_too_long, record.updated_at)
        else:
            self._timers.cancel(record.id, "attempt")
            self._set(record, "queue", limits.queued_s, queued_too_long, record.updated_at)

    def clear(self, action_id: int) -> None:
        self._timers.clear(action_id)

    def clear_all(self) -> None:
        self._timers.clear_all()

    def _set(
        self,
        record: ActionRecord,
        name: str,
        seconds: float,
        event: Callable[[float], TimeUp],
        since: int,
    ) -> None:
        if seconds <= 0:
            return
        left = seconds - (clock.now() - since) / clock.SECOND
        ring = partial(self._ring, record.key, event(seconds))
        self._timers.set(record.id, name, left, ring)

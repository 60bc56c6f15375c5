"""Time limits of actions: which there are, and the timers that enforce them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from flyteidl2.core.tasks_pb2 import TaskMetadata

from local_platform.engine import Failure, TimeUp


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

"""What happens next to an action: pure decisions, (state, event) -> (state, commands).

    QUEUED ─► WAITING_FOR_RESOURCES ─► INITIALIZING ─► RUNNING ─► SUCCEEDED | FAILED | TIMED_OUT
      ▲ └───────────────(a slot is free)──────┘           │
      └──────────── an attempt failed and another is left ┘        any of them ─► ABORTED
    PAUSED (a condition) ─► SUCCEEDED | TIMED_OUT | ABORTED

A terminal phase is never left. Nothing here reads a clock, a file or the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from flyteidl2.common import phase_pb2

QUEUED = int(phase_pb2.ACTION_PHASE_QUEUED)
WAITING = int(phase_pb2.ACTION_PHASE_WAITING_FOR_RESOURCES)
INITIALIZING = int(phase_pb2.ACTION_PHASE_INITIALIZING)
RUNNING = int(phase_pb2.ACTION_PHASE_RUNNING)
SUCCEEDED = int(phase_pb2.ACTION_PHASE_SUCCEEDED)
FAILED = int(phase_pb2.ACTION_PHASE_FAILED)
ABORTED = int(phase_pb2.ACTION_PHASE_ABORTED)
TIMED_OUT = int(phase_pb2.ACTION_PHASE_TIMED_OUT)
PAUSED = int(phase_pb2.ACTION_PHASE_PAUSED)
RECOVERED = int(phase_pb2.ACTION_PHASE_RECOVERED)
TERMINAL = frozenset({SUCCEEDED, FAILED, ABORTED, TIMED_OUT, RECOVERED})


def is_terminal(phase: int) -> bool:
    return phase in TERMINAL


@dataclass(frozen=True, slots=True)
class State:
    """What decisions depend on. `attempt` counts from 1."""

    phase: int
    attempt: int = 1
    max_attempts: int = 1


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed. `system` tells the platform's fault from the program's."""

    code: str
    message: str
    system: bool = False
    recoverable: bool = True


# Events ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SlotBusy:
    """No slot is free: the attempt waits for one."""


@dataclass(frozen=True, slots=True)
class SlotGranted:
    """The attempt may start now."""


@dataclass(frozen=True, slots=True)
class ProcessStarted:
    """The attempt's process runs."""


@dataclass(frozen=True, slots=True)
class AttemptSucceeded:
    """The process ended and left a result."""


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """The process ended without a result, or could not be started."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class TimeUp:
    """A time limit passed: of this attempt only, or of the action as a whole."""

    failure: Failure
    whole_action: bool


@dataclass(frozen=True, slots=True)
class AbortRequested:
    """Someone wants it to stop."""


@dataclass(frozen=True, slots=True)
class ParentEnded:
    """Nobody is left to take the result."""


@dataclass(frozen=True, slots=True)
class PlatformStopping:
    """The platform goes down and takes its processes with it."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Signalled:
    """A condition was given its value."""


Event = (
    SlotBusy
    | SlotGranted
    | ProcessStarted
    | AttemptSucceeded
    | AttemptFailed
    | TimeUp
    | AbortRequested
    | ParentEnded
    | PlatformStopping
    | Signalled
)


class Command(Enum):
    """What the conductor does once the new state is stored."""

    QUEUE_ATTEMPT = "put the action's current attempt into the queue for a slot"
    LAUNCH = "start the attempt's process"
    STOP_PROCESS = "end the attempt's process group"
    KEEP_RESULT = "remember the result for the action's cache key"
    END_DESCENDANTS = "abort what is still open below this action"


@dataclass(frozen=True, slots=True)
class Decision:
    """The new state, how the old attempt ended (None: it did not), and what to do."""

    state: State
    commands: tuple[Command, ...] = ()
    attempt_phase: int | None = None
    failure: Failure | None = None
    changed: bool = field(default=True)


def decide(state: State, event: Event) -> Decision:
    """The one place where a phase follows from another."""
    if is_terminal(state.phase):
        return Decision(state, changed=False)
    match event:
        case SlotBusy():
            return _advance(state, WAITING, allowed=(QUEUED,))
        case SlotGranted():
            return _advance(state, INITIALIZING, (Command.LAUNCH,), allowed=(QUEUED, WAITING))
        case ProcessStarted():
            return _advance(state, RUNNING, allowed=(INITIALIZING,))
        case AttemptSucceeded():
            return _end(state, SUCCEEDED, Command.KEEP_RESULT, Command.END_DESCENDANTS)
        case AttemptFailed(failure):
            return _fail(state, FAILED, failure, may_retry=failure.recoverable)
        case TimeUp(failure, whole_action):
            return _fail(state, TIMED_OUT, failure, may_retry=not whole_action)
        case AbortRequested() | ParentEnded():
            return _end(state, ABORTED, Command.STOP_PROCESS, Command.END_DESCENDANTS)
        case PlatformStopping(failure):
            return _fail(state, FAILED, failure, may_retry=False)
        case Signalled():
            if state.phase != PAUSED:
                return Decision(state, changed=False)
            return _end(state, SUCCEEDED)


def _advance(
    state: State, phase: int, commands: tuple[Command, ...] = (), *, allowed: tuple[int, ...]
) -> Decision:
    if state.phase not in allowed:
        return Decision(state, changed=False)
    return Decision(replace(state, phase=phase), commands)


def _end(state: State, phase: int, *commands: Command) -> Decision:
    return Decision(replace(state, phase=phase), commands, attempt_phase=phase)


def _fail(state: State, phase: int, failure: Failure, *, may_retry: bool) -> Decision:
    """The attempt is over; the action is too unless another attempt is left."""
    if may_retry and state.phase != PAUSED and state.attempt < state.max_attempts:
        again = replace(state, phase=QUEUED, attempt=state.attempt + 1)
        commands = (Command.STOP_PROCESS, Command.QUEUE_ATTEMPT)
        return Decision(again, commands, attempt_phase=phase, failure=failure)
    commands = (Command.STOP_PROCESS, Command.END_DESCENDANTS)
    ended = replace(state, phase=phase)
    return Decision(ended, commands, attempt_phase=phase, failure=failure)

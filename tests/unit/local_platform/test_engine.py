"""Which phase follows from which event."""

from __future__ import annotations

from itertools import product

import pytest

from local_platform import engine
from local_platform.engine import (
    ABORTED,
    FAILED,
    INITIALIZING,
    PAUSED,
    QUEUED,
    RUNNING,
    SUCCEEDED,
    TERMINAL,
    TIMED_OUT,
    WAITING,
    Command,
    Failure,
    State,
    decide,
)

USER = Failure("ValueError", "no such column")
FOR_GOOD = Failure("ValueError", "no such column", recoverable=False)
EVENTS = [
    engine.SlotBusy(),
    engine.SlotGranted(),
    engine.ProcessStarted(),
    engine.AttemptSucceeded(),
    engine.AttemptFailed(USER),
    engine.TimeUp(USER, whole_action=True),
    engine.TimeUp(USER, whole_action=False),
    engine.AbortRequested(),
    engine.ParentEnded(),
    engine.PlatformStopping(FOR_GOOD),
    engine.Signalled(),
]


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        (QUEUED, engine.SlotBusy(), WAITING),
        (QUEUED, engine.SlotGranted(), INITIALIZING),
        (WAITING, engine.SlotGranted(), INITIALIZING),
        (INITIALIZING, engine.ProcessStarted(), RUNNING),
        (RUNNING, engine.AttemptSucceeded(), SUCCEEDED),
        (INITIALIZING, engine.AttemptSucceeded(), SUCCEEDED),
        (RUNNING, engine.AttemptFailed(USER), FAILED),
        (INITIALIZING, engine.AttemptFailed(USER), FAILED),
        (RUNNING, engine.TimeUp(USER, whole_action=False), TIMED_OUT),
        (WAITING, engine.TimeUp(USER, whole_action=True), TIMED_OUT),
        (QUEUED, engine.AbortRequested(), ABORTED),
        (RUNNING, engine.AbortRequested(), ABORTED),
        (RUNNING, engine.ParentEnded(), ABORTED),
        (RUNNING, engine.PlatformStopping(FOR_GOOD), FAILED),
        (PAUSED, engine.Signalled(), SUCCEEDED),
        (PAUSED, engine.TimeUp(USER, whole_action=True), TIMED_OUT),
        (PAUSED, engine.AbortRequested(), ABORTED),
        (PAUSED, engine.PlatformStopping(FOR_GOOD), FAILED),
    ],
)
def test_it_moves_on(before: int, event: engine.Event, after: int) -> None:
    decision = decide(State(before), event)
    assert decision.changed
    assert decision.state.phase == after


@pytest.mark.parametrize(("phase", "event"), list(product(sorted(TERMINAL), EVENTS)))
def test_a_terminal_phase_is_never_left(phase: int, event: engine.Event) -> None:
    decision = decide(State(phase, attempt=1, max_attempts=5), event)
    assert not decision.changed
    assert decision.state.phase == phase
    assert decision.commands == ()


@pytest.mark.parametrize(
    ("phase", "event"),
    [
        (WAITING, engine.SlotBusy()),
        (RUNNING, engine.SlotGranted()),
        (RUNNING, engine.ProcessStarted()),
        (QUEUED, engine.ProcessStarted()),
        (RUNNING, engine.Signalled()),
        (PAUSED, engine.SlotGranted()),
    ],
)
def test_an_event_out_of_place_changes_nothing(phase: int, event: engine.Event) -> None:
    assert not decide(State(phase), event).changed


def test_a_slot_starts_the_process() -> None:
    assert decide(State(QUEUED), engine.SlotGranted()).commands == (Command.LAUNCH,)


def test_a_failed_attempt_is_followed_by_another_while_there_is_one() -> None:
    decision = decide(State(RUNNING, attempt=1, max_attempts=2), engine.AttemptFailed(USER))
    assert decision.state == State(QUEUED, attempt=2, max_attempts=2)
    assert decision.attempt_phase == FAILED
    assert decision.failure == USER
    assert decision.commands == (Command.STOP_PROCESS, Command.QUEUE_ATTEMPT)


def test_the_last_attempt_decides() -> None:
    decision = decide(State(RUNNING, attempt=2, max_attempts=2), engine.AttemptFailed(USER))
    assert decision.state.phase == FAILED
    assert decision.attempt_phase == FAILED
    assert Command.END_DESCENDANTS in decision.commands


def test_a_failure_for_good_is_not_retried() -> None:
    state = State(RUNNING, attempt=1, max_attempts=5)
    assert decide(state, engine.AttemptFailed(FOR_GOOD)).state.phase == FAILED


def test_an_attempt_out_of_time_is_retried_but_an_action_is_not() -> None:
    state = State(RUNNING, attempt=1, max_attempts=2)
    attempt = decide(state, engine.TimeUp(USER, whole_action=False))
    assert attempt.state == State(QUEUED, attempt=2, max_attempts=2)
    assert attempt.attempt_phase == TIMED_OUT
    assert decide(state, engine.TimeUp(USER, whole_action=True)).state.phase == TIMED_OUT


def test_a_stopping_platform_retries_nothing() -> None:
    state = State(RUNNING, attempt=1, max_attempts=5)
    assert decide(state, engine.PlatformStopping(FOR_GOOD)).state.phase == FAILED


@pytest.mark.parametrize("event", [engine.AbortRequested(), engine.ParentEnded()])
def test_an_abort_ends_the_process_and_what_is_below(event: engine.Event) -> None:
    decision = decide(State(RUNNING, attempt=1, max_attempts=5), event)
    assert decision.state.phase == ABORTED
    assert set(decision.commands) == {Command.STOP_PROCESS, Command.END_DESCENDANTS}


def test_a_success_is_kept_and_ends_what_is_below() -> None:
    decision = decide(State(RUNNING), engine.AttemptSucceeded())
    assert set(decision.commands) == {Command.KEEP_RESULT, Command.END_DESCENDANTS}

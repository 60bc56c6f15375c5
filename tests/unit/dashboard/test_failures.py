"""What broke a run, found and told first."""

from __future__ import annotations

from dashboard.failures import SHOWN_LINES, failure_of, root_cause
from dashboard.pages import LogLineRow
from dashboard.trees import ActionTree
from remote_client import Action
from tests.unit.dashboard.things import SCOPE, action, details


def cause_among(*actions: Action) -> str | None:
    tree = ActionTree(SCOPE, "r1")
    tree.merge(actions)
    found = root_cause(tree)
    return found.name if found else None


def log_of(*texts: str) -> tuple[LogLineRow, ...]:
    return tuple(LogLineRow(n, None, text, "user") for n, text in enumerate(texts, start=1))


def test_the_cause_is_the_deepest_of_the_branch_that_failed_first() -> None:
    assert (
        cause_among(
            action("a0", "failed", end=20),
            action("late", "failed", parent="a0", end=9),
            action("early", "failed", parent="a0", end=8),
            action("late-child", "failed", parent="late", end=2),
            action("early-child", "failed", parent="early", end=7),
            action("fine", "succeeded", parent="early-child"),
        )
        == "early-child"
    )


def test_members_of_groups_are_looked_at_too() -> None:
    members = [action(f"fit-{n}", "failed", parent="a0", group="fit", end=9 - n) for n in (1, 2)]
    assert cause_among(action("a0", "failed"), *members) == "fit-2"


def test_a_failure_that_the_run_survived_is_no_cause() -> None:
    assert cause_among(action("a0", "running"), action("b", "failed", parent="a0")) is None
    assert cause_among(action("a0", "succeeded"), action("b", "failed", parent="a0")) is None


def test_the_cause_of_an_abort_is_the_run_itself() -> None:
    assert cause_among(action("a0", "aborted"), action("b", "failed", parent="a0")) == "a0"


def test_without_failed_children_the_root_is_the_cause() -> None:
    assert cause_among(action("a0", "timed_out"), action("b", "succeeded", parent="a0")) == "a0"


def test_it_tells_the_error_the_attempt_and_the_last_lines() -> None:
    broken = details("fit", "failed", error=("ValueError", "no price"), attempts=2, retries=2)
    failure = failure_of(SCOPE, "r1", broken, log_of(*(f"line {n}" for n in range(50))))
    assert failure.headline == "ValueError: no price"
    assert (failure.attempt, failure.max_attempt) == (2, 3)
    assert failure.kind == "user"
    assert [line.number for line in failure.log_lines] == list(range(43, 51))
    assert len(failure.log_lines) == SHOWN_LINES
    assert failure.log_url.endswith("?i=fit&tab=logs&attempt=2")


def test_it_takes_the_traceback_out_of_the_log_when_the_error_has_none() -> None:
    trace = ["Traceback (most recent call last):", '  File "x"', "ValueError: no price"]
    broken = details("fit", "failed", error=("ValueError", "no price"))
    failure = failure_of(SCOPE, "r1", broken, log_of("hello", *trace, "bye"))
    assert failure.message == "\n".join(trace)


def test_an_abort_tells_its_reason() -> None:
    failure = failure_of(SCOPE, "r1", details("a0", "aborted", abort_reason="wrong <data>"))
    assert failure.is_abort
    assert failure.headline == "wrong <data>"


def test_a_failure_without_an_error_says_that_there_is_none() -> None:
    assert "no error" in failure_of(SCOPE, "r1", details("a0", "failed")).headline
    assert "longer" in failure_of(SCOPE, "r1", details("a0", "timed_out")).headline

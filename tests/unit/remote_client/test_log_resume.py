"""No line twice and none lost, whatever is cut and replayed."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from remote_client._log_resume import ReplayFilter
from tests.unit.remote_client.messages import log_line

SECOND = 1_000_000_000


def _log(steps: list[int]) -> list[Any]:
    """Lines whose times differ by these steps; texts repeat, as they do in real logs."""
    at, lines = SECOND, []
    for number, step in enumerate(steps):
        at += step
        lines.append(log_line(f"text {number % 3}", at))
    return lines


def _tail(connections: list[list[Any]], size: int) -> list[Any]:
    replay, seen = ReplayFilter(), []
    for connection in connections:
        replay.restart()
        for start in range(0, len(connection), size):
            seen += replay.fresh(connection[start : start + size])
    return seen


@given(
    st.lists(st.integers(0, 2), max_size=60),
    st.lists(st.integers(0, 60), max_size=6),
    st.integers(1, 7),
)
@settings(deadline=None)
def test_cuts_anywhere_lose_and_repeat_nothing(
    steps: list[int], cuts: list[int], size: int
) -> None:
    log = _log(steps)
    connections = [log[:cut] for cut in cuts] + [log]
    assert _tail(connections, size) == log


@given(st.lists(st.integers(0, 2), max_size=60), st.lists(st.integers(0, 60), max_size=6))
@settings(deadline=None)
def test_lines_without_times_are_counted(steps: list[int], cuts: list[int]) -> None:
    log = [log_line(f"text {number % 3}") for number, _ in enumerate(steps)]
    assert _tail([log[:cut] for cut in cuts] + [log], 4) == log


@given(st.integers(1, 50), st.integers(0, 49))
@settings(deadline=None)
def test_a_platform_that_keeps_only_the_end_repeats_nothing(cut: int, kept_from: int) -> None:
    log = [log_line(f"line {number}", SECOND + number) for number in range(50)]
    assert _tail([log[:cut], log[min(kept_from, cut) :]], 4) == log


def test_lines_that_were_lost_in_between_do_not_hide_later_ones() -> None:
    log = [log_line(f"line {number}", SECOND + number) for number in range(10)]
    assert _tail([log[:6], log[8:]], 4) == log[:6] + log[8:]


def test_equal_lines_of_one_instant_are_told_apart_by_their_number() -> None:
    log = [log_line("tick", SECOND) for _ in range(5)]
    assert len(_tail([log[:3], log], 2)) == 5

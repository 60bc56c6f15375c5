"""When triggers fire: cron in a zone, rates, starts, changes to summer time, missed firings."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flyteidl2.task.common_pb2 import Cron, FixedRate, Schedule
from hypothesis import given
from hypothesis import strategies as st

from local_platform import schedules
from local_platform.clock import SECOND, timestamp

BERLIN = "Europe/Berlin"
MINUTE = 60 * SECOND


def moment(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND


def cron(expression: str, zone: str = "") -> Schedule:
    return Schedule(cron=Cron(expression=expression, timezone=zone))


def rate(minutes: int, start: int | None = None) -> Schedule:
    every = FixedRate(value=minutes, unit=1, start_time=timestamp(start) if start else None)
    return Schedule(rate=every)


def following(schedule: Schedule, after: int, since: int = 0) -> int:
    found = schedules.next_firing(schedule, after, since=since)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("expression", "zone", "after", "expected"),
    [
        ("0 2 * * *", "", "2026-05-04T02:00:00", moment("2026-05-05T02:00")),
        ("0 2 * * *", BERLIN, "2026-05-04T00:00:00", moment("2026-05-05T02:00", BERLIN)),
        ("30 9 * * 1-5", "", "2026-05-08T10:00:00", moment("2026-05-11T09:30")),
        ("@daily", "", "2026-05-08T10:00:00", moment("2026-05-09T00:00")),
        ("CRON_TZ=Europe/Berlin 0 2 * * *", "", "2026-05-04T00:00:00", moment("2026-05-05T00:00")),
    ],
)
def test_cron_in_its_zone(expression: str, zone: str, after: str, expected: int) -> None:
    assert following(cron(expression, zone), moment(after)) == expected


def test_a_time_that_summer_time_leaves_out_fires_when_there_is_one_again() -> None:
    after = moment("2026-03-28T12:00", BERLIN)
    assert following(cron("30 2 * * *", BERLIN), after) == moment("2026-03-29T03:00", BERLIN)


def test_a_time_that_comes_twice_fires_once() -> None:
    nightly = cron("30 2 * * *", BERLIN)
    first = following(nightly, moment("2026-10-24T12:00", BERLIN))
    assert following(nightly, first) == moment("2026-10-26T02:30", BERLIN)


def test_a_rate_counts_from_its_start_or_from_when_it_was_switched_on() -> None:
    start = moment("2026-05-04T12:00")
    assert following(rate(15, start), start - 1) == start
    assert following(rate(15, start), start) == start + 15 * MINUTE
    assert following(rate(15), start + 1, since=start) == start + 15 * MINUTE


@given(
    minutes=st.integers(1, 10_000),
    since=st.integers(10**18, 2 * 10**18),
    gap=st.integers(0, 10**15),
    has_start=st.booleans(),
)
def test_what_was_missed_is_made_up_for_by_the_latest_alone(
    minutes: int, since: int, gap: int, has_start: bool
) -> None:
    schedule = rate(minutes, since) if has_start else rate(minutes)
    first = following(schedule, since, since)
    now = first + gap
    last = schedules.latest_missed(schedule, first, now, since=since)
    assert first <= last <= now < following(schedule, last, since)
    assert following(schedule, last - 1, since) == last


def test_of_missed_cron_firings_the_latest_is_made() -> None:
    schedule, first = cron("0 * * * *"), moment("2026-05-04T01:00")
    missed = schedules.latest_missed(schedule, first, moment("2026-05-04T07:59"), since=0)
    assert missed == moment("2026-05-04T07:00")
    assert schedules.latest_missed(schedule, first, first, since=0) == first


@pytest.mark.parametrize(
    "schedule",
    [
        cron("0 0 31 2 *"),
        cron("every day"),
        cron("0 0 0 * * *"),
        cron("@fortnightly"),
        cron("0 2 * * *", "Mars/Olympus"),
        Schedule(rate=FixedRate(value=0, unit=1)),
        Schedule(rate=FixedRate(value=5)),
    ],
)
def test_what_can_never_fire_is_refused(schedule: Schedule) -> None:
    with pytest.raises(schedules.ScheduleError):
        schedules.check(schedule)


def test_no_schedule_never_fires() -> None:
    schedules.check(Schedule())
    assert schedules.next_firing(Schedule(), 0, since=0) is None

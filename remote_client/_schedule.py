"""When a trigger fires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from flyteidl2.task import common_pb2

from remote_client._times import instant

__all__ = ["Cron", "FixedRate", "Schedule"]

_UNITS = (
    (timedelta(days=1), common_pb2.FIXED_RATE_UNIT_DAY),
    (timedelta(hours=1), common_pb2.FIXED_RATE_UNIT_HOUR),
    (timedelta(minutes=1), common_pb2.FIXED_RATE_UNIT_MINUTE),
)
_SHORT = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


@dataclass(frozen=True, slots=True)
class Cron:
    """By a cron expression of five fields, such as "0 2 * * *", in a time zone ("" is UTC).

    Nothing is checked when it is made: platforms differ in what they take. What tells its times
    raises ValueError for an expression or a zone that cannot be.
    """

    expression: str
    timezone: str = ""

    @property
    def words(self) -> str:
        """When it fires in English, such as "At 02:00 every day"; the zone is not said."""
        return self._from(datetime(2000, 1, 1, tzinfo=UTC)).explain()

    @property
    def zone(self) -> str:
        """The time zone's name."""
        return self._fields[0] or "UTC"

    def upcoming(self, after: datetime, since: datetime | None = None) -> Iterator[datetime]:
        """The moments after `after`, for ever, in the schedule's own zone; `since` is ignored."""
        return iter(self._from(after))

    @property
    def _fields(self) -> tuple[str, str]:
        """(zone, expression) without the short forms that platforms take."""
        text = _SHORT.get(self.expression.strip(), self.expression.strip())
        if text.startswith(("CRON_TZ=", "TZ=")):
            zone, _, rest = text.partition(" ")
            return zone.partition("=")[2], rest.strip()
        return self.timezone, text

    def _from(self, at: datetime) -> CronSim:
        zone, text = self._fields
        if len(text.split()) != 5:
            raise ValueError(f"A cron expression has five fields, which {text[:80]!r} has not.")
        try:
            return CronSim(text, at.astimezone(_zone(zone)))
        except CronSimError as error:
            raise ValueError(f"{text!r} is no cron expression: {error}.") from None

    def __str__(self) -> str:
        return f"{self.expression} ({self.timezone})" if self.timezone else self.expression


@dataclass(frozen=True, slots=True)
class FixedRate:
    """Again and again after the same time: whole minutes, hours or days.

    The first time is `start`; without one it comes so long after the trigger was deployed or
    switched on. Raises ValueError for anything else.
    """

    every: timedelta
    start: datetime | None = None

    def __post_init__(self) -> None:
        if self.every < timedelta(minutes=1) or self.every % timedelta(minutes=1):
            raise ValueError(f"A fixed rate is a number of whole minutes, not {self.every}.")

    @property
    def words(self) -> str:
        """When it fires in English, such as "Every 15 minutes"."""
        length, unit = next((each, unit) for each, unit in _WORDS if not self.every % each)
        number = self.every // length
        return f"Every {unit}" if number == 1 else f"Every {number} {unit}s"

    @property
    def zone(self) -> str:
        """Rates know no zone: UTC."""
        return "UTC"

    def upcoming(self, after: datetime, since: datetime | None = None) -> Iterator[datetime]:
        """The moments after `after`, for ever. `since` is when the trigger was switched on: a rate
        without a start counts from there, and has no moments while that is unknown."""
        start = self.start or (since + self.every if since else None)
        if start is None:
            return
        passed = max(0, (after - start) // self.every + 1)
        for number in count(passed):
            yield (start + number * self.every).astimezone(UTC)

    def __str__(self) -> str:
        return f"every {self.every}"


Schedule = Cron | FixedRate

_WORDS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise ValueError(f"There is no time zone {name!r}.") from None


def schedule_to_wire(schedule: Schedule, kickoff_time_input: str = "") -> Any:
    """The TriggerAutomationSpec; `kickoff_time_input` names the input that gets the time."""
    if isinstance(schedule, Cron):
        when: dict[str, Any] = {
            "cron": common_pb2.Cron(expression=schedule.expression, timezone=schedule.timezone)
        }
    else:
        length, unit = next(
            (length, unit) for length, unit in _UNITS if not schedule.every % length
        )
        rate = common_pb2.FixedRate(value=schedule.every // length, unit=unit)
        if schedule.start is not None:
            rate.start_time.FromDatetime(schedule.start)
        when = {"rate": rate}
    return common_pb2.TriggerAutomationSpec(
        type=common_pb2.TYPE_SCHEDULE,
        schedule=common_pb2.Schedule(**when, kickoff_time_input_arg=kickoff_time_input),
    )


def schedule_from_wire(spec: Any) -> Schedule | None:
    """The schedule in a TriggerAutomationSpec; None for a trigger without one."""
    match spec.schedule.WhichOneof("expression"):
        case "cron":
            return Cron(spec.schedule.cron.expression, spec.schedule.cron.timezone)
        case "cron_expression":
            return Cron(spec.schedule.cron_expression)
        case "rate":
            return _rate(spec.schedule.rate)
    return None


def _rate(rate: Any) -> FixedRate | None:
    length = next((length for length, unit in _UNITS if unit == rate.unit), None)
    if length is None or not rate.value:
        return None
    start = instant(rate.start_time) if rate.HasField("start_time") else None
    return FixedRate(length * rate.value, start)

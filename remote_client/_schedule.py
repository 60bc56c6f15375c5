"""When a trigger fires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flyteidl2.task import common_pb2

__all__ = ["Cron", "FixedRate", "Schedule"]

_UNITS = (
    (timedelta(days=1), common_pb2.FIXED_RATE_UNIT_DAY),
    (timedelta(hours=1), common_pb2.FIXED_RATE_UNIT_HOUR),
    (timedelta(minutes=1), common_pb2.FIXED_RATE_UNIT_MINUTE),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """By a cron expression of five fields, such as "0 2 * * *", in a time zone ("" is UTC)."""

    expression: str
    timezone: str = ""

    def __str__(self) -> str:
        return f"{self.expression} ({self.timezone})" if self.timezone else self.expression


@dataclass(frozen=True, slots=True)
class FixedRate:
    """Again and again after the same time: whole minutes, hours or days.

    Raises ValueError for anything else.
    """

    every: timedelta

    def __post_init__(self) -> None:
        if self.every < timedelta(minutes=1) or self.every % timedelta(minutes=1):
            raise ValueError(f"A fixed rate is a number of whole minutes, not {self.every}.")

    def __str__(self) -> str:
        return f"every {self.every}"


Schedule = Cron | FixedRate


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
        when = {"rate": common_pb2.FixedRate(value=schedule.every // length, unit=unit)}
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
    return FixedRate(length * rate.value) if length and rate.value else None

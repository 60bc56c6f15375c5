"""When a trigger fires: from its automation to moments. No clock, no database.

Cron expressions have five fields, in the trigger's time zone (UTC without one), or are one of the
short words below. A time that a change to summer time leaves out fires at the next one that there
is, a time that comes twice fires once.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from flyteidl2.task.common_pb2 import (
    FIXED_RATE_UNIT_DAY,
    FIXED_RATE_UNIT_HOUR,
    FIXED_RATE_UNIT_MINUTE,
    FixedRate,
    Schedule,
)

from local_platform.clock import SECOND, nanoseconds

WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_UNIT_S = {
    FIXED_RATE_UNIT_MINUTE: 60,
    FIXED_RATE_UNIT_HOUR: 3600,
    FIXED_RATE_UNIT_DAY: 86400,
}


class ScheduleError(ValueError):
    """A schedule that cannot be; the sentence says why."""


def check(schedule: Schedule) -> None:
    """ScheduleError for a schedule that could never fire."""
    match schedule.WhichOneof("expression"):
        case "rate":
            _length(schedule.rate)
        case "cron" | "cron_expression":
            _cron(schedule, datetime(2000, 1, 1, tzinfo=UTC))


def next_firing(schedule: Schedule, after: int, *, since: int) -> int | None:
    """The first moment after `after` (nanoseconds, as all here); None for no schedule.

    `since` is when the trigger was last deployed or switched: a rate without a start counts from
    there.
    """
    match schedule.WhichOneof("expression"):
        case "rate":
            return _next_of_rate(schedule.rate, after, since)
        case "cron" | "cron_expression":
            following = next(_cron(schedule, datetime.fromtimestamp(after // SECOND, tz=UTC)))
            return int(following.timestamp()) * SECOND
    return None


def latest_missed(schedule: Schedule, first: int, now: int, *, since: int) -> int:
    """The last of the moments from `first`, which is due, up to `now`."""
    if schedule.WhichOneof("expression") == "rate":
        step = _length(schedule.rate)
        return first + (now - first) // step * step
    backwards = _cron(schedule, datetime.fromtimestamp(now // SECOND + 1, tz=UTC), reverse=True)
    return max(first, int(next(backwards).timestamp()) * SECOND)


def _next_of_rate(rate: FixedRate, after: int, since: int) -> int:
    step = _length(rate)
    start = nanoseconds(rate.start_time) if rate.HasField("start_time") else since + step
    if after < start:
        return start
    return start + ((after - start) // step + 1) * step


def _length(rate: FixedRate) -> int:
    if not rate.value or rate.unit not in _UNIT_S:
        raise ScheduleError("the rate of a schedule must be above 0, in minutes, hours or days")
    return int(rate.value) * _UNIT_S[rate.unit] * SECOND


def _cron(schedule: Schedule, at: datetime, *, reverse: bool = False) -> CronSim:
    text, zone = schedule.cron.expression or schedule.cron_expression, schedule.cron.timezone
    fields = WORDS.get(text, text).split()
    if fields and "=" in fields[0]:  # CRON_TZ=Europe/Berlin 0 2 * * *
        zone = fields.pop(0).partition("=")[2]
    if len(fields) != 5:
        raise ScheduleError(f'invalid cron expression "{text}": five fields are expected')
    try:
        return CronSim(" ".join(fields), at.astimezone(_zone(zone)), reverse=reverse)
    except CronSimError as error:
        raise ScheduleError(f'invalid cron expression "{text}": {error}') from None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise ScheduleError(f'unknown time zone "{name}"') from None

"""Exact moments and durations between protobuf and Python, and their texts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from remote_client._values.references import Unreadable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND_US = 1_000_000
# Largest first; the rest below a minute is written as seconds with a fraction.
_UNITS = (("d", 86_400 * _SECOND_US), ("h", 3_600 * _SECOND_US), ("m", 60 * _SECOND_US))


def moment(timestamp: Any) -> datetime | Unreadable:
    """An aware UTC datetime; what is below a microsecond is dropped, as Python cannot hold it."""
    try:
        return _EPOCH + duration_or_raise(timestamp)
    except OverflowError:
        return Unreadable(f"a moment {timestamp.seconds} s from 1970, outside the calendar")


def duration(message: Any) -> timedelta | Unreadable:
    """A timedelta of a `google.protobuf.Duration`."""
    try:
        return duration_or_raise(message)
    except OverflowError:
        return Unreadable(f"a duration of {message.seconds} s, longer than can be computed with")


def duration_or_raise(message: Any) -> timedelta:
    """Sum of `seconds` and `nanos`; OverflowError beyond what a timedelta holds."""
    # Division towards zero keeps a negative duration of whole microseconds exact.
    micros = abs(message.nanos) // 1_000
    return timedelta(
        seconds=message.seconds, microseconds=micros if message.nanos >= 0 else -micros
    )


def moment_text(at: datetime) -> str:
    """ISO 8601; UTC is written as Z."""
    return at.isoformat().replace("+00:00", "Z")


def duration_text(length: timedelta) -> str:
    """Exact and short: `1h 2m 3.5s`, `-250ms` is written `-0.25s`, nothing is `0s`."""
    micros = length // _MICROSECOND
    sign, rest = ("-" if micros < 0 else ""), abs(micros)
    parts = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    if rest or not parts:
        parts.append(_seconds_text(rest))
    return sign + " ".join(parts)


def _seconds_text(micros: int) -> str:
    whole, fraction = divmod(micros, _SECOND_US)
    return f"{whole}.{fraction:06d}".rstrip("0") + "s" if fraction else f"{whole}s"


def to_seconds_nanos(length: timedelta) -> tuple[int, int]:
    """(seconds, nanos) with one sign, as `google.protobuf.Duration` demands."""
    micros = length // _MICROSECOND
    seconds, fraction = divmod(abs(micros), _SECOND_US)
    return (-seconds, -fraction * 1_000) if micros < 0 else (seconds, fraction * 1_000)


def since_epoch(at: datetime) -> tuple[int, int]:
    """(seconds, nanos) of an aware moment for a protobuf Timestamp: nanos are never negative."""
    micros = (at - _EPOCH) // _MICROSECOND
    seconds, fraction = divmod(micros, _SECOND_US)
    return seconds, fraction * 1_000


def iso_duration(length: timedelta) -> str:
    """ISO 8601, as pydantic reads it: `PT1M30S` is written `PT90S`, a negative one `-PT90S`."""
    micros = length // _MICROSECOND
    return f"{'-' if micros < 0 else ''}PT{_seconds_text(abs(micros)).upper()}"

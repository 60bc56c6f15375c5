"""Single values as people type them, and back: numbers, moments, lengths of time, bytes.

Every reader raises ValueError with a sentence that says what is wanted; what it takes it gives back
exactly, to the microsecond and the last digit.
"""

from __future__ import annotations

import ast
import base64
import binascii
import json
import math
import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

INT64 = range(-(2**63), 2**63)
MOST_LEVELS = 100
NAIVE = "none"
"""The zone of a moment inside a dataclass that has none."""

# Signs that a text field cannot hold: it would turn them into others, or the page into no text.
_UNTYPABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?")
_CLOCK = re.compile(r"([+-])?(?:(\d+)\s*days?,?\s*)?(\d+):(\d{2})(?::(\d{2}(?:\.\d{1,6})?))?")
_ISO = re.compile(
    r"([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?", re.I
)
_PIECE = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*([a-zµ]*)[\s,]*", re.I)
_UNITS: dict[str, Decimal] = {
    "": Decimal(1),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), Decimal(1)),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), Decimal("0.001")),
    **dict.fromkeys(("us", "µs", "microsecond", "microseconds"), Decimal("0.000001")),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), Decimal(60)),
    **dict.fromkeys(("h", "hr", "hour", "hours"), Decimal(3600)),
    **dict.fromkeys(("d", "day", "days"), Decimal(86400)),
    **dict.fromkeys(("w", "week", "weeks"), Decimal(604800)),
}
_MICRO = Decimal(1_000_000)


def is_typable(text: str) -> bool:
    """Whether a text field gives the text back as it was."""
    return not _UNTYPABLE.search(text)


def escaped_json(value: Any, indent: int | None = None) -> str:
    """JSON which can be shown and sent: half characters are written as escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNTYPABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


# --- numbers --------------------------------------------------------------------------------------


def read_int(text: str, *, is_64_bit: bool = True) -> int:
    try:
        number = int(text.strip())
    except ValueError:
        raise ValueError("A whole number is wanted, such as 42.") from None
    if is_64_bit and number not in INT64:
        raise ValueError("This is outside of what 64 bits hold (about ±9.2 × 10¹⁸).")
    return number


def read_float(text: str) -> float:
    try:
        number = float(text.strip())
    except ValueError:
        raise ValueError("A number is wanted, such as 0.5, 1e-9, inf or nan.") from None
    if math.isinf(number) and "inf" not in text.lower():
        raise ValueError("This is larger than a float can be; type inf for infinity.")
    return number


def float_text(number: float) -> str:
    return repr(float(number))


# --- moments --------------------------------------------------------------------------------------


def read_moment(text: str, zone: str) -> datetime:
    """ISO 8601. An offset in the text itself counts before the zone; naive for zone `NAIVE`."""
    try:
        at = datetime.fromisoformat(text.strip().replace(" Z", "Z"))
    except ValueError:
        raise ValueError("A moment is wanted, such as 2026-05-04 12:30:00.") from None
    if at.tzinfo is not None or zone == NAIVE:
        return at
    local = at.replace(tzinfo=read_zone(zone))
    try:
        if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != at:
            raise ValueError(f"This time is skipped in {zone}, where the clocks go forward.")
    except OverflowError:
        raise ValueError("This moment is outside of the calendar in UTC.") from None
    return local


def read_zone(zone: str) -> tzinfo:
    name = zone.strip()
    if name.upper() in ("", "UTC", "Z", "GMT"):
        return UTC
    if match := _OFFSET.fullmatch(name):
        sign = -1 if match[1] == "-" else 1
        length = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        if length < timedelta(hours=24):
            return timezone(sign * length)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"There is no time zone {name!r}. Take UTC, +02:00 or Europe/Berlin."
        ) from None


def moment_texts(at: datetime) -> tuple[str, str]:
    """(text, zone) of a moment, as the form shows them."""
    offset = at.utcoffset()
    if offset is None:
        return at.isoformat(sep=" "), NAIVE
    if offset % timedelta(minutes=1):
        at, offset = at.astimezone(UTC), timedelta()
    return at.replace(tzinfo=None).isoformat(sep=" "), at.isoformat()[-6:] if offset else "UTC"


def iso_moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def read_date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("A day is wanted, such as 2026-05-04.") from None


def read_time(text: str) -> time:
    try:
        return time.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("A time of day is wanted, such as 12:30 or 12:30:00.5+02:00.") from None


# --- lengths of time ------------------------------------------------------------------------------


def read_duration(text: str) -> timedelta:
    """`1h 30m`, `90s`, `-250ms`, `1 day, 2:03:04.5`, `PT1M30S`, or plain seconds."""
    given = text.strip().replace("−", "-")
    try:
        seconds = _clock_seconds(given)
        if seconds is None:
            seconds = _iso_seconds(given)
        if seconds is None:
            seconds = _unit_seconds(given)
        return timedelta(microseconds=int((seconds * _MICRO).to_integral_value()))
    except (OverflowError, ArithmeticError):
        raise ValueError("This is longer than can be computed with.") from None


def _clock_seconds(text: str) -> Decimal | None:
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    days, hours, minutes = (Decimal(match[n] or 0) for n in (2, 3, 4))
    clock = hours * 3600 + minutes * 60 + Decimal(match[5] or 0)
    sign = -1 if match[1] == "-" else 1
    # As Python writes it, the sign is that of the days alone: -1 day, 23:59:59 is -1 s.
    return sign * days * 86400 + clock if match[2] else sign * clock


def _iso_seconds(text: str) -> Decimal | None:
    match = _ISO.fullmatch(text)
    if not match or not any(match.groups()[1:]):
        return None
    sizes = (604800, 86400, 3600, 60, 1)
    found = (Decimal((part or "0").replace(",", ".")) for part in match.groups()[1:])
    total = sum((each * size for each, size in zip(found, sizes, strict=True)), Decimal())
    return -total if match[1] == "-" else total


def _unit_seconds(text: str) -> Decimal:
    total, position = Decimal(), 0
    # "-1h 30m" is minus one hour and a half: a sign in front is the sign of the whole.
    sign = -1 if text.startswith("-") else 1
    rest = text.removeprefix("-").removeprefix("+")
    while position < len(rest):
        match = _PIECE.match(rest, position)
        if not match or match[2].lower() not in _UNITS:
            break
        total += Decimal(match[1]) * _UNITS[match[2].lower()]
        position = match.end()
    if not rest or position < len(rest):
        raise ValueError("A length of time is wanted, such as 1h 30m, 90s, -250ms or PT90S.")
    return sign * total


# --- bytes and Python data ------------------------------------------------------------------------


def read_bytes(text: str, mode: str) -> bytes:
    if mode != "base64":
        return text.encode()
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("This is not base64. Choose “as text” for plain text.") from None


def bytes_texts(data: bytes) -> tuple[str, str]:
    """(text, mode) of bytes: as text where they are one."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), "base64"
    return (text, "text") if is_typable(text) else (base64.b64encode(data).decode(), "base64")


def read_python(text: str) -> Any:
    """A Python literal: `b"x"`, `{1, 2}`, `(1, "a")`. Nothing is run."""
    if text.strip() == "set()":
        return set()
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        raise ValueError(
            "A Python literal is wanted, such as b'raw', {1, 2}, (1, 'a') or {'k': [1.5, None]}."
        ) from None


def read_json(text: str) -> Any:
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("This is nested too deep.") from None
    except json.JSONDecodeError as error:
        raise ValueError(
            f"This is no JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from None
    if is_deep(value):
        raise ValueError("This is nested too deep.")
    return value


def is_deep(value: Any) -> bool:
    """Whether it has more levels than Flyte's values may have. Without recursion, for that ends."""
    level, depth = [value], 0
    while level and depth <= MOST_LEVELS:
        inside = [each for each in level if isinstance(each, list | dict)]
        level = [one for each in inside for one in (each.values() if type(each) is dict else each)]
        depth += 1
    return bool(level)

"""Moments and lengths of time as queries spell them: `7d`, `2026-05-04`, `1h30m`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_PART = r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)"
_LENGTH = re.compile(f"(?:{_PART})+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST = timedelta(days=36_500)


def length_of(text: str) -> timedelta:
    """The length that a text such as `90s` or `1h30m` means. Raises ValueError."""
    if not _LENGTH.fullmatch(text):
        raise ValueError(f"{text!r} is no length of time.")
    parts = re.findall(_PART, text)
    total = sum((_UNITS[unit] * float(number) for number, unit in parts), timedelta())
    if total > LONGEST:
        raise ValueError(f"{text!r} is more than a hundred years.")
    return total


def moment_of(text: str, now: datetime, *, is_end: bool = False) -> datetime:
    """The moment that a text means: so long ago, a day, or a moment of one. Raises ValueError.

    A day as the end of a span means the end of that day. Without a zone it is UTC.
    """
    if text == "today":
        text = f"{now.astimezone(UTC):%Y-%m-%d}"
    elif text == "yesterday":
        text = f"{now.astimezone(UTC) - timedelta(days=1):%Y-%m-%d}"
    elif _LENGTH.fullmatch(text):
        return now - length_of(text)
    at = datetime.fromisoformat(text)
    if not 1900 <= at.year <= 9000:
        raise ValueError(f"{text!r} is not a moment of our time.")
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return at + timedelta(days=1) if is_end and _DAY.fullmatch(text) else at

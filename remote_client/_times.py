"""Times and durations as the wire has them, turned into Python's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(timestamp: Any) -> datetime | None:
    """An aware UTC datetime; None for a zero timestamp or one that no calendar holds."""
    if not timestamp.seconds and not timestamp.nanos:
        return None
    try:
        return _EPOCH + timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanos // 1000)
    except OverflowError:
        return None


def instant_of(message: Any, field: str) -> datetime | None:
    """The time in `field` of `message`; None where it is unset."""
    return instant(getattr(message, field)) if message.HasField(field) else None


def now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)

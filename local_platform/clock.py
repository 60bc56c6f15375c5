"""Moments as nanoseconds since the epoch, and their protobuf form."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

SECOND = 1_000_000_000


def now() -> int:
    return time.time_ns()


def timestamp(moment: int) -> Timestamp:
    seconds, nanos = divmod(moment, SECOND)
    return Timestamp(seconds=seconds, nanos=nanos)


def nanoseconds(moment: Timestamp) -> int:
    return int(moment.seconds) * SECOND + int(moment.nanos)


def isoformat(moment: int) -> str:
    """RFC 3339 in UTC, microseconds kept."""
    at = datetime.fromtimestamp(moment // SECOND, tz=UTC)
    return at.replace(microsecond=moment % SECOND // 1000).isoformat()


def parse(text: str) -> int:
    """Nanoseconds of an RFC 3339 text. ValueError when it is none."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    whole = at.replace(microsecond=0)
    return int(whole.timestamp()) * SECOND + at.microsecond * 1000

"""One line of a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from flyteidl2.logs.dataplane import payload_pb2

from remote_client._json import ToJSONMixin
from remote_client._times import instant

__all__ = ["LogLine"]

Originator = Literal["user", "system", "unknown"]
_ORIGINATORS: tuple[Originator, ...] = ("unknown", "user", "system")


class LogLine(ToJSONMixin):
    """A line of an attempt's log.

    It reads from the message that came over the wire when it is asked, since a log has millions of
    lines and most callers want one thing of each.
    """

    __slots__ = ("_pb",)

    def __init__(self, pb: Any) -> None:
        self._pb = pb

    @classmethod
    def of(cls, message: str, *, timestamp: datetime | None = None, pod: str = "") -> LogLine:
        """A line made on this side, for tests and viewers."""
        pb = payload_pb2.LogLine(message=message, short_pod_name=pod)
        if timestamp is not None:
            pb.timestamp.FromDatetime(timestamp)
        return cls(pb)

    @classmethod
    def columns(cls, lines: Sequence[LogLine]) -> tuple[list[str], list[int], list[int]]:
        """Texts without their line ends, moments in microseconds since 1970 (0 when the platform
        does not say), and numbers of the originators: for who keeps lines by the million."""
        messages = [line._pb for line in lines]
        texts = [str(pb.message).rstrip("\r\n") for pb in messages]
        stamps = [pb.timestamp for pb in messages]
        micros = [at.seconds * 1_000_000 + at.nanos // 1000 for at in stamps]
        sources = [pb.originator if 0 <= pb.originator < 3 else 0 for pb in messages]
        return texts, micros, sources

    @property
    def message(self) -> str:
        """The text, ending in exactly one line feed whatever the platform sends."""
        return str(self._pb.message).rstrip("\r\n") + "\n"

    @property
    def timestamp(self) -> datetime | None:
        """When the line was written, aware and in UTC; None when the platform does not say."""
        return instant(self._pb.timestamp) if self._pb.HasField("timestamp") else None

    @property
    def originator(self) -> Originator:
        """Who wrote it: the user's code, the system, or unknown."""
        number = int(self._pb.originator)
        return _ORIGINATORS[number] if number < len(_ORIGINATORS) else "unknown"

    @property
    def pod(self) -> str:
        """The short name of the pod; "" when unknown."""
        return str(self._pb.short_pod_name)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "timestamp", self.timestamp
        yield "message", self.message
        yield "originator", self.originator
        yield "pod", self.pod

    def __repr__(self) -> str:
        at = self.timestamp.isoformat() if self.timestamp else "-"
        return f"LogLine({at} {self.message!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LogLine) and bool(self._pb == other._pb)

    def __hash__(self) -> int:
        return hash((self._pb.timestamp.seconds, self._pb.timestamp.nanos, self._pb.message))

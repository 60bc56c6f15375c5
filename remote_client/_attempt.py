"""Attempts of an action, and what is known of how each went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from remote_client._identity import identity_name
from remote_client._phase import ActionPhase
from remote_client._times import instant, instant_of, now

__all__ = [
    "AbortInfo",
    "Attempt",
    "ClusterEvent",
    "ErrorInfo",
    "ExternalLink",
    "PhaseTransitionInfo",
]

_ErrorKind = Literal["", "user", "system"]
_ERROR_KINDS: tuple[_ErrorKind, ...] = ("", "user", "system")


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """Why something failed. `kind` is "user", "system" or "" (not said); `code` may be ""."""

    kind: Literal["", "user", "system"]
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class AbortInfo:
    """Why something was aborted, and by whom ("" when the platform does not say)."""

    reason: str
    aborted_by: str


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """Something that the cluster reported, such as a pulled image or a lost pod.

    `type` is "normal", "warning" or "".
    """

    occurred_at: datetime | None
    message: str
    type: Literal["", "normal", "warning"] = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExternalLink:
    """A page elsewhere about an attempt, as its platform or plugin gives it. Not to be trusted."""

    name: str
    uri: str
    kind: Literal["log", "dashboard", "ide"] = "log"
    is_ready: bool = True


@dataclass(frozen=True, slots=True)
class PhaseTransitionInfo:
    """A stay in a phase. `end_time` is None for the stay that goes on, or that nobody closed."""

    phase: ActionPhase
    start_time: datetime | None
    end_time: datetime | None = None

    @property
    def duration(self) -> timedelta:
        """How long it lasted, to now while it goes on; zero when the start is not known."""
        if self.start_time is None:
            return timedelta()
        return max((self.end_time or now()) - self.start_time, timedelta())


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of an action. `number` counts from 1.

    The real backend leaves an attempt that was followed by another one RUNNING, without an end and
    without an error; `report_uri` is "" or an address that may hold nothing.
    """

    number: int
    phase: ActionPhase
    start_time: datetime | None
    end_time: datetime | None
    transitions: tuple[PhaseTransitionInfo, ...] = ()
    error: ErrorInfo | None = None
    logs_available: bool = False
    report_uri: str = ""
    cluster_events: tuple[ClusterEvent, ...] = ()
    links: tuple[ExternalLink, ...] = ()
    cluster: str = ""
    """Which cluster it ran on; "" when the platform does not say."""

    @classmethod
    def of(cls, pb: Any) -> Attempt:
        """The attempt in an ActionAttempt message."""
        return cls(
            number=int(pb.attempt),
            phase=ActionPhase.from_wire(pb.phase),
            start_time=instant_of(pb, "start_time"),
            end_time=instant_of(pb, "end_time"),
            transitions=tuple(_transition(one) for one in pb.phase_transitions),
            error=error_info(pb.error_info) if pb.HasField("error_info") else None,
            logs_available=bool(pb.logs_available),
            report_uri=str(pb.outputs.report_uri),
            cluster_events=cluster_events(pb.cluster_events),
            links=tuple(_link(one) for one in pb.log_info if one.uri),
            cluster=str(pb.cluster),
        )


def attempts_of(details: Any) -> tuple[Attempt, ...]:
    """The attempts in an ActionDetails message, by number."""
    return tuple(sorted((Attempt.of(one) for one in details.attempts), key=lambda a: a.number))


def error_info(pb: Any) -> ErrorInfo:
    """The error in an ErrorInfo message."""
    kind: _ErrorKind = _ERROR_KINDS[pb.kind] if pb.kind < len(_ERROR_KINDS) else ""
    return ErrorInfo(kind=kind, code=str(pb.code), message=str(pb.message))


def abort_info(pb: Any) -> AbortInfo:
    """The abort in an AbortInfo message."""
    return AbortInfo(reason=str(pb.reason), aborted_by=identity_name(pb.aborted_by))


def cluster_events(found: Sequence[Any]) -> tuple[ClusterEvent, ...]:
    """The events in ClusterEvent messages."""
    types: tuple[Literal["", "normal", "warning"], ...] = ("", "normal", "warning")
    return tuple(
        ClusterEvent(
            occurred_at=instant(event.occurred_at),
            message=str(event.message),
            type=types[event.type] if event.type < len(types) else "",
            reason=str(event.reason),
        )
        for event in found
    )


def _link(pb: Any) -> ExternalLink:
    kinds: tuple[Literal["log", "dashboard", "ide"], ...] = ("log", "dashboard", "ide")
    return ExternalLink(
        name=str(pb.name),
        uri=str(pb.uri),
        kind=kinds[pb.link_type] if pb.link_type < len(kinds) else "log",
        is_ready=bool(pb.ready) or not pb.ShowWhilePending,
    )


def _transition(pb: Any) -> PhaseTransitionInfo:
    return PhaseTransitionInfo(
        phase=ActionPhase.from_wire(pb.phase),
        start_time=instant_of(pb, "start_time"),
        end_time=instant_of(pb, "end_time"),
    )


@dataclass(frozen=True, slots=True)
class AttemptState:
    """What decides whether an attempt may still write log lines."""

    over: bool
    had_log: bool

    @classmethod
    def of(cls, details: Any, number: int) -> AttemptState:
        """The state of attempt `number` in an action's details."""
        later = max((a.attempt for a in details.attempts), default=0)
        latest = max(later, details.status.attempts)
        record = next((a for a in details.attempts if a.attempt == number), None)
        action_over = ActionPhase.from_wire(details.status.phase).is_terminal
        # The real backend leaves an attempt that was followed by another one RUNNING for ever.
        over = action_over or latest > number
        if record is not None:
            over = over or ActionPhase.from_wire(record.phase).is_terminal
        return cls(over, bool(record is not None and record.logs_available))

"""Rows and events as the messages that the backend makes of them."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from flyteidl2.common import identifier_pb2
from flyteidl2.core import types_pb2
from flyteidl2.workflow import run_definition_pb2

from tests.quirks.rows import (
    ABORTED,
    CONDITION,
    FAILED,
    SUCCEEDED,
    TERMINAL,
    TRACE,
    ActionKey,
    ActionRow,
    Event,
    RunKey,
)

# More events than these of an action are never read.
MOST_EVENTS = 500


def run_id(run: RunKey) -> Any:
    """Lists and watches leave the org empty, whatever was asked."""
    return identifier_pb2.RunIdentifier(project=run.project, domain=run.domain, name=run.name)


def action_id(key: ActionKey) -> Any:
    return identifier_pb2.ActionIdentifier(run=run_id(key.run), name=key.name)


def cell(row: ActionRow, column: str) -> Any:
    """The value of a column of the actions table; what no row has is empty."""
    renamed = {
        "task_project": row.project,
        "task_domain": row.domain,
        "function_name": row.task_name.rpartition(".")[2],
        "action_type": row.kind,
        "run_source": run_definition_pb2.RunSource.Name(row.source),
        "created_by_subject": row.subject,
    }
    return renamed[column] if column in renamed else getattr(row, column, "")


def bare_action(row: ActionRow) -> Any:
    """What ListActions gives: names, phase, parent and group, and nothing of the task."""
    action = run_definition_pb2.Action(id=action_id(row.key), status=status(row))
    action.metadata.parent = row.parent
    action.metadata.group = row.group
    return action


def action(row: ActionRow) -> Any:
    """What WatchActions, ListRuns and details give."""
    full = bare_action(row)
    full.metadata.action_type = row.kind
    full.metadata.source = row.source
    if row.kind == TRACE:
        full.metadata.trace.name = row.task_name
    elif row.kind == CONDITION:
        full.metadata.condition.name = row.task_name
    else:
        _describe_task(row, full.metadata)
    if row.subject:
        full.metadata.executed_by.user.id.subject = row.subject
    return full


def _describe_task(row: ActionRow, metadata: Any) -> None:
    short = row.task_name.rpartition(".")[2]
    metadata.task.id.project, metadata.task.id.domain = row.project, row.domain
    metadata.task.id.name, metadata.task.id.version = row.task_name, row.task_version
    metadata.task.task_type, metadata.task.short_name = "python", short
    # The misspelt name is the one on the wire.
    metadata.funtion_name = short


def run(row: ActionRow) -> Any:
    """A run is its root action; labels are never given."""
    return run_definition_pb2.Run(action=action(row))


def status(row: ActionRow) -> Any:
    """`start_time` is the moment of queueing, not of running."""
    message = run_definition_pb2.ActionStatus(
        phase=row.phase, attempts=row.attempts, duration_ms=row.duration_ms
    )
    _stamp(message.start_time, row.created_at)
    if row.ended_at is not None:
        _stamp(message.end_time, row.ended_at)
    return message


def details(row: ActionRow, asked: Any) -> Any:
    """`ActionDetails`; the identifier is echoed as it was asked, org included."""
    base = action(row)
    message = run_definition_pb2.ActionDetails(
        id=asked, metadata=base.metadata, status=base.status, attempts=attempts(row)
    )
    _set_result(row, message)
    if row.kind == CONDITION:
        message.condition.name = row.task_name
        message.condition.type.simple = types_pb2.STRING
    elif row.kind == TRACE:
        message.trace.SetInParent()
    elif row.task_spec is not None:
        message.task.CopyFrom(row.task_spec)
    return message


def _set_result(row: ActionRow, message: Any) -> None:
    if row.kind == CONDITION and row.phase == SUCCEEDED:
        message.signal_info.output.CopyFrom(row.outputs.literals[0].value)
    elif row.phase == ABORTED:
        message.abort_info.reason = row.abort_reason
    elif row.phase == FAILED and message.attempts:
        last = message.attempts[-1]
        # For a moment the row is ahead of the events, and then there is no error.
        if last.attempt == row.attempts and last.HasField("error_info"):
            message.error_info.CopyFrom(last.error_info)


def attempts(row: ActionRow) -> list[Any]:
    """The attempts that the events tell of; one that was tried again stays as it last was."""
    events = row.events[:MOST_EVENTS]
    numbers = sorted({event.attempt for event in events})
    found = [_attempt(n, [event for event in events if event.attempt == n]) for n in numbers]
    for message in found:
        message.cluster_events.extend(cluster_events(row, message.attempt))
    return found


def cluster_events(row: ActionRow, attempt: int) -> list[Any]:
    """Time and message alone: type, reason and source are never told."""
    told = [(at, text) for number, at, text in row.cluster_events if number == attempt]
    events = [run_definition_pb2.ClusterEvent(message=text) for _, text in told]
    for event, (at, _) in zip(events, told, strict=True):
        _stamp(event.occurred_at, at)
    return events


def _attempt(number: int, events: list[Event]) -> Any:
    end = next((event for event in events if event.phase in TERMINAL), None)
    last = end or events[-1]
    message = run_definition_pb2.ActionAttempt(
        attempt=number,
        phase=last.phase,
        logs_available=any(event.has_log for event in events),
        error_info=last.error,
    )
    _stamp(message.start_time, events[0].at)
    if end is not None:
        _stamp(message.end_time, end.at)
    # Always there, though most attempts write no report.
    message.outputs.report_uri = "s3://data/report.html"
    message.phase_transitions.extend(_transitions(events))
    return message


def _transitions(events: Iterable[Event]) -> list[Any]:
    """The first time of each phase, each closed by the next."""
    first: dict[int, datetime] = {}
    for event in events:
        first.setdefault(event.phase, event.at)
    transitions = [run_definition_pb2.PhaseTransition(phase=phase) for phase in first]
    for transition, at in zip(transitions, first.values(), strict=True):
        _stamp(transition.start_time, at)
    for transition, after in pairwise(transitions):
        transition.end_time.CopyFrom(after.start_time)
    return transitions


def _stamp(timestamp: Any, at: datetime) -> None:
    timestamp.FromDatetime(at)

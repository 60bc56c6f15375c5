"""Messages of the platform, as the tests of the client need them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flyteidl2.common import identifier_pb2
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.logs.dataplane import payload_pb2
from flyteidl2.workflow import run_definition_pb2, run_service_pb2

QUEUED, RUNNING, SUCCEEDED, FAILED, ABORTED = 1, 4, 5, 6, 7


def action_id(run: str = "r1", name: str = "a0") -> Any:
    run_id = identifier_pb2.RunIdentifier(org="", project="p", domain="d", name=run)
    return identifier_pb2.ActionIdentifier(run=run_id, name=name)


def action(name: str = "a0", phase: int = RUNNING, run: str = "r1", parent: str = "") -> Any:
    message = run_definition_pb2.Action(id=action_id(run, name))
    message.metadata.parent = parent
    message.metadata.task.id.name = f"env.{name}"
    message.status.phase = phase
    message.status.attempts = 1
    message.status.start_time.seconds = 1_700_000_000
    return message


def run(name: str = "r1", phase: int = RUNNING) -> Any:
    return run_definition_pb2.Run(action=action("a0", phase, name))


def details(
    name: str = "a0", phase: int = RUNNING, run: str = "r1", attempts: Iterable[Any] = ()
) -> Any:
    summary = action(name, phase, run)
    return run_definition_pb2.ActionDetails(
        id=summary.id, metadata=summary.metadata, status=summary.status, attempts=attempts
    )


def run_details(name: str = "r1", phase: int = RUNNING) -> Any:
    return run_service_pb2.GetRunDetailsResponse(
        details=run_definition_pb2.RunDetails(action=details("a0", phase, name))
    )


def action_details(name: str = "a0", phase: int = RUNNING, **more: Any) -> Any:
    return run_service_pb2.GetActionDetailsResponse(details=details(name, phase, **more))


def runs(*found: Any, token: str = "") -> Any:
    return run_service_pb2.ListRunsResponse(runs=found, token=token)


def watched_actions(*found: Any) -> Any:
    return run_service_pb2.WatchActionsResponse(
        enriched_actions=[
            run_definition_pb2.EnrichedAction(action=one, meets_filter=True) for one in found
        ]
    )


def log_line(text: str, at_ns: int = 0) -> Any:
    line = payload_pb2.LogLine(message=text, originator=payload_pb2.USER)
    if at_ns:
        line.timestamp.seconds, line.timestamp.nanos = divmod(at_ns, 1_000_000_000)
    return line


def log_message(*lines: Any) -> Any:
    return dataproxy_service_pb2.TailLogsResponse(
        logs=[dataproxy_service_pb2.TailLogsResponse.Logs(lines=lines)]
    )

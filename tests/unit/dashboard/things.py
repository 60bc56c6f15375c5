"""Runs, actions, details and log lines as the client gives them, for the dashboard's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flyteidl2.common import identifier_pb2
from flyteidl2.core import types_pb2
from flyteidl2.workflow import run_definition_pb2

from dashboard.pages import Scope
from remote_client import Action, ActionDetails, ActionPhase, Condition, LogLine, Project, Run
from remote_client._scope import Scope as ClientScope

SCOPE = Scope(project="shop", domain="development")
START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
_WITHIN = ClientScope(project="shop", domain="development")


def at(seconds: float) -> datetime:
    """A moment so many seconds after the tests' beginning of time."""
    return START + timedelta(seconds=seconds)


def action_message(
    name: str = "a0",
    phase: str = "running",
    *,
    parent: str = "",
    group: str = "",
    start: float = 0,
    end: float | None = None,
    run: str = "r1",
    label: str = "",
    attempts: int = 1,
) -> Any:
    message = run_definition_pb2.Action(
        id=identifier_pb2.ActionIdentifier(
            run=identifier_pb2.RunIdentifier(project="shop", domain="development", name=run),
            name=name,
        )
    )
    message.metadata.parent, message.metadata.group = parent, group
    message.metadata.task.id.name = f"env.{label or name}"
    message.metadata.task.id.version = "v1"
    message.status.phase = ActionPhase(phase).to_protobuf_value()
    message.status.attempts = attempts
    message.status.start_time.FromDatetime(at(start))
    if ActionPhase(phase).is_terminal:
        message.status.end_time.FromDatetime(at(start + 1 if end is None else end))
    return message


def action(
    name: str = "a0", phase: str = "running", *, below: dict[str, int] | None = None, **more: Any
) -> Action:
    """An action; `below` counts its descendants by phase, as the platform does."""
    counts = {ActionPhase(key): count for key, count in (below or {}).items()}
    message = action_message(name, phase, **more)
    return Action(message, None, _WITHIN, children_phase_counts=counts)  # type: ignore[arg-type]


def run(name: str = "r1", phase: str = "running", **more: Any) -> Run:
    message = run_definition_pb2.Run(action=action_message("a0", phase, run=name, **more))
    return Run(message, None, _WITHIN)  # type: ignore[arg-type]


def details(
    name: str = "a0",
    phase: str = "running",
    *,
    error: tuple[str, str] | None = None,
    abort_reason: str = "",
    attempt_phases: tuple[str, ...] = (),
    retries: int = 0,
    **more: Any,
) -> ActionDetails:
    """Details of an action; `error` is (code, message), `attempt_phases` one phase an attempt."""
    summary = action_message(name, phase, **more)
    message = run_definition_pb2.ActionDetails(
        id=summary.id, metadata=summary.metadata, status=summary.status
    )
    message.task.task_template.metadata.retries.retries = retries
    if error:
        message.error_info.code, message.error_info.message = error
        message.error_info.kind = run_definition_pb2.ErrorInfo.KIND_USER
    if abort_reason:
        message.abort_info.reason = abort_reason
    for number, attempt_phase in enumerate(attempt_phases, start=1):
        attempt = message.attempts.add(attempt=number)
        attempt.phase = ActionPhase(attempt_phase).to_protobuf_value()
        attempt.start_time.FromDatetime(at(number * 10))
    return ActionDetails(message, None, _WITHIN)  # type: ignore[arg-type]


def condition_message(
    name: str = "go",
    phase: str = "paused",
    *,
    prompt: str = "Ship it?",
    simple: int = types_pb2.BOOLEAN,
    timeout_s: int = 0,
    answer: Any = None,
    by: str = "",
) -> Any:
    """Details of a condition; `answer` is a Literal that was given."""
    summary = action_message(name, phase, parent="a0")
    message = run_definition_pb2.ActionDetails(id=summary.id, status=summary.status)
    message.metadata.parent = "a0"
    message.metadata.condition.name = name
    message.metadata.action_type = 3
    message.condition.name, message.condition.prompt = name, prompt
    message.condition.type.simple = simple
    if timeout_s:
        message.condition.timeout.seconds = timeout_s
    if answer is not None:
        message.signal_info.output.CopyFrom(answer)
        message.signal_info.signalled_by.user.spec.user_handle = by
    return message


def condition(name: str = "go", phase: str = "paused", **more: Any) -> Condition:
    return Condition(condition_message(name, phase, **more), None, _WITHIN)  # type: ignore[arg-type]


def condition_details(name: str = "go", phase: str = "paused", **more: Any) -> ActionDetails:
    return ActionDetails(condition_message(name, phase, **more), None, _WITHIN)  # type: ignore[arg-type]


def project(name: str = "shop", domains: tuple[str, ...] = ("development", "production")) -> Any:
    from flyteidl2.project import project_service_pb2

    message = project_service_pb2.Project(id=name, name=name.title())
    for domain in domains:
        message.domains.add(id=domain, name=domain)
    return Project(message, None, _WITHIN)  # type: ignore[arg-type]


def lines(*texts: str, start: float = 0, step: float = 1) -> list[LogLine]:
    """Log lines, `step` seconds apart."""
    return [
        LogLine.of(text, timestamp=at(start + number * step)) for number, text in enumerate(texts)
    ]

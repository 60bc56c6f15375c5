"""The selected action as its panel shows it: attempts, error, question, inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from dashboard import links
from dashboard.action_tabs import commands
from dashboard.action_tabs.pages import ConditionPanel, EventRow, LinkRow, StageRow
from dashboard.action_tabs.value_pages import ValueView
from dashboard.action_tabs.value_trees import leaf_words
from dashboard.headlines import headline
from dashboard.pages import ActionPanel, AttemptRow, Scope
from dashboard.phases import style_of
from remote_client import ActionDetails, ActionPhase

ROOT = "a0"

# Phases before a task's own code runs → the stage that they belong to.
_STAGES = {
    "queued": "queue",
    "waiting_for_resources": "queue",
    "initializing": "setup",
    "running": "run",
    "paused": "wait",
}


@dataclass(frozen=True)
class Values:
    """Inputs and outputs as read so far; `note` says why one of them is missing."""

    inputs: tuple[ValueView, ...] = ()
    outputs: tuple[ValueView, ...] = ()
    note: str = ""


def no_outputs_note(phase: ActionPhase) -> str:
    """Why an action in this phase has no outputs; "" when it should have them."""
    if phase.is_success:
        return ""
    if phase.is_terminal:
        return f"No outputs: the action ended as {style_of(phase.value).label.lower()}."
    return "Outputs appear when the action has succeeded."


def action_panel(scope: Scope, details: ActionDetails, values: Values) -> ActionPanel:
    error, abort, run = details.error_info, details.abort_info, details.run_name
    return ActionPanel(
        name=details.name,
        label=details.short_name or details.name,
        task_name=details.task_name,
        task_version=details.task_version,
        kind="action" if details.kind == "task" else details.kind,
        phase=style_of(details.phase.value),
        started_at=details.start_time,
        ended_at=details.end_time if details.phase.is_terminal else None,
        attempts=attempt_rows(scope, details),
        cache_status=details.cache_status,
        error=_error_text(error) if error else "",
        error_kind=error.kind if error else "",
        abort_reason=abort.reason if abort else "",
        aborted_by=abort.aborted_by if abort else "",
        inputs=values.inputs,
        outputs=values.outputs,
        io_note=values.note,
        parent=_parent(scope, details),
        group=details.group,
        max_attempts=details.max_attempts,
        abort_url=_abort_url(scope, details),
        condition=condition_panel(scope, details),
        commands=_commands(scope, run, details) if details.kind == "task" else (),
    )


def _parent(scope: Scope, details: ActionDetails) -> tuple[str, str] | None:
    name = details.parent_name
    return (name, links.action_url(scope, details.run_name, name)) if name else None


def _abort_url(scope: Scope, details: ActionDetails) -> str:
    if details.phase.is_terminal or details.name == ROOT or details.kind == "trace":
        return ""
    return links.action_abort_url(scope, details.run_name, details.name)


def _commands(scope: Scope, run: str, details: ActionDetails) -> tuple[tuple[str, str], ...]:
    return (
        ("Run it again, in a shell", commands.as_cli(scope, run, details.name)),
        ("Run it again, in Python", commands.as_python(scope, run, details.name)),
        ("Read its values, in a shell", commands.read_cli(scope, run, details.name)),
        ("Read its values, in Python", commands.read_python(scope, run, details.name)),
    )


def condition_panel(scope: Scope, details: ActionDetails) -> ConditionPanel | None:
    """The question that the action waits with; None when it is no condition."""
    condition = details.condition
    if condition is None:
        return None
    start, limit = details.start_time, condition.timeout
    answer = condition.answer
    return ConditionPanel(
        prompt=condition.prompt,
        is_markdown=condition.prompt_is_markdown,
        description=condition.description,
        answer_type=condition.answer_type,
        deadline=start + limit if start and limit else None,
        is_waiting=details.phase is ActionPhase.PAUSED,
        answer="" if answer is None else str(leaf_words(answer)),
        answered_by=condition.answered_by,
        answer_url=links.signal_url(scope, details.run_name, details.name),
        command=commands.signal_cli(scope, details.run_name, details.name),
    )


def attempt_rows(scope: Scope, details: ActionDetails) -> tuple[AttemptRow, ...]:
    """The attempts in order.

    A platform may leave a superseded attempt as it was when the next one began; an attempt that
    has a successor has failed, and ended when that one started.
    """
    attempts = sorted(details.attempt_list, key=lambda attempt: attempt.number)
    return tuple(
        _attempt_row(scope, details, attempt, follower)
        for attempt, follower in zip_longest(attempts, attempts[1:])
    )


def _attempt_row(scope: Scope, details: ActionDetails, attempt: Any, follower: Any) -> AttemptRow:
    is_superseded = follower is not None and not attempt.phase.is_terminal
    ended_at: datetime | None = attempt.end_time
    if is_superseded:
        ended_at = ended_at or follower.start_time
    error = attempt.error
    return AttemptRow(
        number=attempt.number,
        phase=style_of("failed" if is_superseded else attempt.phase.value),
        started_at=attempt.start_time,
        ended_at=ended_at,
        spans=_spans(attempt, ended_at),
        error_headline=headline(error.message, error.code) if error else "",
        log_url=links.action_url(
            scope, details.run_name, details.name, tab="logs", attempt=attempt.number
        ),
        stages=_stages(attempt, ended_at),
        events=tuple(event_row(event) for event in attempt.cluster_events),
        links=tuple(_link_row(link) for link in attempt.links),
        cluster=attempt.cluster,
    )


def _spans(attempt: Any, ended_at: datetime | None) -> tuple[tuple[Any, Any, Any], ...]:
    return tuple(
        (style_of(span.phase.value), span.start_time, span.end_time or ended_at)
        for span in attempt.transitions
    )


def _stages(attempt: Any, ended_at: datetime | None) -> tuple[StageRow, ...]:
    """Queue, setup and run, each from its first phase to its last one's end."""
    found: dict[str, StageRow] = {}
    for span in attempt.transitions:
        label = _STAGES.get(span.phase.value)
        if label is None or span.start_time is None:
            continue
        until = span.end_time or ended_at
        since = found[label].since if label in found else span.start_time
        found[label] = StageRow(label, since, until)
    return tuple(found.values())


def event_row(event: Any) -> EventRow:
    return EventRow(event.occurred_at, event.message, event.reason, event.type == "warning")


def _link_row(link: Any) -> LinkRow:
    is_web = link.uri.startswith(("https://", "http://"))
    return LinkRow(link.name or link.kind, link.uri if is_web else "", link.uri, link.is_ready)


def _error_text(error: Any) -> str:
    """The class that the SDK sends apart, in front of the text that it belongs to."""
    text: str = error.message
    return text if not error.code or error.code in text else f"{error.code}: {text}"

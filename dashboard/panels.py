"""The selected action as its panel shows it: attempts, error, inputs and outputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from dashboard import links
from dashboard.headlines import headline
from dashboard.pages import ActionPanel, AttemptRow, Scope, ValueRow
from dashboard.phases import style_of
from remote_client import ActionDetails, ActionPhase

FOLDED_LINES = 6
FOLDED_CHARS = 600
"""A value longer than this stays folded until it is opened."""


@dataclass(frozen=True)
class Values:
    """Inputs and outputs as read so far; `note` says why one of them is missing."""

    inputs: tuple[ValueRow, ...] = ()
    outputs: tuple[ValueRow, ...] = ()
    note: str = ""


def value_rows(rendered: Iterable[Any]) -> tuple[ValueRow, ...]:
    """From `remote_client`'s rendered values."""
    return tuple(
        ValueRow(
            name=value.name,
            type_name=value.type_name,
            text=value.text,
            is_long=value.text.count("\n") >= FOLDED_LINES or len(value.text) > FOLDED_CHARS,
        )
        for value in rendered
    )


def no_outputs_note(phase: ActionPhase) -> str:
    """Why an action in this phase has no outputs; "" when it should have them."""
    if phase.is_success:
        return ""
    if phase.is_terminal:
        return f"No outputs: the action ended as {style_of(phase.value).label.lower()}."
    return "Outputs appear when the action has succeeded."


def action_panel(scope: Scope, details: ActionDetails, values: Values) -> ActionPanel:
    error, abort = details.error_info, details.abort_info
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
        abort_reason=abort.reason if abort else "",
        inputs=values.inputs,
        outputs=values.outputs,
        io_note=values.note,
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
    )


def _spans(attempt: Any, ended_at: datetime | None) -> tuple[tuple[Any, Any, Any], ...]:
    return tuple(
        (style_of(span.phase.value), span.start_time, span.end_time or ended_at)
        for span in attempt.transitions
    )


def _error_text(error: Any) -> str:
    """The class that the SDK sends apart, in front of the text that it belongs to."""
    text: str = error.message
    return text if not error.code or error.code in text else f"{error.code}: {text}"

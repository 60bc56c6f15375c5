"""Finds what broke a run and tells it first: root cause, error and the last lines of its log."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard import links
from dashboard.headlines import headline, last_traceback
from dashboard.pages import Failure, LogLineRow, Scope
from dashboard.tree_nodes import Facts
from dashboard.trees import ActionTree
from remote_client import ActionDetails, ActionPhase

SHOWN_LINES = 8
"""How many of the last log lines stand under the error."""

SEARCHED_LINES = 200
"""How far up in the log the traceback is looked for: the SDK sends an error without its own."""

_BROKEN = (ActionPhase.FAILED, ActionPhase.TIMED_OUT)
_LATE = datetime.max.replace(tzinfo=UTC)


def is_broken(action: Facts | None) -> bool:
    """Whether it ended in a phase that needs an explanation."""
    return action is not None and action.phase in (*_BROKEN, ActionPhase.ABORTED)


def root_cause(tree: ActionTree) -> Facts | None:
    """The deepest failed descendant, taking at each level the child that failed first.

    None unless the root itself failed. An abort has no cause further down: the root is it.
    """
    cause = tree.root
    if cause is None or not is_broken(cause):
        return None
    while cause.phase in _BROKEN and (failed := _failed_children(tree, cause)):
        cause = min(failed, key=lambda action: (action.end_time or _LATE, action.name))
    return cause


def _failed_children(tree: ActionTree, parent: Facts) -> list[Facts]:
    return [child for child in tree.children(parent.name) if child.phase in _BROKEN]


def failure_of(
    scope: Scope,
    run: str,
    details: ActionDetails,
    log: tuple[LogLineRow, ...] = (),
    label: str = "",
) -> Failure:
    """What the page says about a broken action; `log` holds the last lines of its last attempt.

    `label` is what the tree calls it, which tells it from its namesakes.
    """
    error, abort = details.error_info, details.abort_info
    attempt = max(details.attempts, 1)
    text = error.message if error else ""
    code = error.code if error else ""
    is_abort = details.phase is ActionPhase.ABORTED
    said = _abort_line(abort) if is_abort else headline(text, code) or _no_reason(details)
    return Failure(
        action_name=details.name,
        action_label=label or details.short_name or details.name,
        action_url=links.action_url(scope, run, details.name),
        attempt=attempt,
        max_attempt=max(details.max_attempts, attempt),
        code=code,
        kind=error.kind if error else "",
        headline=said,
        message=_whole(text, log),
        log_lines=log[-SHOWN_LINES:],
        log_url=links.action_url(scope, run, details.name, tab="logs", attempt=attempt),
        is_abort=is_abort,
    )


def _whole(text: str, log: tuple[LogLineRow, ...]) -> str:
    """The error's text; with the traceback out of the log when the text lacks one."""
    if "Traceback (most recent call last)" in text:
        return text
    traceback = last_traceback([line.text for line in log])
    if not traceback:
        return text
    return traceback if text.strip() in traceback else f"{text}\n\n{traceback}"


def _abort_line(abort: object) -> str:
    reason = getattr(abort, "reason", "") or "No reason was given."
    by = getattr(abort, "aborted_by", "")
    return f"{reason} ({by})" if by else reason


def _no_reason(details: ActionDetails) -> str:
    """Said when the platform recorded a failure without an error."""
    if details.phase is ActionPhase.TIMED_OUT:
        return "The action ran longer than it may."
    return "The platform recorded no error for this action."

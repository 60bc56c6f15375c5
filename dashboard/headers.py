"""The top of a run's page: what ran, whose it is, and how far it has come."""

from __future__ import annotations

from dashboard import links
from dashboard.pages import RunHeader, Scope
from dashboard.phases import style_of
from dashboard.tree_rows import phase_counts
from dashboard.trees import ActionTree
from remote_client import Run


def run_header(scope: Scope, run: Run, tree: ActionTree) -> RunHeader:
    """From the run as it was read once and its actions as they are now, which know better."""
    newest = tree.root_action or run
    is_over = newest.phase.is_terminal
    return RunHeader(
        scope=scope,
        name=run.name,
        url=links.run_url(scope, run.name),
        task_name=newest.task_name or run.task_name or newest.short_name,
        task_version=newest.task_version or run.task_version,
        owner=run.owner,
        source=run.source,
        phase=style_of(newest.phase.value),
        started_at=newest.start_time or run.start_time,
        ended_at=newest.end_time if is_over else None,
        running_actions=tree.running,
        counts=phase_counts(tree.counts),
        abort_url="" if is_over else links.abort_url(scope, run.name),
        rerun_url=links.rerun_url(scope, run.name),
    )


def run_title(header: RunHeader) -> str:
    """The document's title: the answer first, for a narrow tab shows no more."""
    return f"{header.phase.label} · {header.task_name} · {header.name}"

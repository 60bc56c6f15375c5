"""The top of a run's page: what ran, whose it is, and how far it has come."""

from __future__ import annotations

from dashboard import links
from dashboard.action_tabs.commands import as_cli, as_python
from dashboard.pages import RunHeader, Scope
from dashboard.phases import style_of
from dashboard.run_info import RunInfo
from dashboard.tree_rows import phase_counts
from dashboard.trees import ActionTree
from remote_client import Run


def run_header(scope: Scope, run: Run, tree: ActionTree, info: RunInfo | None = None) -> RunHeader:
    """From the run as it was read once and its actions as they are now, which know better."""
    newest = tree.root_action or run
    is_over = newest.phase.is_terminal
    task = newest.task_name or run.task_name
    version = newest.task_version or run.task_version
    trigger = run.trigger_name
    return RunHeader(
        scope=scope,
        name=run.name,
        url=links.run_url(scope, run.name),
        task_name=task or newest.short_name,
        task_version=version,
        owner=run.owner,
        source=run.source,
        phase=style_of(newest.phase.value),
        started_at=newest.start_time or run.start_time,
        ended_at=newest.end_time if is_over else None,
        running_actions=tree.running,
        counts=phase_counts(tree.counts),
        abort_url="" if is_over else links.abort_url(scope, run.name),
        rerun_url=links.rerun_url(scope, run.name),
        rerun_form_url=links.rerun_form_url(scope, run.name),
        compare_url=links.compare_url(scope, run.name),
        task_url=links.task_url(scope, task) if task else "",
        version_url=links.task_url(scope, task, version) if task and version else "",
        trigger=trigger,
        trigger_url=links.trigger_url(scope, task, trigger) if task and trigger else "",
        info=info,
        commands=(
            ("Copy as a command", as_cli(scope, run.name)),
            ("Copy as Python", as_python(scope, run.name)),
        ),
    )


def run_title(header: RunHeader) -> str:
    """The document's title: the answer first, for a narrow tab shows no more."""
    return f"{header.phase.label} · {header.task_name} · {header.name}"

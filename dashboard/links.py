"""Where things are: addresses of runs, actions and logs, as the SDK's console links spell them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from dashboard.pages import Scope

if TYPE_CHECKING:
    from dashboard.tree_views import TreeView


def runs_url(scope: Scope, **query: str) -> str:
    """The runs list; empty query values are left out."""
    return _with_query(_reverse("runs", scope), query)


def all_runs_url(scope: Scope) -> str:
    """The runs list without any filter, whatever view the reader's list opens with."""
    return f"{_reverse('runs', scope)}?q="


def views_url(scope: Scope) -> str:
    """The saved views that can be used in the scope."""
    return _reverse("saved-views", scope)


def export_url(scope: Scope, kind: str, **query: str) -> str:
    """What the runs list finds as a file; `kind` is csv or json."""
    return _with_query(_reverse("runs-export", scope, kind=kind), query)


def bulk_result_url(scope: Scope, act: str, job: str) -> str:
    return _reverse("runs-bulk-result", scope, act=act, job=job)


@lru_cache(maxsize=1024)  # a tree of ten thousand actions asks for the same one ten thousand times
def run_url(scope: Scope, run: str) -> str:
    return _reverse("run", scope, run=run)


def action_url(
    scope: Scope,
    run: str,
    action: str,
    tab: str = "",
    attempt: int = 0,
    view: TreeView | None = None,
) -> str:
    """The run's page with one action selected, on one of its tabs; the tree as in a view."""
    query = {"i": action, "tab": tab, "attempt": str(attempt) if attempt else ""}
    url = _with_query(run_url(scope, run), query)
    return f"{url}&{view.text}" if view and view.text else url


def tree_url(scope: Scope, run: str, view: TreeView) -> str:
    """The run's page with the tree as in this view."""
    query = view.text
    if view.pin:
        query = "&".join(filter(None, (urlencode({"i": view.pin}), query)))
    return f"{run_url(scope, run)}?{query}" if query else run_url(scope, run)


def abort_url(scope: Scope, run: str) -> str:
    return _reverse("run-abort", scope, run=run)


def rerun_url(scope: Scope, run: str) -> str:
    return _reverse("run-rerun", scope, run=run)


def rerun_form_url(scope: Scope, run: str, action: str = "") -> str:
    """The form that runs a run, or one of its actions, again with changes."""
    return _with_query(_reverse("rerun-form", scope, run=run), {"action": action})


def tasks_url(scope: Scope, **query: str) -> str:
    return _with_query(_reverse("tasks", scope), query)


def task_url(scope: Scope, task: str, version: str = "", **query: str) -> str:
    """A version of a task, the newest one for ""."""
    if version:
        path = _reverse("task-version", scope, name=task, version=version)
    else:
        path = _reverse("task", scope, name=task)
    return _with_query(path, query)


def launch_url(scope: Scope, task: str, version: str, **query: str) -> str:
    """The form that launches a version of a task; `inputs` fills it in, as JSON by name."""
    return _with_query(_reverse("launch", scope, name=task, version=version), query)


def raw_log_url(scope: Scope, run: str, action: str, attempt: int) -> str:
    return _reverse("log-raw", scope, run=run, action=action, attempt=attempt)


def action_abort_url(scope: Scope, run: str, action: str) -> str:
    return _reverse("action-abort", scope, run=run, action=action)


def signal_url(scope: Scope, run: str, action: str) -> str:
    """Takes the answer to a condition."""
    return _reverse("action-signal", scope, run=run, action=action)


def report_url(scope: Scope, run: str, action: str, attempt: int, version: str = "") -> str:
    """The report's own HTML, for a frame; another `version` is another state of it."""
    path = _reverse("action-report", scope, run=run, action=action, attempt=attempt)
    return _with_query(path, {"v": version})


def value_url(
    scope: Scope, run: str, action: str, value: tuple[str, str], what: str, **query: str
) -> str:
    """About an input or output, by side and name: its `json`, or a file that it points at."""
    side, name = value
    path = _reverse("value", scope, run=run, action=action, side=side, value=name, what=what)
    return _with_query(path, query)


def code_url(scope: Scope, run: str, action: str, file: str) -> str:
    """One file of the code that an action ran."""
    return _with_query(run_url(scope, run), {"i": action, "tab": "code", "file": file})


def trigger_url(scope: Scope, task: str, name: str) -> str:
    return _reverse("trigger", scope, task=task, name=name)


def compare_url(scope: Scope, *runs: str) -> str:
    query = urlencode([("run", run) for run in runs])
    path = _reverse("compare", scope)
    return f"{path}?{query}" if query else path


def log_window_url(scope: Scope, run: str, action: str, attempt: int) -> str:
    return _reverse("log-window", scope, run=run, action=action, attempt=attempt)


def log_search_url(scope: Scope, run: str, action: str, attempt: int) -> str:
    return _reverse("log-search", scope, run=run, action=action, attempt=attempt)


def _reverse(name: str, scope: Scope, /, **parts: object) -> str:
    return reverse(name, kwargs={"domain": scope.domain, "project": scope.project, **parts})


def _with_query(path: str, query: dict[str, str]) -> str:
    given = urlencode({key: value for key, value in query.items() if value})
    return f"{path}?{given}" if given else path

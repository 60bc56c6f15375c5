"""Where things are: addresses of runs, actions and logs, as the SDK's console links spell them."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse

from dashboard.pages import Scope


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


@lru_cache(maxsize=1024)  # a tree of ten thousand actions asks for the same one ten thousand times
def run_url(scope: Scope, run: str) -> str:
    return _reverse("run", scope, run=run)


def action_url(scope: Scope, run: str, action: str, tab: str = "", attempt: int = 0) -> str:
    """The run's page with one action selected, on one of its tabs."""
    query = {"i": action, "tab": tab, "attempt": str(attempt) if attempt else ""}
    return _with_query(run_url(scope, run), query)


def abort_url(scope: Scope, run: str) -> str:
    return _reverse("run-abort", scope, run=run)


def rerun_url(scope: Scope, run: str) -> str:
    return _reverse("run-rerun", scope, run=run)


def raw_log_url(scope: Scope, run: str, action: str, attempt: int) -> str:
    return _reverse("log-raw", scope, run=run, action=action, attempt=attempt)


def _reverse(name: str, scope: Scope, **parts: object) -> str:
    return reverse(name, kwargs={"domain": scope.domain, "project": scope.project, **parts})


def _with_query(path: str, query: dict[str, str]) -> str:
    given = urlencode({key: value for key, value in query.items() if value})
    return f"{path}?{given}" if given else path

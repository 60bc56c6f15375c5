"""Starts a run once more for a page or for the API, and writes it down."""

from __future__ import annotations

from django.http import HttpRequest

from dashboard.access import audit
from dashboard.errors import PageProblem
from dashboard.pages import Scope
from dashboard.upstream import platform
from dashboard.views.scopes import no_run
from remote_client import Run
from remote_client.errors import NotFound, RemoteError


async def rerun_run(request: HttpRequest, scope: Scope, name: str) -> Run:
    """Start the run's task again, with the same inputs and settings. Returns the new run.

    Raises PageProblem for an unknown run.
    """
    thing = f"{scope.project}/{scope.domain}/{name}"
    try:
        started = await platform().rerun(await platform().run(scope, name))
    except NotFound:
        raise PageProblem(no_run(scope, name)) from None
    except RemoteError as error:
        await audit.record(request, "run.rerun", thing, result=audit.FAILED, detail=error.message)
        raise
    await audit.record(request, "run.rerun", thing, detail=f"as {started.name}")
    return started

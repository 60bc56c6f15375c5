"""Aborts a run for a page or for the API, and writes it down."""

from __future__ import annotations

from django.http import HttpRequest

from dashboard.access import audit
from dashboard.errors import PageProblem
from dashboard.pages import Scope
from dashboard.people import person_of
from dashboard.upstream import platform
from dashboard.views.scopes import no_run
from remote_client import Run
from remote_client.errors import NotFound, RemoteError

MAX_REASON = 500


async def abort_run(request: HttpRequest, scope: Scope, name: str, reason: str) -> Run:
    """Abort the run unless it has ended: a platform may turn an ended run to aborted.

    Returns the run as it was before; when its phase is terminal, nothing was done. Raises
    PageProblem for an unknown run.
    """
    thing = f"{scope.project}/{scope.domain}/{name}"
    try:
        found = await platform().run(scope, name)
    except NotFound:
        raise PageProblem(no_run(scope, name)) from None
    if found.phase.is_terminal:
        return found
    reason = reason.strip()[:MAX_REASON] or f"Aborted by {person_of(request)} in Flightboard."
    try:
        await platform().abort(found, reason)
    except RemoteError as error:
        await audit.record(request, "run.abort", thing, result=audit.FAILED, detail=error.message)
        raise
    await audit.record(request, "run.abort", thing, detail=f"reason: {reason}")
    return found

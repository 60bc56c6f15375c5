"""The checks that every page below a project begins with."""

from __future__ import annotations

from django.http import HttpRequest

from dashboard import links
from dashboard.access.guard import no_project, require
from dashboard.errors import PageProblem, home_link
from dashboard.pages import ErrorPage, Scope
from dashboard.upstream import platform
from remote_client.errors import NotFound


async def existing_scope(
    request: HttpRequest, project: str, domain: str, *, action: str, thing: str = ""
) -> Scope:
    """The scope that an address names, for who may do the action there; else a page says so.

    `thing` names what the action is about in the audit log. The platform answers questions about
    an unknown project or domain with empty lists, which would look like a project without runs.
    """
    await require(request, action, project, thing)
    scope = Scope(project=project, domain=domain)
    try:
        found = await platform().project(project)
    except NotFound:
        raise PageProblem(no_project(project)) from None
    known = [each.id for each in found.domains]
    if known and domain not in known:
        raise PageProblem(_no_domain(scope, known))
    return scope


def _no_domain(scope: Scope, known: list[str]) -> ErrorPage:
    there = [Scope(project=scope.project, domain=domain) for domain in known]
    return ErrorPage(
        404,
        "No such domain",
        f"Project {scope.project!r} has no domain {scope.domain!r}.",
        f"It has {', '.join(known)}.",
        links=(*((each.domain, links.runs_url(each)) for each in there), home_link()),
    )


def no_run(scope: Scope, run: str) -> ErrorPage:
    return ErrorPage(
        404,
        "No such run",
        f"There is no run {run!r} in {scope.project}/{scope.domain}.",
        "Check the address. A run belongs to one project and one domain.",
        links=(("Runs of this project", links.runs_url(scope)), home_link()),
    )

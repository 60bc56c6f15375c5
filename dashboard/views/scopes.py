"""The check that every page below a project begins with."""

from __future__ import annotations

from dashboard import links
from dashboard.errors import PageProblem, home_link
from dashboard.pages import ErrorPage, Scope
from dashboard.upstream import platform
from remote_client.errors import NotFound


async def existing_scope(project: str, domain: str) -> Scope:
    """The scope that an address names; a page that says so when there is no such thing.

    The platform answers questions about an unknown project or domain with empty lists, which would
    look like a project without runs. Everyone who is signed in may see every project that the
    dashboard's own identity sees; this is where a narrower rule belongs.
    """
    scope = Scope(project=project, domain=domain)
    try:
        found = await platform().project(project)
    except NotFound:
        raise PageProblem(_no_project(project)) from None
    known = [each.id for each in found.domains]
    if known and domain not in known:
        raise PageProblem(_no_domain(scope, known))
    return scope


def _no_project(project: str) -> ErrorPage:
    return ErrorPage(
        404,
        "No such project",
        f"The platform has no project {project!r}.",
        "Check the address, or look for the project in the list.",
        links=(home_link(),),
    )


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

"""Refuses what a person may not do: a page that says so, and an entry in the audit log."""

from __future__ import annotations

from django.http import HttpRequest

from dashboard.access import audit
from dashboard.access.permissions import PERMISSIONS, Reach
from dashboard.access.rights import of_request
from dashboard.errors import PageProblem, home_link
from dashboard.pages import ErrorPage


async def require(request: HttpRequest, action: str, project: str = "", thing: str = "") -> None:
    """Let pass who may do it. Raises PageProblem: 404 when they may not even see the project.

    A project that a person may not see is answered exactly as one that does not exist, so that
    guessing addresses tells nobody its name.
    """
    rights = of_request(request)
    if rights.may(action, project):
        return
    await audit.record(request, action, thing or project, result=audit.REFUSED)
    is_hidden = bool(project) and not rights.may("project.see", project)
    raise PageProblem(no_project(project) if is_hidden else not_allowed(action, project))


def no_project(project: str) -> ErrorPage:
    return ErrorPage(
        404,
        "No such project",
        f"The platform has no project {project!r}.",
        "Check the address, or look for the project in the list.",
        links=(home_link(),),
    )


def not_allowed(action: str, project: str = "") -> ErrorPage:
    permission = PERMISSIONS[action]
    where = f"in project {project!r}" if project else "everywhere"
    if permission.reach is Reach.ANYWHERE:
        where = "in a project"
    return ErrorPage(
        403,
        "Not allowed",
        f"You may not {permission.words}. It takes the role of {permission.least.key} {where}.",
        "Ask an admin of this Flightboard for the role. The attempt was written to the audit log.",
        links=(home_link(),),
    )

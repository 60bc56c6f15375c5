"""What is said when a task isn't there."""

from __future__ import annotations

from dashboard import links
from dashboard.errors import home_link
from dashboard.pages import ErrorPage, Scope


def no_task(scope: Scope, name: str, version: str = "") -> ErrorPage:
    what = f"task {name!r} with version {version!r}" if version else f"task {name!r}"
    own = ((f"Versions of {name}", links.task_url(scope, name)),) if version else ()
    return ErrorPage(
        404,
        "No such task",
        f"There is no {what} in {scope.project}/{scope.domain}.",
        "Check the address. Deploying the task puts it there: flyte deploy FILE.py ENVIRONMENT.",
        links=(*own, ("Tasks of this project", links.tasks_url(scope)), home_link()),
    )

"""The tasks of a project, and one task, version by version."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.errors import PageProblem
from dashboard.live import registry
from dashboard.live.protocol import RunsArgs
from dashboard.tasks.details import task_page
from dashboard.tasks.listing import TasksQuery, heads, listed, rows
from dashboard.tasks.pages import TasksPage
from dashboard.tasks.problems import no_task
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client import TaskDetails
from remote_client.errors import NotFound


@require_safe
async def tasks(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="task.see")
    query = TasksQuery.of(request)
    # Joined before the list is read: what changes in between then reaches the page's socket.
    async with registry.visited(RunsArgs(project, domain)) as topic:
        cursor = topic.cursor
        found = await listed(scope, query)
        drawn = await rows(scope, found.items)
    page = TasksPage(
        scope=scope,
        tasks=drawn,
        heads=heads(scope, query),
        text=query.text,
        environment=query.environment,
        by=query.by,
        sort=query.sort,
        next_url=query.url(scope, after=found.next_token) if found.next_token else "",
        first_url=query.url(scope) if query.token else "",
        cursor=cursor,
        endpoint=platform().endpoint,
    )
    return render(request, "tasks/list.html", {"page": page})


@require_safe
async def task(
    request: HttpRequest, domain: str, project: str, name: str, version: str = ""
) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="task.see", thing=name)
    against = request.GET.get("against", "")

    async def read(wanted: str) -> TaskDetails:
        try:
            return await platform().task(scope, name, wanted)
        except NotFound:
            raise PageProblem(no_task(scope, name, wanted)) from None

    shown = await read(version)
    other = await read(against) if against and against != shown.version else None
    async with registry.visited(RunsArgs(project, domain)) as topic:
        cursor = topic.cursor
        token = request.GET.get("versions", "")[:500]
        page = await task_page(scope, shown, other, token=token, cursor=cursor)
    return render(request, "tasks/detail.html", {"page": page})

"""Version 1 of the API: projects, runs, actions, logs, and aborting a run.

Each operation begins as its page does: with the permission table, then the platform. The OpenAPI
description is at `openapi.json`.
"""

from __future__ import annotations

from typing import Annotated

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from ninja import NinjaAPI, Path, Query

from dashboard.aborting import abort_run
from dashboard.access.guard import require
from dashboard.access.rights import of_request
from dashboard.api import errors
from dashboard.api.bearer import ApiTokenAuth
from dashboard.api.nouns import ROUTERS
from dashboard.api.schemas import (
    AbortIn,
    AbortOut,
    ActionOut,
    ActionsOut,
    ErrorOut,
    ProjectOut,
    ProjectsOut,
    RerunOut,
    RunOut,
    RunsOut,
)
from dashboard.errors import PageProblem
from dashboard.live import registry
from dashboard.live.protocol import MAX_ATTEMPT, LogArgs, RunArgs
from dashboard.pages import Scope
from dashboard.rerunning import rerun_run
from dashboard.run_lists.finding import find_runs
from dashboard.run_lists.query import BadQuery, RunQuery
from dashboard.upstream import platform
from dashboard.views.logs import log_response
from dashboard.views.scopes import existing_scope, no_run
from remote_client.errors import NotFound

SNAPSHOT_WAIT_S = 5.0

Name = Annotated[str, Query(min_length=1, max_length=255)]
OptionalName = Annotated[str, Query(max_length=255)]
Attempt = Annotated[int, Path(ge=1, le=MAX_ATTEMPT)]
Limit = Annotated[int, Query(ge=1, le=100)]

api = NinjaAPI(
    title="Flightboard API",
    version="1",
    urls_namespace="api-1",
    auth=ApiTokenAuth(),
    docs_url=None,  # its pages load scripts from another host
)
errors.install(api)
_ERRORS = dict.fromkeys((401, 403, 404, 422, 502, 503), ErrorOut)


@api.get("/projects", response={200: ProjectsOut, **_ERRORS}, operation_id="list_projects")
async def projects(request: HttpRequest) -> ProjectsOut:
    """The projects that the token may see."""
    rights = of_request(request)
    if not rights.highest:
        await require(request, "token.own")
    found = [p for p in await platform().projects() if rights.may("project.see", p.id)]
    return ProjectsOut(items=[ProjectOut.of(project) for project in found])


@api.get("/runs", response={200: RunsOut, **_ERRORS}, operation_id="list_runs")
async def runs(
    request: HttpRequest,
    project: OptionalName = "",
    domain: OptionalName = "",
    q: str = "",
    sort: str = "",
    phase: str = "",
    task: str = "",
    limit: Limit = 100,
    token: str = "",
) -> RunsOut | HttpResponse:
    """A page of runs, newest first unless `sort` says otherwise.

    `q` filters in the words of the list of runs, such as `phase:failed since:1d owner:me`; `phase`
    and `task` are short for the same. Without a project: of all that the token may see.
    """
    if bool(project) != bool(domain):
        return errors.error_json(request, 422, "Name both the project and the domain, or neither.")
    scope = await _scope_of_list(request, project, domain)
    try:
        query = RunQuery.from_request({"q": q, "sort": sort, "phase": phase, "task": task})
        found = await find_runs(request, scope, query, after=token, limit=limit)
    except BadQuery as bad:
        return errors.error_json(request, 422, str(bad))
    items = [RunOut.of_facts(facts) for facts in found.runs]
    return RunsOut(items=items, next_token=found.next_cursor, note=found.note)


async def _scope_of_list(request: HttpRequest, project: str, domain: str) -> Scope | None:
    """The project asked for; None for all that the token may see, of which there must be one."""
    if project:
        return await existing_scope(request, project, domain, action="run.list")
    if not of_request(request).highest:
        await require(request, "token.own")
    return None


@api.get("/runs/{run}", response={200: RunOut, **_ERRORS}, operation_id="get_run")
async def run(request: HttpRequest, run: str, project: Name, domain: Name) -> RunOut:
    """One run."""
    scope = await existing_scope(request, project, domain, action="run.see", thing=run)
    try:
        return RunOut.of(await platform().run(scope, run))
    except NotFound:
        raise PageProblem(no_run(scope, run)) from None


@api.get("/runs/{run}/actions", response={200: ActionsOut, **_ERRORS}, operation_id="list_actions")
async def actions(request: HttpRequest, run: str, project: Name, domain: Name) -> ActionsOut:
    """The run's actions, a parent before its children."""
    scope = await existing_scope(request, project, domain, action="action.see", thing=run)
    async with registry.visited(RunArgs(project, domain, run)) as topic:
        try:
            is_whole = await topic.ready(SNAPSHOT_WAIT_S)
        except NotFound:
            raise PageProblem(no_run(scope, run)) from None
        known = [topic.tree.action(row.key) for row in topic.tree.rows()]
        is_complete = is_whole and topic.tree.is_complete
    return ActionsOut(
        items=[ActionOut.of(action) for action in known if action], is_complete=is_complete
    )


@api.get(
    "/runs/{run}/actions/{action}/attempts/{attempt}/log",
    response={200: str, **_ERRORS},
    operation_id="read_log",
)
async def log(
    request: HttpRequest, run: str, action: str, attempt: Attempt, project: Name, domain: Name
) -> HttpResponseBase:
    """The log of an attempt so far, as plain text."""
    thing = f"{project}/{domain}/{run}/{action}/{attempt}"
    scope = await existing_scope(request, project, domain, action="log.read", thing=thing)
    try:
        await platform().action(scope, run, action)
    except NotFound:
        raise PageProblem(no_run(scope, run)) from None
    return await log_response(request, LogArgs(project, domain, run, action, attempt))


@api.post("/runs/{run}/abort", response={200: AbortOut, **_ERRORS}, operation_id="abort_run")
async def abort(
    request: HttpRequest, run: str, project: Name, domain: Name, body: AbortIn
) -> AbortOut:
    """Abort the run with everything in it, unless it has ended."""
    thing = f"{project}/{domain}/{run}"
    scope = await existing_scope(request, project, domain, action="run.abort", thing=thing)
    found = await abort_run(request, scope, run, body.reason)
    phase = found.phase
    return AbortOut(run=run, phase=phase.value, is_aborting=not phase.is_terminal)


@api.post("/runs/{run}/rerun", response={201: RerunOut, **_ERRORS}, operation_id="rerun_run")
async def rerun(
    request: HttpRequest, run: str, project: Name, domain: Name
) -> tuple[int, RerunOut]:
    """Start the run's task once more, with the same inputs and settings."""
    thing = f"{project}/{domain}/{run}"
    scope = await existing_scope(request, project, domain, action="run.rerun", thing=thing)
    started = await rerun_run(request, scope, run)
    return 201, RerunOut(run=started.name, rerun_of=run)


for _router in ROUTERS:
    api.add_router("", _router)


@login_not_required
async def unknown(request: HttpRequest, rest: str) -> JsonResponse:
    """Any other address below /api/."""
    return errors.error_json(request, 404, f"There is nothing at {request.path}.")


# Scripts have no session: the API's own check stands in the place of the pages' sign-in.
urls = api.urls
for _pattern in urls[0]:
    _pattern.callback = login_not_required(_pattern.callback)  # type: ignore[type-var]

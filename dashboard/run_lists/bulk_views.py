"""Aborting and rerunning many runs: what it will do, doing it, and the result for each run."""

from __future__ import annotations

import json
from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dashboard import links
from dashboard.errors import PageProblem, home_link
from dashboard.live import registry
from dashboard.live.protocol import BulkArgs
from dashboard.pages import ErrorPage, Scope
from dashboard.run_lists import bulk
from dashboard.run_lists.bulk import ABORT, MOST_RUNS, BulkJob, jobs
from dashboard.run_lists.bulk_plan import Planned, plan, says
from dashboard.run_lists.pages import BulkPage, BulkResultPage
from dashboard.views.scopes import existing_scope

FIRST_WAIT_S = 1.0
"""How long the answer waits for the results; later ones come over the socket."""

NEEDS = {ABORT: "run.abort", bulk.RERUN: "run.rerun"}
_TITLES = {ABORT: "Abort runs", bulk.RERUN: "Rerun runs"}


@require_http_methods(["GET", "HEAD", "POST"])
async def act_on_many(request: HttpRequest, domain: str, project: str, act: str) -> HttpResponse:
    """What it will do to the chosen runs; a POST does it."""
    given = request.POST if request.method == "POST" else request.GET
    names = list(dict.fromkeys(name for name in given.getlist("run") if name))
    thing = f"{project}/{domain}: {len(names)} runs"
    scope = await existing_scope(request, project, domain, action=NEEDS[act], thing=thing)
    if not names or len(names) > MOST_RUNS:
        raise PageProblem(_wrong_count(scope, len(names)))
    if request.method == "POST":
        job = jobs.begin(request, scope, act, names, request.POST.get("reason", ""))
        await job.wait(FIRST_WAIT_S)
        return redirect(links.bulk_result_url(scope, act, job.id))
    planned = await plan(scope, names)
    return render(request, "runs/bulk.html", {"page": _page(scope, act, planned)})


@require_safe
async def result(
    request: HttpRequest, domain: str, project: str, act: str, job: str
) -> HttpResponse:
    """How far it has come, run by run."""
    scope = await existing_scope(request, project, domain, action="run.list")
    found = jobs.find(scope, job)
    if found is None or found.act != act:
        raise PageProblem(_no_job(scope))
    async with registry.visited(BulkArgs(project, domain, job)) as topic:
        page = _result_page(found, topic.cursor)
    return render(request, "runs/bulk_result.html", {"page": page})


def _page(scope: Scope, act: str, planned: tuple[Planned, ...]) -> BulkPage:
    count = sum(each.goes_on if act == ABORT else each.is_there for each in planned)
    verb = "Abort" if act == ABORT else "Rerun"
    return BulkPage(
        scope=scope,
        act=act,
        title=_TITLES[act],
        says=says(act, planned),
        planned=planned,
        button=f"{verb} {count} run{'' if count == 1 else 's'}" if count else "",
        back_url=links.all_runs_url(scope),
    )


def _result_page(job: BulkJob, cursor: str) -> BulkResultPage:
    return BulkResultPage(
        scope=job.scope,
        live_args=json.dumps(asdict(BulkArgs(job.scope.project, job.scope.domain, job.id))),
        title=_TITLES[job.act],
        reason=job.reason,
        summary=job.summary,
        results=tuple(job.results.values()),
        cursor=cursor,
        back_url=links.all_runs_url(job.scope),
    )


def _wrong_count(scope: Scope, count: int) -> ErrorPage:
    said = f"{count} runs were chosen." if count else "No run was chosen."
    return ErrorPage(
        400,
        "Choose runs first",
        said,
        f"Tick between 1 and {MOST_RUNS} runs of the list, then choose what to do with them.",
        links=(("Runs", links.all_runs_url(scope)), home_link()),
    )


def _no_job(scope: Scope) -> ErrorPage:
    return ErrorPage(
        404,
        "No such result",
        "These results are not here any more: they are kept for an hour, until a restart.",
        "The runs themselves show what became of them, and the audit log has each act.",
        links=(("Runs", links.all_runs_url(scope)), home_link()),
    )

"""The API's operations on many runs."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from dashboard.api.schemas import ErrorOut
from dashboard.run_lists.bulk import ABORT, MOST_RUNS, RERUN, BulkJob, jobs
from dashboard.run_lists.bulk_views import NEEDS
from dashboard.views.scopes import existing_scope

router = Router()

Name = Annotated[str, Query(min_length=1, max_length=255)]
RunName = Annotated[str, Field(min_length=1, max_length=255)]
Runs = Annotated[list[RunName], Field(min_length=1, max_length=MOST_RUNS)]
_ERRORS = dict.fromkeys((401, 403, 404, 422, 502, 503), ErrorOut)

WAIT_S = 300.0


class BulkAbortIn(Schema):
    runs: Runs
    reason: str = ""


class BulkRerunIn(Schema):
    runs: Runs


class BulkResultOut(Schema):
    run: str
    outcome: str
    """`done`, `ended` (it had ended already), `refused`, `failed`, or `waiting` after 5 minutes."""
    message: str
    new_run: str = ""
    """Of a rerun: the run that it started."""


class BulkOut(Schema):
    results: list[BulkResultOut]

    @classmethod
    def of(cls, job: BulkJob) -> BulkOut:
        return cls(
            results=[
                BulkResultOut(
                    run=each.run, outcome=each.outcome, message=each.says, new_run=each.new_run
                )
                for each in job.results.values()
            ]
        )


@router.post("/runs-abort", response={200: BulkOut, **_ERRORS}, operation_id="abort_runs")
async def abort_runs(
    request: HttpRequest, project: Name, domain: Name, body: BulkAbortIn
) -> BulkOut:
    """Abort up to 200 runs with everything in them. One that fails does not stop the others."""
    return await _done(request, project, domain, ABORT, body.runs, body.reason)


@router.post("/runs-rerun", response={200: BulkOut, **_ERRORS}, operation_id="rerun_runs")
async def rerun_runs(
    request: HttpRequest, project: Name, domain: Name, body: BulkRerunIn
) -> BulkOut:
    """Start up to 200 runs once more, each with its inputs and settings."""
    return await _done(request, project, domain, RERUN, body.runs)


async def _done(
    request: HttpRequest, project: str, domain: str, act: str, runs: list[str], reason: str = ""
) -> BulkOut:
    thing = f"{project}/{domain}: {len(runs)} runs"
    scope = await existing_scope(request, project, domain, action=NEEDS[act], thing=thing)
    job = jobs.begin(request, scope, act, runs, reason)
    await job.wait(WAIT_S)
    return BulkOut.of(job)

"""The API's operations on compare."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from dashboard.api.schemas import ErrorOut
from dashboard.compare.pages import ActionRow, ComparePage, Row
from dashboard.compare.views import MOST_RUNS, compare_page, wanted
from dashboard.views.scopes import existing_scope

router = Router()

Name = Annotated[str, Query(min_length=1, max_length=255)]
Runs = Annotated[list[str], Query(min_length=1, max_length=MOST_RUNS)]
_ERRORS = dict.fromkeys((401, 403, 404, 422, 502, 503), ErrorOut)


class ComparedOut(Schema):
    name: str
    phase: str
    start_time: datetime | None
    end_time: datetime | None
    error: str


class RowOut(Schema):
    name: str
    type: str
    values: list[str | None]
    """One for each run, in their order; null where a run has none."""
    differs: bool

    @classmethod
    def of(cls, row: Row) -> RowOut:
        return cls(
            name=row.label, type=row.type_name, values=list(row.cells), differs=row.is_different
        )


class DurationOut(Schema):
    count: int
    milliseconds: int
    """Of all actions of the path together."""


class ComparedActionOut(Schema):
    path: str
    """Names below the root, separated by slashes; empty for the root."""
    runs: list[DurationOut | None]

    @classmethod
    def of(cls, row: ActionRow) -> ComparedActionOut:
        bars = [DurationOut(count=b.count, milliseconds=b.ms) if b else None for b in row.bars]
        return cls(path=row.path, runs=bars)


class ComparisonOut(Schema):
    runs: list[ComparedOut]
    facts: list[RowOut]
    inputs: list[RowOut]
    outputs: list[RowOut]
    actions: list[ComparedActionOut]
    notes: list[str]

    @classmethod
    def of(cls, page: ComparePage) -> ComparisonOut:
        return cls(
            runs=[
                ComparedOut(
                    name=each.name,
                    phase=each.phase.key,
                    start_time=each.started_at,
                    end_time=each.ended_at,
                    error=each.error,
                )
                for each in page.columns
            ],
            facts=[RowOut.of(row) for row in page.facts],
            inputs=[RowOut.of(row) for row in page.inputs],
            outputs=[RowOut.of(row) for row in page.outputs],
            actions=[ComparedActionOut.of(row) for row in page.actions],
            notes=list(page.notes),
        )


@router.get("/compare", response={200: ComparisonOut, **_ERRORS}, operation_id="compare_runs")
async def compare_runs(
    request: HttpRequest, project: Name, domain: Name, run: Runs
) -> ComparisonOut:
    """Two to four runs side by side; a run that there is not is named in `notes`."""
    names = wanted(run)
    thing = f"{project}/{domain}/{','.join(names)}"
    scope = await existing_scope(request, project, domain, action="run.see", thing=thing)
    return ComparisonOut.of(await compare_page(scope, names, None))

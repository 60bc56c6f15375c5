"""What a list finds as a file: CSV and JSON, streamed page by page as they are found."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from dashboard import links
from dashboard.errors import PageProblem, home_link
from dashboard.live.protocol import compact, iso
from dashboard.pages import ErrorPage, Scope
from dashboard.run_lists.facts import RunFacts
from dashboard.run_lists.finding import FoundRuns, find_runs
from dashboard.run_lists.query import BadQuery, RunQuery
from dashboard.views.scopes import existing_scope

MOST_ROWS = 10_000
"""Of one file: a hundred pages. Whoever needs more asks for a narrower time, or the API."""

FIELDS = (
    "run", "phase", "task", "version", "owner", "source", "trigger", "started", "ended",
    "duration_s", "attempts", "labels", "error", "project", "domain", "url",
)  # fmt: skip

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@require_safe
async def export(request: HttpRequest, domain: str, project: str, kind: str) -> HttpResponseBase:
    """The runs of the list with this `q` and `sort`, as an attachment."""
    scope = await existing_scope(request, project, domain, action="run.list")
    try:
        query = RunQuery.from_request(request.GET)
        # The first page before anything is sent: what goes wrong with it becomes a page.
        first = await find_runs(request, scope, query)
    except BadQuery as bad:
        raise PageProblem(_bad_query(scope, bad)) from None
    pages = _pages(request, scope, query, first)
    body = _csv(request, pages) if kind == "csv" else _json(request, scope, query, pages)
    if request.method == "HEAD":
        await body.aclose()
        await pages.aclose()
        return _headed(HttpResponse(content_type=_TYPES[kind]), scope, kind)
    return _headed(StreamingHttpResponse(body, content_type=_TYPES[kind]), scope, kind)


def _headed(response: HttpResponseBase, scope: Scope, kind: str) -> HttpResponseBase:
    name = f"runs-{scope.project}-{scope.domain}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{_plain(name)}"'
    # Chunks of an asynchronous stream are compressed each by itself; browsers stop at the first.
    response["Content-Encoding"] = "identity"
    return response


def _plain(name: str) -> str:
    return "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "-" for sign in name
    )


async def _pages(
    request: HttpRequest, scope: Scope, query: RunQuery, found: FoundRuns
) -> AsyncGenerator[tuple[tuple[RunFacts, ...], bool], None]:
    """Pages of runs, and whether there is more that the file will not have."""
    left = MOST_ROWS
    while True:
        runs = found.runs[:left]
        left -= len(runs)
        is_cut = left == 0 and (bool(found.next_cursor) or len(runs) < len(found.runs))
        yield runs, is_cut
        if not found.next_cursor or left == 0:
            return
        found = await find_runs(request, scope, query, after=found.next_cursor)


def record_of(request: HttpRequest, run: RunFacts) -> dict[str, object]:
    """A run as both kinds of file have it, in the order of `FIELDS`."""
    values: tuple[object, ...] = (
        run.name, run.phase, run.task, run.version, run.owner, run.source, run.trigger,
        iso(run.started), iso(run.ended),
        run.duration.total_seconds() if run.duration is not None else None,
        run.attempts, dict(run.labels), run.error_line, run.project, run.domain,
        request.build_absolute_uri(links.run_url(run.scope, run.name)),
    )  # fmt: skip
    return dict(zip(FIELDS, values, strict=True))


# --- CSV ----------------------------------------------------------------------------------------


async def _csv(
    request: HttpRequest, pages: AsyncGenerator[tuple[tuple[RunFacts, ...], bool], None]
) -> AsyncGenerator[str, None]:
    yield _lines([FIELDS])
    async for runs, is_cut in pages:
        yield _lines([_cells(record_of(request, run)) for run in runs])
        if is_cut:
            yield _lines([(f"Only the first {MOST_ROWS} runs: narrow the query for the rest.",)])


def _cells(record: dict[str, object]) -> tuple[str, ...]:
    labels = record["labels"]
    assert isinstance(labels, dict)
    said = " ".join(f"{key}={value}" for key, value in labels.items())
    return tuple(safe_cell(value) for value in {**record, "labels": said}.values())


def safe_cell(value: object) -> str:
    """A text that a spreadsheet would take for a formula gets a quote before it."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value


def _lines(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


# --- JSON ---------------------------------------------------------------------------------------


async def _json(
    request: HttpRequest,
    scope: Scope,
    query: RunQuery,
    pages: AsyncGenerator[tuple[tuple[RunFacts, ...], bool], None],
) -> AsyncGenerator[str, None]:
    head = {
        "project": scope.project,
        "domain": scope.domain,
        "query": query.text(),
        "sort": query.sort.text(),
        "exported_at": iso(datetime.now(UTC)),
    }
    yield f'{json.dumps(head, ensure_ascii=False)[:-1]}, "runs": ['
    between, is_complete = "\n", True
    async for runs, is_cut in pages:
        is_complete = not is_cut
        for run in runs:
            yield between + compact(record_of(request, run))
            between = ",\n"
    yield f'\n], "is_complete": {json.dumps(is_complete)}}}\n'


def _bad_query(scope: Scope, bad: BadQuery) -> ErrorPage:
    return ErrorPage(
        400,
        "The query can't be understood",
        bad.what,
        bad.advice or "Correct it in the list of runs.",
        links=(("Runs", links.all_runs_url(scope)), home_link()),
    )

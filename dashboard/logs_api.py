"""The API's operations on logs: lines by number, and a search."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Schema

from dashboard.api.errors import error_json
from dashboard.api.schemas import ErrorOut
from dashboard.live import registry
from dashboard.live.log import LogTopic
from dashboard.live.log_search import ScanFailed
from dashboard.live.protocol import MAX_ATTEMPT
from dashboard.log_asks import LONGEST_TEXT, SOURCES, LogAsk
from dashboard.log_windows import FIRST_LINES_WAIT_S, numbers_of
from dashboard.pages import LogLineRow
from dashboard.views.logs import MOST_LINES, readable

router = Router(tags=["logs"])

Name = Annotated[str, Query(min_length=1, max_length=255)]
Attempt = Annotated[int, Path(ge=1, le=MAX_ATTEMPT)]
_ERRORS = dict.fromkeys((401, 403, 404, 422, 502, 503), ErrorOut)
_HERE = "/runs/{run}/actions/{action}/attempts/{attempt}/log"

MOST_FOUND = 10_000


class LogLineOut(Schema):
    number: int
    time: datetime | None
    text: str
    """As it was written; cut when `size` says that the line is longer."""
    source: str
    level: str
    """What the line itself says: `error`, `warn`, `info`, `debug`, or empty."""
    size: int
    """Bytes of a line that is longer than its text here; else 0."""

    @classmethod
    def of(cls, row: LogLineRow) -> LogLineOut:
        return cls(
            number=row.number,
            time=row.at,
            text=row.text,
            source=row.source,
            level=row.level,
            size=row.size,
        )


class LogLinesOut(Schema):
    items: list[LogLineOut]
    total: int
    """Lines that are known so far."""
    is_complete: bool
    """Whether nothing more will come."""
    note: str
    """Why lines are missing, or there are none; else empty."""


class LogFoundOut(Schema):
    numbers: list[int]
    """The first of the lines found; ask again with `from` set beyond the last one for more."""
    count: int
    total: int


@router.get(f"{_HERE}/lines", response={200: LogLinesOut, **_ERRORS}, operation_id="read_log_lines")
async def lines(
    request: HttpRequest,
    run: str,
    action: str,
    attempt: Attempt,
    project: Name,
    domain: Name,
    first: Annotated[int, Query(alias="from", ge=1, le=10**15)] = 1,
    last: Annotated[int | None, Query(alias="to", ge=1, le=10**15)] = None,
) -> LogLinesOut:
    """Lines `from` to `to` of an attempt's log, 2,000 at most."""
    args = await readable(request, domain, project, run, action, attempt)
    topic: LogTopic
    async with registry.visited(args) as topic:
        await topic.ready(FIRST_LINES_WAIT_S)
        most = first + MOST_LINES - 1
        rows = topic.spool.window(first, min(last or most, most))
        return LogLinesOut(
            items=[LogLineOut.of(row) for row in rows],
            total=topic.spool.total,
            is_complete=topic.has_ended,
            note=topic.note,
        )


@router.get(f"{_HERE}/search", response={200: LogFoundOut, **_ERRORS}, operation_id="search_log")
async def search(
    request: HttpRequest,
    run: str,
    action: str,
    attempt: Attempt,
    project: Name,
    domain: Name,
    q: Annotated[str, Query(max_length=LONGEST_TEXT)] = "",
    regex: bool = False,
    case: bool = False,
    level: str = "",
    source: str = "",
    first: Annotated[int, Query(alias="from", ge=1, le=10**15)] = 1,
) -> LogFoundOut | HttpResponse:
    """Numbers of the lines with a text or pattern (RE2), of levels (`error,warn`) and a source."""
    if source and source not in SOURCES:
        return error_json(request, 422, f"source: one of {', '.join(SOURCES)}.")
    args = await readable(request, domain, project, run, action, attempt)
    given = {"q": q, "regex": str(int(regex)), "case": str(int(case))}
    ask = LogAsk.of({**given, "level": level, "source": source})
    if ask.problem:
        return error_json(request, 422, f"q: {ask.problem}.")
    topic: LogTopic
    async with registry.visited(args) as topic:
        await topic.ready(FIRST_LINES_WAIT_S)
        total = topic.spool.total
        try:
            found = await numbers_of(topic.spool, ask, total, first)
        except ScanFailed as failure:
            return error_json(request, 503, str(failure))
    return LogFoundOut(numbers=found[:MOST_FOUND], count=len(found), total=total)

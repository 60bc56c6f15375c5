"""An attempt's log over HTTP: windows by line number, searches, and the whole of it as text."""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from dashboard.access.rights import rights_of
from dashboard.errors import PageProblem
from dashboard.live import log_search, registry
from dashboard.live.log import LogTopic
from dashboard.live.log_search import ScanFailed
from dashboard.live.protocol import LogArgs, compact
from dashboard.live.spool import LONGEST, WHOLE_LINE, LogSpool, read_rows, record
from dashboard.live.spool_files import SpoolFiles
from dashboard.log_asks import MAX_LINE, LogAsk, number
from dashboard.log_windows import FIRST_LINES_WAIT_S, rows_at
from dashboard.models import Person
from dashboard.pages import Scope
from dashboard.people import person_of
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope, no_run
from remote_client.errors import NotFound

MOST_LINES = 2000
"""Lines of one window."""

MOST_APART = 200
"""The same when they are asked for one by one."""

QUIET_S = 1.0
"""A raw log of an attempt that still runs ends after so long without a new line."""

RECHECK_S = 5.0
"""A log that runs for hours is read on only by who still may."""

CHUNK = 256 * 1024


async def readable(
    request: HttpRequest, domain: str, project: str, run: str, action: str, attempt: int
) -> LogArgs:
    """The log that is asked for, of an action that there is. Raises what the reader is told."""
    thing = f"{project}/{domain}/{run}/{action}/{attempt}"
    scope = await existing_scope(request, project, domain, action="log.read", thing=thing)
    args = LogArgs(project, domain, run, action, attempt)
    if not registry.is_open(args):  # else the platform has told its lines already
        await _known_action(scope, run, action)
    return args


async def _known_action(scope: Scope, run: str, action: str) -> None:
    try:
        await platform().action(scope, run, action)
    except NotFound:
        raise PageProblem(no_run(scope, run)) from None


@require_safe
async def window(
    request: HttpRequest, domain: str, project: str, run: str, action: str, attempt: int
) -> HttpResponse:
    """Lines `from` to `to` as JSON, or those of the numbers `at`.

    A window of one line brings it whole, up to a quarter of a megabyte.
    """
    args = await readable(request, domain, project, run, action, attempt)
    first, last = number(request.GET.get("from", "")), number(request.GET.get("to", ""))
    at = [number(text) for text in request.GET.get("at", "").split(",")[:MOST_APART]]
    body = await window_json(args, max(first, 1), last or MAX_LINE, [n for n in at if n])
    return HttpResponse(body, content_type="application/json")


async def window_json(args: LogArgs, first: int, last: int, at: list[int]) -> bytes:
    """`lines` as the socket sends them, `total`, `ended` and `note`."""
    topic: LogTopic
    async with registry.visited(args) as topic:
        if not topic.spool.total:
            await topic.ready(FIRST_LINES_WAIT_S)
        last = min(last, first + MOST_LINES - 1, topic.spool.total)
        if at:
            lines = [record(row) for row in rows_at(topic.spool, sorted(set(at)))]
        else:
            lines = _records(topic.spool, first, last)
        facts = {"total": topic.spool.total, "ended": topic.has_ended, "note": topic.note}
    return b'{"lines":[%s],%s}' % (b",".join(lines), compact(facts)[1:-1].encode())


def _records(spool: LogSpool, first: int, last: int) -> list[bytes]:
    longest = WHOLE_LINE if first == last else LONGEST
    found: list[bytes] = []
    while first <= last and (rows := read_rows(spool.files, first, last, longest)):
        found += [record(row) for row in rows]
        first += len(rows)
    return found


@require_safe
async def search(
    request: HttpRequest, domain: str, project: str, run: str, action: str, attempt: int
) -> HttpResponseBase:
    """Findings as they are made, a JSON object a line; leaving ends the search.

    Asks like the log's page does: `q`, `regex`, `case`, `level`, `source`; `from` leaves out the
    lines before.
    """
    args = await readable(request, domain, project, run, action, attempt)
    ask = LogAsk.of(request.GET)
    if ask.problem:
        return HttpResponse(
            json.dumps({"error": f"This pattern can't be read: {ask.problem}."}),
            content_type="application/json",
            status=422,
        )
    topic: LogTopic
    async with registry.visited(args) as topic:
        if not topic.spool.total:
            await topic.ready(FIRST_LINES_WAIT_S)  # here, where a page can say what went wrong
    response = StreamingHttpResponse(_findings(args, ask), content_type="application/x-ndjson")
    response["Content-Encoding"] = "identity"  # as with the raw log
    return response


async def _findings(args: LogArgs, ask: LogAsk) -> AsyncIterator[bytes]:
    topic: LogTopic
    async with registry.visited(args) as topic:
        asked = ask.scan(max(ask.first, 1), topic.spool.total)
        try:
            async for finding in log_search.scanners().search(topic.spool.folder, asked):
                yield compact(finding).encode() + b"\n"
        except ScanFailed as failure:
            yield compact({"error": str(failure)}).encode() + b"\n"


# --- the whole log --------------------------------------------------------------------------------


@require_safe
async def raw_log(
    request: HttpRequest, domain: str, project: str, run: str, action: str, attempt: int
) -> HttpResponseBase:
    """Everything that the attempt wrote so far, as it wrote it."""
    args = await readable(request, domain, project, run, action, attempt)
    return await log_response(request, args)


async def log_response(request: HttpRequest, args: LogArgs) -> HttpResponseBase:
    """The log as plain text for whoever may read it: all of it, or the bytes that are asked for."""
    topic: LogTopic
    async with registry.visited(args) as topic:
        if not topic.spool.total:
            await topic.ready(FIRST_LINES_WAIT_S)
        size, has_ended = topic.spool.size, topic.has_ended
    wanted = _range(request.headers.get("Range", ""), size)
    if wanted == (0, 0):
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    first, end = wanted or (0, size if has_ended else 0)
    response = StreamingHttpResponse(
        _bytes(args, _still_may(request, args), first, end),
        content_type="text/plain; charset=utf-8",
        status=206 if wanted else 200,
    )
    if end:
        response["Content-Length"] = str(end - first)
    if wanted:
        response["Content-Range"] = f"bytes {first}-{end - 1}/{size if has_ended else '*'}"
    response["Accept-Ranges"] = "bytes"
    # Django would compress each chunk on its own, and browsers read no further than the first.
    response["Content-Encoding"] = "identity"
    name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{args.run}-{args.action}-{args.attempt}")
    kind = "attachment" if "download" in request.GET else "inline"
    response["Content-Disposition"] = f'{kind}; filename="{name}.log"'
    return response


def _range(header: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for the whole, (0, 0) for what isn't there."""
    found = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", header.strip())
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(size, int(last) + 1 if last else size)
    return (begin, end) if begin < end else (0, 0)


def _still_may(request: HttpRequest, args: LogArgs) -> Callable[[], Awaitable[bool]]:
    """Asks, at most every `RECHECK_S`, whether the reader may still read on."""
    person, checked_at = person_of(request), time.monotonic()

    async def ask() -> bool:
        nonlocal checked_at
        if person is None or time.monotonic() - checked_at < RECHECK_S:
            return person is not None
        checked_at = time.monotonic()
        fresh = await Person.objects.filter(pk=person.pk).afirst()
        return fresh is not None and (await rights_of(fresh)).may("log.read", args.project)

    return ask


async def _bytes(
    args: LogArgs, still_may: Callable[[], Awaitable[bool]], place: int, end: int
) -> AsyncIterator[bytes]:
    """The log from a place on, out of the spool while it is being filled; to `end` if there is one.

    An `end` of 0 is wherever the attempt stops writing.
    """
    topic: LogTopic
    async with registry.visited(args) as topic:
        spool = topic.spool
        # Files of its own: the spool may be closed while a thread reads.
        with SpoolFiles(spool.folder) as files:
            while await still_may():
                is_over, total, size = topic.is_over, spool.total, end or spool.size
                while place < size and await still_may():
                    chunk = await asyncio.to_thread(
                        os.pread, files.text, min(CHUNK, size - place), place
                    )
                    if not chunk:
                        return
                    yield chunk
                    place += len(chunk)
                if end or is_over or not await topic.grows_beyond(total, QUIET_S):
                    return

"""The runs of a project, newest first."""

from __future__ import annotations

import asyncio

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import links
from dashboard.error_lines import error_lines
from dashboard.live import registry
from dashboard.live.protocol import RunsArgs
from dashboard.live.runs import PAGE_ROWS
from dashboard.pages import RunRow, RunsPage, Scope
from dashboard.phases import PHASES
from dashboard.rows import run_row
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client import Page, Run
from remote_client.errors import RemoteError

ERROR_LINES_WAIT_S = 0.5
"""How long a page waits for error lines that were never read; later ones come over the socket."""


@require_safe
async def runs(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="run.list")
    token = request.GET.get("after", "")
    phase = request.GET.get("phase", "") if request.GET.get("phase") in PHASES else ""
    task = request.GET.get("task", "").strip()
    # Joined before the list is read: what changes in between then reaches the page's socket.
    async with registry.visited(RunsArgs(project, domain)) as topic:
        cursor = topic.cursor
        found = await platform().runs_page(
            scope, token=token, limit=PAGE_ROWS, phase=phase, task=task
        )
        rows = await _rows(scope, found)
    page = RunsPage(
        scope=scope,
        runs=rows,
        has_more=bool(found.next_token),
        older_url=_older_url(scope, found, phase, task),
        cursor=cursor,
        endpoint=platform().endpoint,
        is_first_page=not token,
    )
    return render(request, "runs/list.html", {"page": page})


def _older_url(scope: Scope, found: Page[Run], phase: str, task: str) -> str:
    if not found.next_token:
        return ""
    return links.runs_url(scope, after=found.next_token, phase=phase, task=task)


async def _rows(scope: Scope, found: Page[Run]) -> tuple[RunRow, ...]:
    """With the error lines that are known, or can be read in a moment."""
    reads = [asyncio.create_task(_error_line(scope, run)) for run in found.items]
    if reads:
        await asyncio.wait(reads, timeout=ERROR_LINES_WAIT_S)
    for read in reads:
        read.cancel()
    await asyncio.gather(*reads, return_exceptions=True)
    lines = [read.result() if not read.cancelled() else "" for read in reads]
    return tuple(run_row(scope, run, line) for run, line in zip(found.items, lines, strict=True))


async def _error_line(scope: Scope, run: Run) -> str:
    """Empty when the platform can't tell: a list without it is better than none."""
    try:
        return await error_lines.read(platform(), scope, run)
    except RemoteError:
        return ""

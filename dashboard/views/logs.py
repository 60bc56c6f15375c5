"""An attempt's log: the last lines for a page, and all of it as plain text."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from dashboard import links
from dashboard.access.rights import rights_of
from dashboard.errors import PageProblem
from dashboard.live import registry
from dashboard.live.log import LogTopic
from dashboard.live.protocol import LogArgs, scope_of
from dashboard.models import Person
from dashboard.pages import LogWindow
from dashboard.people import person_of
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope, no_run
from remote_client.errors import NotFound

FIRST_LINES_WAIT_S = 1.0
"""How long a page waits for a log's first lines; an action may write none for hours."""

QUIET_S = 1.0
"""A raw log of an attempt that still runs ends after so long without a new line."""


RECHECK_S = 5.0
"""A log that runs for hours is read on only by who still may."""


async def log_window(args: LogArgs, attempts: list[int]) -> LogWindow:
    """The last lines as they are now; `attempts` are the numbers to choose from."""
    scope = scope_of(args)
    topic: LogTopic
    async with registry.visited(args) as topic:
        await topic.ready(FIRST_LINES_WAIT_S)
        return LogWindow(
            action_name=args.action,
            attempt=args.attempt,
            attempts=tuple(
                (n, links.action_url(scope, args.run, args.action, tab="logs", attempt=n))
                for n in attempts
            ),
            lines=topic.last_lines(),
            total=topic.spool.total,
            is_ended=topic.has_ended,
            note=topic.note,
            raw_url=links.raw_log_url(scope, args.run, args.action, args.attempt),
        )


@require_safe
async def raw_log(
    request: HttpRequest, domain: str, project: str, run: str, action: str, attempt: int
) -> StreamingHttpResponse:
    """Everything that the attempt wrote so far, as it wrote it."""
    thing = f"{project}/{domain}/{run}/{action}/{attempt}"
    scope = await existing_scope(request, project, domain, action="log.read", thing=thing)
    try:
        await platform().action(scope, run, action)
    except NotFound:
        raise PageProblem(no_run(scope, run)) from None
    return log_response(request, LogArgs(project, domain, run, action, attempt))


def log_response(request: HttpRequest, args: LogArgs) -> StreamingHttpResponse:
    """The whole log of an attempt as plain text, for whoever may read it."""
    response = StreamingHttpResponse(
        _texts(args, _still_may(request, args)), content_type="text/plain; charset=utf-8"
    )
    # Django would compress each chunk on its own, and browsers read no further than the first.
    response["Content-Encoding"] = "identity"
    name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{args.run}-{args.action}-{args.attempt}")
    response["Content-Disposition"] = f'inline; filename="{name}.log"'
    return response


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


async def _texts(args: LogArgs, still_may: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    """The log in chunks, from the spool while it is being filled."""
    topic: LogTopic
    async with registry.visited(args) as topic:
        sent = 0
        while await still_may():
            is_over = topic.is_over
            for text in topic.spool.texts(sent + 1, total := topic.spool.total):
                yield text.encode("utf-8", "replace")
                await asyncio.sleep(0)  # others want the loop too
            sent = total
            if is_over or not await topic.grows_beyond(sent, QUIET_S):
                return

"""Gathers what concerns one person, over every project that they may see.

The parts are asked for at once, each with its own patience: a part that takes too long says so and
holds up nothing else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterable, Sequence
from typing import TypeVar

from dashboard import links
from dashboard.home.failing import grouped
from dashboard.home.pages import FailuresSection, RunsSection, Waiting, WaitingSection
from dashboard.pages import Scope
from dashboard.rows import row_of
from dashboard.run_lists.facts import RunFacts
from dashboard.run_lists.finding import FoundRuns, Viewer, find_runs
from dashboard.run_lists.query import RunQuery
from dashboard.upstream import platform
from remote_client import Condition
from remote_client.errors import DeadlineExceeded, PermissionDenied, RemoteError, Unauthenticated

T = TypeVar("T")

PATIENCE_S = 4.0
ROWS = 10
MOST_FAILURES = 300
MOST_ASKED = 40
"""Runs that are asked whether something in them waits."""

MOST_LIVE = 6
"""Projects and domains that each part of the page is kept up to date about."""

MINE = "owner:me"
RUNNING = "phase:queued,waiting_for_resources,initializing,running,paused"
FAILED = "phase:failed,timed_out ended-since:24h"


async def runs(
    viewer: Viewer, text: str, places: Sequence[Scope], limit: int = ROWS
) -> RunsSection:
    """The newest runs that a query finds, kept up to date where they are and where one was last."""
    try:
        found = await _patiently(find_runs(viewer, None, RunQuery.parse(text), limit=limit))
    except RemoteError as error:
        return RunsSection(note=_unknown(error))
    scopes = _in_sight(found.runs, places)
    return RunsSection(
        rows=tuple(row_of(run) for run in found.runs),
        note=found.note,
        live_args=json.dumps([_live_args(scope, found) for scope in scopes]),
        has_more=bool(found.next_cursor),
    )


async def failures(viewer: Viewer) -> FailuresSection:
    try:
        found = await _patiently(_failed(viewer))
    except RemoteError as error:
        return FailuresSection(note=_unknown(error))
    note = f"Of the newest {len(found)} failures." if len(found) >= MOST_FAILURES else ""
    return FailuresSection(grouped(found), len(found), note)


async def waiting(viewer: Viewer) -> WaitingSection:
    """The conditions that wait for an answer in what goes on now."""
    query = RunQuery.parse(RUNNING)
    try:
        going = await _patiently(find_runs(viewer, None, query, limit=MOST_ASKED))
        conditions = await _patiently(_conditions(going.runs))
    except RemoteError as error:
        return WaitingSection(note=_unknown(error))
    more = f"Looked into the newest {MOST_ASKED} runs that go on." if going.next_cursor else ""
    return WaitingSection(tuple(_waiting(viewer, *each) for each in conditions), more)


# --- inside -------------------------------------------------------------------------------------


async def _failed(viewer: Viewer) -> list[RunFacts]:
    query, found, after = RunQuery.parse(FAILED), list[RunFacts](), ""
    while True:
        page = await find_runs(viewer, None, query, after=after)
        found += page.runs
        after = page.next_cursor
        if not after or len(found) >= MOST_FAILURES:
            return found[:MOST_FAILURES]


async def _conditions(going: Iterable[RunFacts]) -> list[tuple[Scope, Condition]]:
    by_scope: dict[Scope, list[str]] = {}
    for run in going:
        by_scope.setdefault(run.scope, []).append(run.name)
    found = await asyncio.gather(
        *(platform().waiting_conditions(scope, names) for scope, names in by_scope.items())
    )
    return [
        (scope, condition)
        for scope, conditions in zip(by_scope, found, strict=True)
        for condition in conditions
    ]


def _waiting(viewer: Viewer, scope: Scope, condition: Condition) -> Waiting:
    return Waiting(
        prompt=condition.prompt or condition.description or condition.task_name,
        task=condition.task_name,
        run=condition.run_name,
        url=links.action_url(scope, condition.run_name, condition.name),
        where=f"{scope.project} / {scope.domain}",
        since=condition.start_time,
        may_answer=viewer.rights.may("action.signal", scope.project),
    )


def _in_sight(found: Iterable[RunFacts], places: Sequence[Scope]) -> list[Scope]:
    """Where a new run of the reader's most likely appears: where the others are."""
    scopes = dict.fromkeys((*places, *(run.scope for run in found)))
    return list(scopes)[:MOST_LIVE]


def _live_args(scope: Scope, found: FoundRuns) -> dict[str, object]:
    args: dict[str, object] = {"project": scope.project, "domain": scope.domain, "first": False}
    if found.query.terms:
        args["query"] = found.query.text()
    return args


async def _patiently(work: Awaitable[T]) -> T:
    """Raises DeadlineExceeded when it takes too long."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await work
    except TimeoutError:
        raise DeadlineExceeded(f"Not known within {PATIENCE_S:.0f} s.") from None


def _unknown(error: RemoteError) -> str:
    """A part of the page says what it doesn't know; a sign-in that ended is the page's business."""
    if isinstance(error, Unauthenticated):
        raise error
    if isinstance(error, PermissionDenied):
        return "The platform does not tell you."
    return f"Not known: {error.message}"

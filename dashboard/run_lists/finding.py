"""Finds the runs that a query asks for, wherever it can be answered: the one way for all lists.

The platform is asked as the viewer where its own lists can answer everything; else the run index;
and where that isn't there, the platform's pages are looked through, and the note says how far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from django.http import HttpRequest

from dashboard.index import queries as index
from dashboard.index.states import index_state
from dashboard.pages import Scope
from dashboard.run_lists.facts import RunFacts
from dashboard.run_lists.finding_cursors import Cursor, place_of
from dashboard.run_lists.finding_platform import Walked, by_place, by_token, explained
from dashboard.run_lists.finding_viewers import Viewer
from dashboard.run_lists.query import NEWEST_FIRST, RunQuery

__all__ = ["FoundRuns", "Viewer", "find_runs"]

PAGE_ROWS = 100
"""Rows of one page of a list."""

MOST_SCOPES = 30
"""Projects, each in each domain, that are asked for one answer when the index can't give it."""


@dataclass(frozen=True)
class FoundRuns:
    """One page of a list."""

    runs: tuple[RunFacts, ...]
    next_cursor: str = ""
    """Ask again with `after` set to it; "" on the last page."""
    total: int | None = None
    """How many match in all, where that is known."""
    origin: Literal["platform", "index", "scan"] = "platform"
    note: str = ""
    """What the reader should know of this answer: how far it looked, or what it can't do."""
    query: RunQuery = RunQuery()  # noqa: RUF009 - a frozen value
    """What was asked, with `owner:me` resolved: the live topic's `query` is its text."""


async def find_runs(
    who: HttpRequest | Viewer,
    scope: Scope | None,
    query: RunQuery,
    *,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> FoundRuns:
    """A page of runs of one project, or of all that the viewer may see (None).

    Whether they may see the one project is for the caller to have asked. Raises BadQuery for a
    cursor that is none, and RemoteError.
    """
    viewer = Viewer.of(who) if isinstance(who, HttpRequest) else who
    cursor = Cursor.parse(after)
    query = await viewer.resolved(query)
    scopes = [scope] if scope else await viewer.scopes()
    if not scopes:
        return FoundRuns((), query=query)
    found = await _find(scopes, query, cursor, limit)
    return replace(found, query=query, runs=await explained(found.runs))


async def _find(
    scopes: Sequence[Scope], query: RunQuery, cursor: Cursor | None, limit: int
) -> FoundRuns:
    is_exact = len(scopes) == 1 and not query.rest().terms and query.platform_part().sort_by
    # In other orders the platform's pages go by offsets, which new runs shift: the index's don't.
    by_platform = is_exact and query.sort.column == "started"
    is_token = cursor is not None and cursor.kind == "token"
    if not by_platform and not is_token and (await index_state()).covers(scopes):
        return await _from_index(scopes, query, cursor, limit)
    if cursor is not None and cursor.kind == "index":
        cursor = index.as_place(cursor)  # the index went away between two pages
    found = await _from_platform(scopes, query, cursor, limit)
    return found if is_exact else replace(found, origin="scan")


async def _from_index(
    scopes: Sequence[Scope], query: RunQuery, cursor: Cursor | None, limit: int
) -> FoundRuns:
    page = await index.page(query, scopes, cursor, limit)
    state = await index_state()
    return FoundRuns(page.runs, page.next_cursor, page.total, "index", state.note)


async def _from_platform(
    scopes: Sequence[Scope], query: RunQuery, cursor: Cursor | None, limit: int
) -> FoundRuns:
    now, notes = datetime.now(UTC), list[str]()
    if len(scopes) > MOST_SCOPES:
        notes.append(f"Looked into {MOST_SCOPES} of {len(scopes)} projects and domains.")
        scopes = scopes[:MOST_SCOPES]
    if query.sort.column != "started":
        if len(scopes) == 1 and query.platform_part(now).sort_by:
            token = str(cursor.parts[0]) if cursor and cursor.kind == "token" else ""
            walked = await by_token(scopes[0], query, now, token, limit)
            more = Cursor("token", (walked.token,)).text() if walked.token else ""
            return FoundRuns(walked.runs, more, note=_how_far(query, [walked], notes))
        notes.append(f"Can't sort by {query.sort.column} without the run index.")
        query = query.sorted_by(NEWEST_FIRST)
    after = cursor.place() if cursor and cursor.kind == "place" else None
    walks = await asyncio.gather(*(by_place(each, query, now, after, limit) for each in scopes))
    return _merged(walks, query, limit, notes)


def _merged(walks: Sequence[Walked], query: RunQuery, limit: int, notes: list[str]) -> FoundRuns:
    """One page out of several projects' walks, as far as all of them have looked."""
    newest_first = query.sort.is_descending
    runs = sorted(
        (facts for walked in walks for facts in walked.runs), key=place_of, reverse=newest_first
    )
    stops = [walked.stopped_at for walked in walks if walked.stopped_at]
    horizon = (max(stops) if newest_first else min(stops)) if stops else None
    if horizon is not None:
        runs = [
            facts
            for facts in runs
            if (place_of(facts) >= horizon if newest_first else place_of(facts) <= horizon)
        ]
    if len(runs) > limit:
        runs, horizon = runs[:limit], place_of(runs[limit - 1])
    more = Cursor.at(horizon).text() if horizon else ""
    return FoundRuns(tuple(runs), more, note=_how_far(query, walks, notes))


def _how_far(query: RunQuery, walks: Sequence[Walked], notes: list[str]) -> str:
    looked_at = sum(walked.looked_at for walked in walks)
    has_more = any(walked.stopped_at or walked.token for walked in walks)
    if query.rest().terms and has_more:
        notes.append(
            f"Looked through {looked_at:,} runs; older ones may match too: ask for the next page."
        )
    return " ".join(notes)

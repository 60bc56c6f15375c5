"""Finds runs by asking the platform page by page, and looks itself at what it can't be asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dashboard.error_lines import error_lines
from dashboard.pages import Scope
from dashboard.run_lists.facts import FAILED, RunFacts, facts_of
from dashboard.run_lists.finding_cursors import Place, place_of
from dashboard.run_lists.query import RunQuery
from dashboard.run_lists.query_platform import PlatformPart
from dashboard.run_lists.query_terms import WORD
from dashboard.upstream import platform
from remote_client import FieldFilter, Run
from remote_client.errors import RemoteError

PAGE = 100
SCAN_PAGES = 20
"""Pages of a project that one answer looks through, when the platform can't tell which match."""

ERROR_LINES_WAIT_S = 0.5
"""How long a page waits for error lines that were never read; later ones come over the socket."""


@dataclass(frozen=True)
class Walked:
    """What a walk through one project found, in order."""

    runs: tuple[RunFacts, ...]
    looked_at: int
    stopped_at: Place | None = None
    """Where it stopped before the end of what there is."""
    token: str = ""


async def by_place(
    scope: Scope, query: RunQuery, now: datetime, after: Place | None, limit: int
) -> Walked:
    """Runs in the order of their creation, behind a place. A cursor that no new run can shift."""
    newest_first = query.sort.is_descending
    part = query.platform_part(now)
    if after is not None:
        function = "less_than_or_equal" if newest_first else "greater_than_or_equal"
        bound = FieldFilter(function, "created_at", (after.started.isoformat(),))  # type: ignore[arg-type]
        part = replace(part, filters=(*part.filters, bound))
    found: list[RunFacts] = []
    looked_at, place = 0, after
    async for runs, has_more in _pages(scope, part):
        for run in runs:
            facts = facts_of(scope, run)
            if after is not None and not _is_behind(place_of(facts), after, newest_first):
                continue
            looked_at, place = looked_at + 1, place_of(facts)
            if await _matches(query, run, facts, now):
                found.append(facts)
            if len(found) == limit:
                return Walked(tuple(found), looked_at, place)
        if not has_more:
            return Walked(tuple(found), looked_at)
    return Walked(tuple(found), looked_at, place)


async def by_token(scope: Scope, query: RunQuery, now: datetime, token: str, limit: int) -> Walked:
    """Runs in an order of the platform's own. Its tokens are offsets: new runs shift them."""
    part, found, looked_at = query.platform_part(now), list[RunFacts](), 0
    for _ in range(SCAN_PAGES):
        page = await platform().runs_where(
            scope, part, token=token, limit=min(PAGE, limit - len(found))
        )
        token, looked_at = page.next_token, looked_at + len(page.items)
        for run in page.items:
            facts = facts_of(scope, run)
            if await _matches(query, run, facts, now):
                found.append(facts)
        if not token or len(found) >= limit:
            break
    return Walked(tuple(found), looked_at, token=token)


async def _pages(scope: Scope, part: PlatformPart) -> AsyncIterator[tuple[Sequence[Run], bool]]:
    token = ""
    for _ in range(SCAN_PAGES):
        page = await platform().runs_where(scope, part, token=token, limit=PAGE)
        token = page.next_token
        yield page.items, bool(token)
        if not token:
            return


def _is_behind(place: Place, after: Place, newest_first: bool) -> bool:
    return place < after if newest_first else place > after


async def _matches(query: RunQuery, run: Run, facts: RunFacts, now: datetime) -> bool:
    """Lists don't tell errors, so a word may stand where only the run's details tell it."""
    words = [term for term in query.terms if term.field == WORD]
    others = RunQuery(tuple(term for term in query.terms if term.field != WORD))
    if not others.matches(facts, now):
        return False
    if all(term.matches(facts, now) for term in words) and not any(t.is_negated for t in words):
        return True
    known = replace(facts, error_line=await _error_line(facts.scope, run))
    return all(term.matches(known, now) for term in words)


async def _error_line(scope: Scope, run: Run | RunFacts) -> str:
    """Empty when the platform can't tell: a list without it is better than none."""
    try:
        return await error_lines.read(platform(), scope, run)
    except RemoteError:
        return ""


async def explained(runs: Sequence[RunFacts]) -> tuple[RunFacts, ...]:
    """With the error lines that are known, or can be read in a moment."""
    reads = [asyncio.create_task(_line(facts)) for facts in runs]
    if reads:
        await asyncio.wait(reads, timeout=ERROR_LINES_WAIT_S)
    for read in reads:
        read.cancel()
    await asyncio.gather(*reads, return_exceptions=True)
    lines = [read.result() if not read.cancelled() else "" for read in reads]
    return tuple(
        replace(facts, error_line=line) if line else facts
        for facts, line in zip(runs, lines, strict=True)
    )


async def _line(facts: RunFacts) -> str:
    if facts.error_line or facts.phase not in FAILED:
        return facts.error_line
    return await _error_line(facts.scope, facts)

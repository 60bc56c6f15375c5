"""Puts a list of runs together: what the address asks for, the page of runs, and its links."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest

from dashboard import links
from dashboard.live import registry
from dashboard.live.protocol import RunsArgs
from dashboard.pages import Head, Scope
from dashboard.rows import row_of
from dashboard.run_lists import columns as columns_
from dashboard.run_lists.columns import COLUMNS
from dashboard.run_lists.finding import PAGE_ROWS, FoundRuns, find_runs
from dashboard.run_lists.finding_cursors import Cursor, place_of
from dashboard.run_lists.pages import RunList
from dashboard.run_lists.query import NEWEST_FIRST, RunQuery, Sort


@dataclass(frozen=True)
class Asked:
    """What a list's address asks for, understood."""

    query: RunQuery
    columns: frozenset[str] = columns_.DEFAULT
    after: str = ""
    """Cursor of the page before."""
    before: str = ""
    """Cursor of the page behind, on the way back to newer runs."""
    address: Mapping[str, str] | None = None
    """More that the list's own links keep, such as its columns."""

    @property
    def is_first_page(self) -> bool:
        return not self.after and not self.before


async def run_list(request: HttpRequest, scope: Scope, asked: Asked) -> tuple[RunList, FoundRuns]:
    """A page of the list. The caller has asked whether the reader may see it."""
    # Joined before the list is read: what changes in between then reaches the page's socket.
    async with registry.visited(RunsArgs(scope.project, scope.domain)) as topic:
        cursor = topic.cursor
        found = await _found(request, scope, asked)
    return _list(scope, asked, found, cursor), found


async def embedded_list(
    request: HttpRequest, scope: Scope, query: str, *, limit: int = 20
) -> RunList:
    """The newest runs that a query finds, for a page about something else.

    `query` is text that the page made, such as `task:etl.main`; see docs/runs.md. Its heads sort
    on the page of runs, and older ones are there too.
    """
    asked = Asked(RunQuery.parse(query))
    async with registry.visited(RunsArgs(scope.project, scope.domain)) as topic:
        cursor = topic.cursor
        found = await find_runs(request, scope, asked.query, limit=limit)
    whole = _list(scope, asked, found, cursor)
    older = links.runs_url(scope, **asked.query.to_address()) if found.next_cursor else ""
    return replace(whole, can_choose=False, older_url=older)


# --- finding ------------------------------------------------------------------------------------


async def _found(request: HttpRequest, scope: Scope, asked: Asked) -> FoundRuns:
    if not asked.before:
        return await find_runs(request, scope, asked.query, after=asked.after)
    # The runs before a place are those behind it in the opposite order.
    turned = asked.query.sorted_by(_turned(asked.query.sort))
    found = await find_runs(request, scope, turned, after=asked.before)
    runs = tuple(reversed(found.runs))
    return replace(found, runs=runs, query=found.query.sorted_by(asked.query.sort))


def _turned(sort: Sort) -> Sort:
    return Sort(sort.column, not sort.is_descending)


# --- what the page shows ------------------------------------------------------------------------


def _list(scope: Scope, asked: Asked, found: FoundRuns, cursor: str) -> RunList:
    query = asked.query
    where = f"{scope.project} / {scope.domain}"
    return RunList(
        scope=scope,
        rows=tuple(row_of(facts) for facts in found.runs),
        heads=_heads(scope, asked),
        columns=" ".join(column.key for column in COLUMNS if column.key in asked.columns),
        live_args=_live_args(scope, asked, found.query),
        cursor=cursor,
        caption=f"Runs of {where}" + (f" that are {query.text()}" if query.terms else ""),
        older_url=_older_url(scope, asked, found),
        newer_url=_newer_url(scope, asked, found),
        newest_url="" if asked.is_first_page else _url(scope, asked),
        note=found.note,
    )


def _heads(scope: Scope, asked: Asked) -> tuple[Head, ...]:
    sort = asked.query.sort
    return tuple(
        Head(
            key=column.key,
            label=column.label,
            url=_sort_url(scope, asked, column.sort) if column.sort else "",
            sorted=("descending" if sort.is_descending else "ascending")
            if column.sort == sort.column
            else "",
        )
        for column in COLUMNS
    )


def _sort_url(scope: Scope, asked: Asked, column: str) -> str:
    """The first click on moments and lengths puts the greatest first; the second turns it round."""
    now = asked.query.sort
    first = Sort(column, column in ("started", "ended", "duration"))
    wanted = _turned(now) if now.column == column else first
    return _url(scope, replace(asked, query=asked.query.sorted_by(wanted)))


def _older_url(scope: Scope, asked: Asked, found: FoundRuns) -> str:
    if asked.before:
        if not found.runs:
            return ""
        return _url(scope, asked, after=Cursor.at(place_of(found.runs[-1])).text())
    return _url(scope, asked, after=found.next_cursor) if found.next_cursor else ""


def _newer_url(scope: Scope, asked: Asked, found: FoundRuns) -> str:
    """Only where a run's place can be told from the run alone."""
    if asked.query.sort.column != "started" or asked.is_first_page or not found.runs:
        return ""
    if asked.before and not found.next_cursor:
        return ""
    return _url(scope, asked, before=Cursor.at(place_of(found.runs[0])).text())


def _url(scope: Scope, asked: Asked, **place: str) -> str:
    address = {**(asked.address or {}), **asked.query.to_address(), **place}
    if not asked.query.terms:
        address["q"] = ""  # all runs, whatever the reader's list opens with
    return f"{links.runs_url(scope)}?{urlencode(address)}"


def _live_args(scope: Scope, asked: Asked, query: RunQuery) -> str:
    """The topic's args: what is pushed to this page, and whether it takes new runs in."""
    takes_new = asked.is_first_page and asked.query.sort == NEWEST_FIRST
    args = {"project": scope.project, "domain": scope.domain, "first": takes_new}
    if query.terms:
        args["query"] = query.text()
    return json.dumps(args)


__all__ = ["PAGE_ROWS", "Asked", "embedded_list", "run_list"]

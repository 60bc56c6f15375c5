"""What pages ask the run index. Every question takes the scopes that its reader may see.

Scopes that the index has not read yet have no rows in it: `IndexState.covers` tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from dashboard.index.rows import COLUMNS, facts_from, from_us, to_us
from dashboard.index.sql import RUNS, Where, add_place, add_terms, key_columns, order_sql
from dashboard.index.states import index_state
from dashboard.index.threads import in_thread
from dashboard.pages import Scope
from dashboard.run_lists.facts import RunFacts
from dashboard.run_lists.finding_cursors import Cursor, Place
from dashboard.run_lists.query import NEWEST_FIRST, RunQuery
from dashboard.run_lists.query_words import BadQuery

MOST_LOOKS = 100
"""Pages that are looked through for one answer, where the database lets through more than matches;
then the answer is what was found, and goes on from there."""

MERGED_SCOPES = 30
"""So many scopes are asked one by one, each along its own index, and their answers merged."""

_INDEXED_OVER_ALL = ("started", "ended", "phase", "owner")
"""Orders in which the index has everything at once."""

_COLUMNS = ("scope_id", *COLUMNS)


@dataclass(frozen=True)
class IndexPage:
    runs: tuple[RunFacts, ...]
    next_cursor: str = ""
    total: int | None = None
    """Known when the first page holds all."""


@dataclass(frozen=True)
class Reach:
    """The scopes of a question by their numbers in the index."""

    scopes: dict[int, Scope]
    is_all: bool
    """Nothing else is in the index, so that no condition is needed."""

    def restrict(self, where: Where) -> None:
        if not self.is_all or not self.scopes:
            marks = ", ".join(["%s"] * len(self.scopes)) or "NULL"
            where.add(f"scope_id IN ({marks})", *self.scopes)

    def parts(self) -> Iterable[Reach]:
        return (Reach({number: scope}, False) for number, scope in self.scopes.items())


async def reach_of(scopes: Sequence[Scope]) -> Reach:
    state = await index_state()
    wanted = set(scopes)
    found = {number: scope for scope, number in state.scope_ids if scope in wanted}
    return Reach(found, is_all=len(found) == state.scopes_known)


async def page(
    query: RunQuery, scopes: Sequence[Scope], after: Cursor | None = None, limit: int = 100
) -> IndexPage:
    """A page of runs behind a cursor, in the query's order. `owner:me` must be resolved."""
    reach = await reach_of(scopes)
    key = _key_of(query, reach, after)
    now = datetime.now(UTC)
    return await in_thread(_page, query, reach, key, limit, now)


def as_place(cursor: Cursor) -> Cursor:
    """The same place for the platform's lists. Raises BadQuery when they have no such order."""
    if len(cursor.parts) != 3:
        raise BadQuery("The list's order is not to be had now.", 0, "Begin with the first page.")
    at = from_us(int(cursor.parts[0])) or datetime.min.replace(tzinfo=UTC)
    return Cursor.at(Place(at, str(cursor.parts[1])))


def _key_of(query: RunQuery, reach: Reach, after: Cursor | None) -> tuple[Any, ...] | None:
    if after is None:
        return None
    if after.kind == "place" and query.sort.column == "started":
        place = after.place()
        started = 0 if place.started.year == 1 else to_us(place.started)
        here = Scope(project=place.project, domain=place.domain)
        number = next((n for n, scope in reach.scopes.items() if scope == here), 0)
        return (started, place.name, number)
    if after.kind != "index" or len(after.parts) != len(key_columns(query.sort)):
        raise BadQuery("The page's address does not fit its order.", 0, "Begin with the first.")
    return after.parts


def _page(
    query: RunQuery, reach: Reach, key: Sequence[Any] | None, limit: int, now: datetime
) -> IndexPage:
    runs: list[RunFacts] = []
    is_first, has_more = key is None, False
    for _ in range(MOST_LOOKS):
        rows = _rows(query, reach, key, limit + 1, now)
        for cells in rows[:limit]:
            facts, key = facts_of_cells(reach, cells), _key_of_row(query, cells)
            # The database lets a little more through than matches (see `add_terms`).
            if query.matches(facts, now):
                runs.append(facts)
                if len(runs) == limit:
                    break
        has_more = len(rows) > limit or (len(runs) == limit and cells is not rows[-1])
        if not has_more or len(runs) == limit:
            break
    cursor = Cursor("index", tuple(key)).text() if has_more and key else ""
    return IndexPage(tuple(runs), cursor, len(runs) if is_first and not has_more else None)


def _rows(
    query: RunQuery, reach: Reach, key: Sequence[Any] | None, limit: int, now: datetime
) -> list[tuple[Any, ...]]:
    has_index = reach.is_all and not query.terms and query.sort.column in _INDEXED_OVER_ALL
    parts = list(reach.parts()) if 1 < len(reach.scopes) <= MERGED_SCOPES else [reach]
    if len(parts) == 1 or has_index:
        return select(*_selection(query, reach, key, limit, now))
    selections = [_selection(query, part, key, limit, now) for part in parts]
    # Each along its own index, and the database puts the few that are left in order.
    union = " UNION ALL ".join(f"SELECT * FROM ({sql}) AS part" for sql, _ in selections)  # noqa: S608
    return select(
        f"SELECT * FROM ({union}) AS found ORDER BY {order_sql(query.sort)} LIMIT {limit:d}",  # noqa: S608
        [value for _, values in selections for value in values],
    )


def _selection(
    query: RunQuery, reach: Reach, key: Sequence[Any] | None, limit: int, now: datetime
) -> tuple[str, list[Any]]:
    where = Where()
    reach.restrict(where)
    add_terms(where, query, now)
    if key is not None:
        add_place(where, query.sort, key)
    columns = ", ".join(_COLUMNS)
    return (
        f"SELECT {columns} FROM {RUNS} WHERE {where.sql()}"  # noqa: S608 - names of our own
        f" ORDER BY {order_sql(query.sort)} LIMIT {limit:d}",
        where.values,
    )


def select(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _key_of_row(query: RunQuery, cells: Sequence[Any]) -> tuple[Any, ...]:
    """What the rows behind it begin after."""
    return tuple(cells[_COLUMNS.index(column)] for column in key_columns(query.sort))


def facts_of_cells(reach: Reach, cells: Sequence[Any]) -> RunFacts:
    """Of `scope_id` and `COLUMNS`."""
    scope, values = reach.scopes[cells[0]], list(cells[1:])
    place = COLUMNS.index("labels")
    if isinstance(values[place], str):  # a raw cursor reads JSON as text
        values[place] = json.loads(values[place])
    return facts_from(scope.project, scope.domain, values)


async def newest(
    scopes: Sequence[Scope], text: str, limit: int, *, oldest_first: bool = False
) -> tuple[RunFacts, ...]:
    """The runs of a query's text: a short list for a home page or a wall."""
    sort = NEWEST_FIRST if not oldest_first else type(NEWEST_FIRST)("started", False)
    return (await page(RunQuery.parse(text).sorted_by(sort), scopes, None, limit)).runs

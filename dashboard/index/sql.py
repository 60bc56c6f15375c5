"""A query's terms as SQL over the index, for SQLite and PostgreSQL.

By hand, for what the ORM has not: comparisons of whole keys, by which a page finds its place in an
index, and wildcards that tell upper from lower case on both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from dashboard.index.rows import number_of, to_us
from dashboard.run_lists.facts import ENDED
from dashboard.run_lists.query import RunQuery, Sort
from dashboard.run_lists.query_terms import WORD, Term
from dashboard.run_lists.query_times import length_of, moment_of

RUNS = "run_index_indexedrun"

_SORTED_BY = {
    "phase": "phase",
    "task": "task",
    "name": "name",
    "owner": "owner_key",
    "source": "source",
    "version": "version",
    "started": "started_us",
    "ended": "ended_us",
    "duration": "duration_us",
}
_NAMES = {
    "task": "task",
    "name": "name",
    "version": "version",
    "trigger": "trigger",
    "owner-id": "owner_id",
}
_ENDED_NUMBERS = ", ".join(str(number_of(phase)) for phase in sorted(ENDED))


@dataclass
class Where:
    """Conditions that are joined by "and", with their values."""

    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values.extend(values)

    def sql(self) -> str:
        return " AND ".join(self.conditions) if self.conditions else "1 = 1"


def key_columns(sort: Sort) -> tuple[str, ...]:
    """What a page's place is made of: one run's alone."""
    column = _SORTED_BY[sort.column]
    return tuple(dict.fromkeys((column, "started_us", "name", "scope_id")))


def order_sql(sort: Sort) -> str:
    direction = "DESC" if sort.is_descending else "ASC"
    return ", ".join(f"{column} {direction}" for column in key_columns(sort))


def add_place(where: Where, sort: Sort, key: Sequence[Any]) -> None:
    """What comes behind a key."""
    columns = key_columns(sort)
    marks = ", ".join(["%s"] * len(columns))
    sign = "<" if sort.is_descending else ">"
    # The first column by itself too: by that the database finds the place in an index.
    where.add(f"{columns[0]} {sign}= %s", key[0])
    where.add(f"({', '.join(columns)}) {sign} ({marks})", *key)


def add_terms(where: Where, query: RunQuery, now: datetime) -> None:
    """Lets through every run that matches. Labels may let through more: they are lines of a text
    here, which whoever reads the rows must look at again."""
    for term in query.terms:
        if term.field == "label" and term.is_negated:
            continue
        condition, values = _condition(term, now)
        where.add(f"NOT ({condition})" if term.is_negated else condition, *values)


def _condition(term: Term, now: datetime) -> tuple[str, list[Any]]:
    """The alternatives of a term; one list for all that are equal to something."""
    column = {**_NAMES, "owner": "owner_key"}.get(term.field)
    if term.field in ("phase", "source"):
        read: Callable[[str], Any] = number_of if term.field == "phase" else _source
        return _in(term.field, [read(value) for value in term.values])
    if column is None:
        found = [_OTHERS[term.field](value, now) for value in term.values]
        return _any(found)
    values = [value.lower() for value in term.values] if term.field == "owner" else term.values
    plain = [value for value in values if "*" not in value]
    alternatives = [_like(column, value) for value in values if "*" in value]
    return _any([*([_in(column, plain)] if plain else []), *alternatives])


def _any(alternatives: Sequence[tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    conditions = " OR ".join(condition for condition, _ in alternatives)
    values = [value for _, own in alternatives for value in own]
    return (f"({conditions})" if len(alternatives) > 1 else conditions), values


def _in(column: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
    if len(values) == 1:
        return f"{column} = %s", list(values)
    return f"{column} IN ({', '.join(['%s'] * len(values))})", list(values)


def _like(column: str, value: str) -> tuple[str, list[Any]]:
    """A value with wildcards, in the case that it has."""
    if connection.vendor == "sqlite":
        return f"{column} GLOB %s", ["*".join(_glob(part) for part in value.split("*"))]
    return f"{column} LIKE %s ESCAPE '!'", ["%".join(_escaped(part) for part in value.split("*"))]


def _glob(part: str) -> str:
    return "".join(f"[{sign}]" if sign in "?[" else sign for sign in part)


def _escaped(part: str) -> str:
    return "".join(f"!{sign}" if sign in "!%_" else sign for sign in part)


def _source(value: str) -> str:
    return "" if value == "unknown" else value


def _label(value: str, now: datetime) -> tuple[str, list[Any]]:
    key, equals, wanted = value.partition("=")
    pattern = f"*\n{key}={wanted}\n*" if equals else f"*\n{key}=*"
    return _like("label_lines", pattern)


def _word(value: str, now: datetime) -> tuple[str, list[Any]]:
    return _like("search", f"*{value.lower()}*")


def _longer(value: str, now: datetime) -> tuple[str, list[Any]]:
    length = length_of(value) // timedelta(microseconds=1)
    going_on = f"duration_us < 0 AND phase NOT IN ({_ENDED_NUMBERS}) AND started_us > 0"
    return (
        f"(duration_us >= %s OR ({going_on} AND started_us <= %s))",
        [length, to_us(now) - length],
    )


def _shorter(value: str, now: datetime) -> tuple[str, list[Any]]:
    length = length_of(value) // timedelta(microseconds=1)
    going_on = f"duration_us < 0 AND phase NOT IN ({_ENDED_NUMBERS}) AND started_us > 0"
    return (
        f"((duration_us >= 0 AND duration_us < %s) OR ({going_on} AND started_us > %s))",
        [length, to_us(now) - length],
    )


_OTHERS: dict[str, Callable[[str, datetime], tuple[str, list[Any]]]] = {
    "label": _label,
    "since": lambda value, now: ("started_us >= %s", [to_us(moment_of(value, now))]),
    "until": lambda value, now: (
        "started_us > 0 AND started_us < %s", [to_us(moment_of(value, now, is_end=True))]
    ),
    "ended-since": lambda value, now: (
        "ended_us > 0 AND ended_us >= %s", [to_us(moment_of(value, now))]
    ),
    "ended-until": lambda value, now: (
        "ended_us > 0 AND ended_us < %s", [to_us(moment_of(value, now, is_end=True))]
    ),
    "longer": _longer,
    "shorter": _shorter,
    WORD: _word,
}  # fmt: skip

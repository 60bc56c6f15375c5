"""List requests as SQL: filters and sort keys from an allow-list, pages by what came last.

A page token holds the sort values of the last row, so that rows which arrive between two pages
neither repeat nor hide one (a decimal offset, as the real backend uses, does both).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flyteidl2.common.list_pb2 import Filter, ListRequest, Sort
from flyteidl2.workflow.run_definition_pb2 import RunSource

from local_platform import clock
from local_platform.errors import invalid

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


def _source(text: str) -> int:
    return int(text) if text.isdigit() else int(RunSource.Value(text))


def _flag(text: str) -> int:
    return {"true": 1, "1": 1, "false": 0, "0": 0}[text.lower()]


@dataclass(frozen=True, slots=True)
class Column:
    """A field that callers may filter and sort by."""

    sql: str
    parse: Callable[[str], Any] = str


def text(sql: str) -> Column:
    return Column(sql)


def number(sql: str) -> Column:
    return Column(sql, int)


def moment(sql: str) -> Column:
    return Column(sql, clock.parse)


RUNS: Mapping[str, Column] = {
    "project": text("project"),
    "domain": text("domain"),
    "run_name": text("run"),
    "name": text("name"),
    "phase": number("phase"),
    "action_type": number("kind"),
    "run_source": Column("source", _source),
    "created_by_subject": text("created_by"),
    "created_by": text("created_by"),
    "parent_name": text("parent"),
    "trigger_task_name": text("trigger_task_name"),
    "trigger_name": text("trigger_name"),
    "trigger_revision": number("trigger_revision"),
    "task_project": text("task_project"),
    "task_domain": text("task_domain"),
    "task_name": text("task_name"),
    "task_version": text("task_version"),
    "function_name": text("function_name"),
    "environment_name": text("environment"),
    "created_at": moment("created_at"),
    "updated_at": moment("updated_at"),
    "ended_at": moment("coalesce(ended_at, 0)"),
    "duration_ms": number("coalesce(duration_ms, 0)"),
}
TASKS: Mapping[str, Column] = {
    "project": text("project"),
    "domain": text("domain"),
    "name": text("name"),
    "version": text("version"),
    "environment": text("environment"),
    "function_name": text("function_name"),
    "deployed_by": text("deployed_by"),
    "created_at": moment("created_at"),
    "updated_at": moment("updated_at"),
    "env_description": text("env_description"),
    "short_description": text("short_description"),
}
TRIGGERS: Mapping[str, Column] = {
    "project": text("project"),
    "domain": text("domain"),
    "task_name": text("task_name"),
    "name": text("name"),
    "active": Column("active", _flag),
    "deployed_at": moment("deployed_at"),
    "updated_at": moment("updated_at"),
    "task_version": text("task_version"),
    "automation_type": number("automation_type"),
}

_COMPARISONS = {
    Filter.EQUAL: "=",
    Filter.NOT_EQUAL: "!=",
    Filter.GREATER_THAN: ">",
    Filter.GREATER_THAN_OR_EQUAL: ">=",
    Filter.LESS_THAN: "<",
    Filter.LESS_THAN_OR_EQUAL: "<=",
}
_PATTERNS = {
    Filter.CONTAINS: ("GLOB", "*{}*"),
    Filter.CONTAINS_CASE_INSENSITIVE: ("LIKE", "%{}%"),
    Filter.ENDS_WITH: ("GLOB", "*{}"),
    Filter.NOT_ENDS_WITH: ("NOT GLOB", "*{}"),
}


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key."""

    sql: str
    descending: bool


@dataclass(slots=True)
class Query:
    """A checked list request: conditions with their values, an order, a page."""

    keys: list[Key]
    limit: int
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    after: list[Any] | None = None

    def where(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values.extend(values)

    def filter_sql(self) -> tuple[str, tuple[Any, ...]]:
        """`WHERE …` without the page, and its values."""
        return _where(self.conditions), tuple(self.values)

    def page_sql(self) -> tuple[str, tuple[Any, ...]]:
        """`WHERE … ORDER BY … LIMIT …` for the page, one row beyond it included."""
        conditions, values = list(self.conditions), list(self.values)
        if self.after is not None:
            condition, more = _later(self.keys, self.after)
            conditions.append(condition)
            values.extend(more)
        order = ", ".join(f"{key.sql} {'DESC' if key.descending else 'ASC'}" for key in self.keys)
        return f"{_where(conditions)} ORDER BY {order} LIMIT {self.limit + 1}", tuple(values)

    def sort_columns(self) -> str:
        """Extra columns that `token` needs from the last row of a page."""
        return "".join(f", {key.sql} AS sort_{place}" for place, key in enumerate(self.keys))

    def token(self, row: Any) -> str:
        """Where the next page starts, given the last row of this one."""
        values = [row[f"sort_{place}"] for place in range(len(self.keys))]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def query(
    request: ListRequest,
    allowed: Mapping[str, Column],
    *,
    order: Sequence[Key] = (Key("created_at", True),),
) -> Query:
    """Checks a request against `allowed`. INVALID_ARGUMENT names what is wrong with it."""
    keys = [_key(sort, allowed) for sort in _sorts(request)] or list(order)
    keys.append(Key("id", keys[0].descending))  # ties keep one order over all pages
    checked = Query(keys=keys, limit=_limit(request.limit))
    for wanted in request.filters:
        condition, values = _condition(wanted, allowed)
        checked.where(condition, *values)
    if request.token:
        checked.after = _cursor(request.token, len(keys))
    return checked


def _limit(limit: int) -> int:
    if limit > MAX_LIMIT:
        raise invalid(f"limit {limit} is above the maximum of {MAX_LIMIT}")
    return limit or DEFAULT_LIMIT


def _sorts(request: ListRequest) -> list[Sort]:
    if request.sort_by_fields:
        return list(request.sort_by_fields)
    return [request.sort_by] if request.sort_by.key else []


def _key(sort: Sort, allowed: Mapping[str, Column]) -> Key:
    if sort.key not in allowed:
        raise invalid(f'invalid sort field "{sort.key}"; known fields: {", ".join(allowed)}')
    return Key(allowed[sort.key].sql, sort.direction == Sort.DESCENDING)


def _condition(wanted: Filter, allowed: Mapping[str, Column]) -> tuple[str, list[Any]]:
    column = allowed.get(wanted.field)
    if column is None:
        raise invalid(f'invalid filter field "{wanted.field}"; known fields: {", ".join(allowed)}')
    if not wanted.values:
        raise invalid(f'the filter on "{wanted.field}" has no value')
    if wanted.function in _PATTERNS:
        operator, pattern = _PATTERNS[wanted.function]
        return f"{column.sql} {operator} ?" + _escape(operator), [
            pattern.format(_literal(wanted.values[0], operator))
        ]
    values = [_value(wanted.field, column, value) for value in _whole(wanted, column)]
    if wanted.function in _COMPARISONS:
        return f"{column.sql} {_COMPARISONS[wanted.function]} ?", values[:1]
    if wanted.function in (Filter.VALUE_IN, Filter.VALUE_NOT_IN):
        negation = "NOT " if wanted.function == Filter.VALUE_NOT_IN else ""
        marks = ", ".join("?" * len(values))
        return f"{column.sql} {negation}IN ({marks})", values
    name = Filter.Function.Name(wanted.function)
    raise invalid(f'filter function {name} is not supported on "{wanted.field}"')


def _whole(wanted: Filter, column: Column) -> Sequence[str]:
    """The SDK sends one phase as its digits, one value each: "10" arrives as "1", "0"."""
    if wanted.function == Filter.EQUAL and column.parse is int:
        return ["".join(wanted.values)]
    return list(wanted.values)


def _value(name: str, column: Column, value: str) -> Any:
    try:
        return column.parse(value)
    except (ValueError, KeyError):
        raise invalid(f'invalid value "{value}" for the filter on "{name}"') from None


def _literal(value: str, operator: str) -> str:
    """The text so that no character of it is a wildcard."""
    if operator == "LIKE":
        return "".join("\\" + sign if sign in "%_\\" else sign for sign in value)
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in value)


def _escape(operator: str) -> str:
    return " ESCAPE '\\'" if operator == "LIKE" else ""


def _cursor(token: str, length: int) -> list[Any]:
    try:
        padded = token + "=" * (-len(token) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != length:
        raise invalid(f'invalid token "{token}"')
    return values


def _later(keys: Sequence[Key], last: Sequence[Any]) -> tuple[str, list[Any]]:
    """The condition for rows behind `last` in the order of `keys`."""
    if len({key.descending for key in keys}) == 1:  # one direction: SQLite can seek in an index
        names = ", ".join(key.sql for key in keys)
        marks = ", ".join("?" * len(keys))
        return f"({names}) {'<' if keys[0].descending else '>'} ({marks})", list(last)
    alternatives, values = [], []
    for place, key in enumerate(keys):
        equal = [f"{before.sql} = ?" for before in keys[:place]]
        beyond = f"{key.sql} {'<' if key.descending else '>'} ?"
        alternatives.append("(" + " AND ".join([*equal, beyond]) + ")")
        values.extend([*last[:place], last[place]])
    return "(" + " OR ".join(alternatives) + ")", values


def _where(conditions: Sequence[str]) -> str:
    return "WHERE " + " AND ".join(conditions) if conditions else ""

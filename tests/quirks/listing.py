"""How the backend lists: offsets as tokens, at most 200 rows, allow-lists, odd defaults."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
from flyteidl2.common import list_pb2

MOST_ROWS, DEFAULT_ROWS = 200, 50
_Function = list_pb2.Filter.Function


class Refused(Exception):
    """A call that ends with a status code."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> Refused:
    return Refused(grpc.StatusCode.INVALID_ARGUMENT, message)


@dataclass(frozen=True)
class Entity:
    """The columns that may be filtered and sorted by, and the order when none is asked for."""

    columns: frozenset[str]
    order: tuple[tuple[str, bool], ...]
    """(column, descending) pairs, most significant first."""


def _columns(names: str) -> frozenset[str]:
    return frozenset(names.split())


ACTIONS = Entity(
    _columns(
        "project domain run_name phase action_type run_source created_by_subject trigger_task_name"
        " trigger_name trigger_revision trigger_type task_project task_domain task_name"
        " task_version function_name created_at updated_at ended_at duration_ms"
    ),
    (("phase", False), ("created_at", True), ("run_name", True), ("name", True)),
)
TASKS = Entity(
    _columns(
        "project domain name version environment function_name deployed_by created_at updated_at"
        " trigger_name total_triggers active_triggers env_description short_description"
    ),
    (("created_at", True),),
)
VERSIONS = Entity(_columns("version created_at"), (("created_at", True),))


def page(
    request: Any, rows: Iterable[Any], entity: Entity, read: Callable[[Any, str], Any]
) -> tuple[list[Any], str]:
    """One page of the rows and the token of the next, which exists only when more rows do."""
    rest, offset, limit = _selected(request, rows, entity, read)
    chosen = rest[offset : offset + limit]
    token = str(offset + limit) if len(rest) > offset + limit else ""
    return chosen, token


def page_with_late_end(
    request: Any, rows: Iterable[Any], entity: Entity, read: Callable[[Any, str], Any]
) -> tuple[list[Any], str]:
    """As `page`, but a full page always has a token: the last page may be empty."""
    rest, offset, limit = _selected(request, rows, entity, read)
    chosen = rest[offset : offset + limit]
    return chosen, str(offset + limit) if len(chosen) == limit else ""


def _selected(
    request: Any, rows: Iterable[Any], entity: Entity, read: Callable[[Any, str], Any]
) -> tuple[list[Any], int, int]:
    if request.limit > MOST_ROWS:
        raise invalid(f"limit {request.limit} exceeds the maximum of {MOST_ROWS}")
    if request.token and not request.token.isdecimal():
        raise invalid("invalid token")
    tests = [_test(condition, entity) for condition in request.filters]
    kept = [row for row in rows if all(test(read(row, column)) for column, test in tests)]
    for column, descending in reversed(_order(request, entity)):
        kept.sort(key=lambda row: _place(read(row, column)), reverse=descending)
    return kept, int(request.token or 0), request.limit or DEFAULT_ROWS


def _order(request: Any, entity: Entity) -> Sequence[tuple[str, bool]]:
    sorts = list(request.sort_by_fields)
    if not sorts and request.HasField("sort_by"):
        sorts = [request.sort_by]
    for sort in sorts:
        if sort.key not in entity.columns:
            raise invalid("invalid sort field")
    asked = [(sort.key, sort.direction == list_pb2.Sort.DESCENDING) for sort in sorts]
    return asked or entity.order


def _test(condition: Any, entity: Entity) -> tuple[str, Callable[[Any], bool]]:
    if condition.field not in entity.columns:
        raise invalid("invalid filter field")
    if condition.field == "trigger_type":
        raise Refused(grpc.StatusCode.INTERNAL, 'column "trigger_type" does not exist')
    values = list(condition.values)
    if not values or condition.function not in _TESTS:
        raise invalid("invalid filter")
    if condition.function == _Function.VALUE_IN and len(values) == 1:
        raise Refused(grpc.StatusCode.INTERNAL, "failed to list: malformed array literal")
    test = _TESTS[condition.function]
    # As in SQL, no comparison finds a NULL.
    return (
        condition.field,
        lambda cell: cell is not None and test(cell, [_as(cell, v) for v in values]),
    )


def _place(cell: Any) -> tuple[bool, Any]:
    """NULL is greater than everything, as PostgreSQL sorts."""
    return cell is None, "" if cell is None else cell


def _as(cell: Any, value: str) -> Any:
    """Values come as strings: the column's type decides, as in SQL."""
    try:
        if isinstance(cell, datetime):
            return datetime.fromisoformat(value)
        return int(value) if isinstance(cell, int) else value
    except ValueError as error:
        raise Refused(grpc.StatusCode.INTERNAL, f"invalid input syntax: {value!r}") from error


_TESTS: dict[int, Callable[[Any, list[Any]], bool]] = {
    _Function.EQUAL: lambda cell, values: cell == values[0],
    _Function.NOT_EQUAL: lambda cell, values: cell != values[0],
    _Function.GREATER_THAN: lambda cell, values: cell > values[0],
    _Function.GREATER_THAN_OR_EQUAL: lambda cell, values: cell >= values[0],
    _Function.LESS_THAN: lambda cell, values: cell < values[0],
    _Function.LESS_THAN_OR_EQUAL: lambda cell, values: cell <= values[0],
    _Function.CONTAINS: lambda cell, values: values[0] in cell,
    _Function.CONTAINS_CASE_INSENSITIVE: lambda c, values: values[0].lower() in c.lower(),
    _Function.VALUE_IN: lambda cell, values: cell in values,
    _Function.ENDS_WITH: lambda cell, values: cell.endswith(values[0]),
    _Function.NOT_ENDS_WITH: lambda cell, values: not cell.endswith(values[0]),
}

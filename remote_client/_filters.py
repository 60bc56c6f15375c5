"""What a listing asks for, in the form and with the field names that the platform accepts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

from flyteidl2.common import list_pb2

from remote_client._phase import PhaseChoice, phases

__all__ = ["FieldFilter", "SortBy", "TimeFilter"]

SortBy = tuple[str, Literal["asc", "desc"]]

NEWEST_FIRST: SortBy = ("created_at", "desc")

_Filter = list_pb2.Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFilter:
    """A span of time: `after` is part of it, `before` is not. A naive datetime is local time."""

    after: datetime | None = None
    before: datetime | None = None

    def filters(self, field: str) -> list[Any]:
        """The span as conditions on `field`."""
        bounds = (
            (_Filter.GREATER_THAN_OR_EQUAL, self.after),
            (_Filter.LESS_THAN, self.before),
        )
        return [
            _Filter(function=function, field=field, values=[at.astimezone(UTC).isoformat()])
            for function, at in bounds
            if at is not None
        ]


FilterFunction = Literal[
    "equal",
    "not_equal",
    "greater_than",
    "greater_than_or_equal",
    "less_than",
    "less_than_or_equal",
    "contains",
    "contains_case_insensitive",
    "ends_with",
    "not_ends_with",
    "value_in",
]


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """A condition as the platform's lists take it: a comparison of one of their columns.

    Values travel as the platform reads them: phases as decimal numbers, times as RFC 3339.
    """

    function: FilterFunction
    field: str
    values: tuple[str, ...]

    def to_protobuf(self) -> Any:
        """The condition as a message."""
        function = _Filter.Function.Value(self.function.upper())
        return _Filter(function=function, field=self.field, values=self.values)


def equal(field: str, value: str | None) -> list[Any]:
    """`field` is `value`; no condition for None."""
    if value is None:
        return []
    return [_Filter(function=_Filter.EQUAL, field=field, values=[value])]


def one_of(field: str, values: Iterable[str]) -> list[Any]:
    """`field` is one of the values; no condition for none of them."""
    found = list(values)
    # The real backend answers INTERNAL to VALUE_IN with a single value.
    function = _Filter.EQUAL if len(found) == 1 else _Filter.VALUE_IN
    return [_Filter(function=function, field=field, values=found)] if found else []


def in_phase(choice: PhaseChoice | None) -> list[Any]:
    """The phase is one of those named; phases travel as decimal numbers."""
    return one_of("phase", (str(phase.to_protobuf_value()) for phase in phases(choice)))


def in_time(field: str, span: TimeFilter | None) -> list[Any]:
    """`field` lies in the span; no condition for None."""
    return span.filters(field) if span else []


def list_request(
    *,
    limit: int,
    token: str = "",
    sort_by: SortBy | Sequence[SortBy] | None = None,
    filters: Sequence[Any] = (),
) -> Any:
    """One page's request. Raises ValueError for a direction other than "asc" and "desc"."""
    keys = _sort_keys(sort_by)
    request = list_pb2.ListRequest(limit=limit, token=token, filters=filters)
    if len(keys) > 1:
        request.sort_by_fields.extend(sort(key) for key in keys)
    elif keys:
        request.sort_by.CopyFrom(sort(keys[0]))
    return request


def _sort_keys(sort_by: SortBy | Sequence[SortBy] | None) -> list[SortBy]:
    """One key or several, the most significant first."""
    if not sort_by:
        return []
    if isinstance(sort_by[0], str):
        return [cast(SortBy, sort_by)]
    return list(cast(Sequence[SortBy], sort_by))


def sort(sort_by: SortBy | None) -> Any:
    """The order; None leaves it to the platform."""
    if sort_by is None:
        return None
    field, direction = sort_by
    if direction not in ("asc", "desc"):
        raise ValueError(f'Sort direction {direction!r} is neither "asc" nor "desc".')
    ascending = direction == "asc"
    return list_pb2.Sort(
        key=field, direction=list_pb2.Sort.ASCENDING if ascending else list_pb2.Sort.DESCENDING
    )

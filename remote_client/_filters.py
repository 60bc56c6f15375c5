"""What a listing asks for, in the form and with the field names that the platform accepts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from flyteidl2.common import list_pb2

from remote_client._phase import PhaseChoice, phases

__all__ = ["SortBy", "TimeFilter"]

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
    *, limit: int, token: str = "", sort_by: SortBy | None = None, filters: Sequence[Any] = ()
) -> Any:
    """One page's request. Raises ValueError for a direction other than "asc" and "desc"."""
    return list_pb2.ListRequest(limit=limit, token=token, sort_by=sort(sort_by), filters=filters)


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

"""What of a query the platform's own lists can answer.

Its lists take pairs of a column and a comparison out of an allow-list, all joined by "and". What
is asked of it here lets through every run that matches; `unanswered` says what must be looked at
again.
Columns that may be NULL are compared for equality alone, since SQL finds no NULL by any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dashboard.run_lists.query import RunQuery, Sort
from dashboard.run_lists.query_terms import Term
from dashboard.run_lists.query_times import length_of, moment_of
from remote_client import ActionPhase, FieldFilter, SortBy
from remote_client._filters import FilterFunction

_NAMES = {
    "task": "task_name",
    "name": "run_name",
    "version": "task_version",
    "trigger": "trigger_name",
    "owner-id": "created_by_subject",
}
_SOURCES = {
    "web": "RUN_SOURCE_WEB",
    "cli": "RUN_SOURCE_CLI",
    "schedule": "RUN_SOURCE_SCHEDULE_TRIGGER",
    "tracked": "RUN_SOURCE_TRACKED",
    "artifact": "RUN_SOURCE_ARTIFACT_TRIGGER",
}
_SORTS = {
    "phase": "phase",
    "task": "task_name",
    "name": "run_name",
    "source": "run_source",
    "version": "task_version",
    "started": "created_at",
    "ended": "ended_at",
    "duration": "duration_ms",
}


@dataclass(frozen=True)
class PlatformPart:
    """Conditions for a listing, and its order as pairs of a key and a direction."""

    filters: tuple[FieldFilter, ...] = ()
    sort_by: tuple[SortBy, ...] = ()
    """Empty when the platform has no such order."""


def platform_part(query: RunQuery, now: datetime) -> PlatformPart:
    filters = [each for term in query.terms for each in _filters(term, now)]
    return PlatformPart(tuple(dict.fromkeys(filters)), sort_keys(query.sort))


def sort_keys(sort: Sort) -> tuple[SortBy, ...]:
    """Ties keep one order: newest first, then by name."""
    key = _SORTS.get(sort.column)
    if key is None:
        return ()
    direction: Literal["asc", "desc"] = "desc" if sort.is_descending else "asc"
    if key == "run_name":
        return ((key, direction),)
    if key == "created_at":
        return ((key, direction), ("run_name", direction))
    return ((key, direction), ("created_at", "desc"), ("run_name", "desc"))


def unanswered(terms: Sequence[Term]) -> tuple[Term, ...]:
    """The terms that the platform can't answer, or answers with too much."""
    return tuple(term for term in terms if not _is_exact(term))


def _is_exact(term: Term) -> bool:
    match term.field:
        case "phase":
            return "unknown" not in term.values
        case "source":
            return not term.is_negated and "unknown" not in term.values
        case "since" | "until" | "ended-since":
            return True
        case "name" if term.is_negated:
            return not any("*" in value for value in term.values)
        case field if field in _NAMES:
            return not term.is_negated and not any(
                "*" in value or not value for value in term.values
            )
        case _:
            return False


def _filters(term: Term, now: datetime) -> list[FieldFilter]:
    """Conditions that hold for every run which meets the term; perhaps none."""
    match term.field:
        case "phase" if "unknown" not in term.values:
            numbers = [str(ActionPhase(value).to_protobuf_value()) for value in term.values]
            return _none_of("phase", numbers) if term.is_negated else _one_of("phase", numbers)
        case "source" if not term.is_negated and "unknown" not in term.values:
            return _one_of("run_source", [_SOURCES[value] for value in term.values])
        case "name" if term.is_negated:
            return _none_of("run_name", [value for value in term.values if "*" not in value])
        case field if field in _NAMES and not term.is_negated:
            return _named(_NAMES[field], term.values)
        case "since":
            return _time("created_at", "greater_than_or_equal", moment_of(term.values[0], now))
        case "until":
            return _time("created_at", "less_than", moment_of(term.values[0], now, is_end=True))
        case "ended-since":
            return _time("ended_at", "greater_than_or_equal", moment_of(term.values[0], now))
        case "ended-until":
            return _time("ended_at", "less_than", moment_of(term.values[0], now, is_end=True))
        case "longer" if length_of(term.values[0]) > timedelta():
            # What took that long began that long ago. Of what goes on, the platform's own
            # durations tell how long it had taken when it last changed.
            return _time("created_at", "less_than_or_equal", now - length_of(term.values[0]))
        case _:
            return []


def _named(column: str, values: tuple[str, ...]) -> list[FieldFilter]:
    if "" in values:
        return []  # the platform may keep NULL for it
    if not any("*" in value for value in values):
        return _one_of(column, values)
    if len(values) > 1 or "\\" in values[0]:
        return []  # conditions are joined by "and"; and a backslash is a sign of the database's own
    parts = [part for part in values[0].split("*") if part]
    found = [FieldFilter("contains", column, (part,)) for part in parts]
    if found and not values[0].endswith("*"):
        found[-1] = FieldFilter("ends_with", column, (parts[-1],))
    return found


def _one_of(column: str, values: Sequence[str]) -> list[FieldFilter]:
    # The real backend answers INTERNAL to "one of" with a single value.
    is_single = len(values) == 1
    return [FieldFilter("equal" if is_single else "value_in", column, tuple(values))]


def _none_of(column: str, values: Sequence[str]) -> list[FieldFilter]:
    return [FieldFilter("not_equal", column, (value,)) for value in values]


def _time(column: str, function: FilterFunction, at: datetime) -> list[FieldFilter]:
    return [FieldFilter(function, column, (at.isoformat(),))]

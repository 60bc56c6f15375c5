"""The actions of one run as a tree with counts of descendants by phase, kept by a watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from flyteidl2.common.list_pb2 import Filter
from flyteidl2.workflow.run_definition_pb2 import EnrichedAction

from local_platform import engine, wire
from local_platform.errors import invalid
from local_platform.store import ActionRecord

Matches = Callable[[ActionRecord], bool]


class ActionTree:
    def __init__(self, matches: Matches) -> None:
        self._matches = matches
        self._records: dict[str, ActionRecord] = {}
        self._counts: dict[str, Counter[int]] = {}
        self._meets: Counter[str] = Counter()  # how many of an action and all below it match
        self._root = ""

    def is_terminal(self) -> bool:
        """Whether the run is over; nothing below a terminal root is open."""
        return engine.is_terminal(self._records[self._root].phase)

    def snapshot(self, size: int) -> Iterator[list[EnrichedAction]]:
        """Every action, parents first, in batches."""
        names = list(self._records)
        for start in range(0, len(names), size):
            yield [self._enriched(name) for name in names[start : start + size]]

    def apply(self, records: Iterable[ActionRecord]) -> list[EnrichedAction]:
        """Takes changes in; answers the actions that now look different, parents first."""
        touched: dict[int, str] = {}
        for record in records:
            self._put(record)
            for name in [record.name, *self._ancestors(record)]:
                touched[self._records[name].id] = name
        return [self._enriched(touched[id_]) for id_ in sorted(touched)]

    def _put(self, record: ActionRecord) -> None:
        before = self._records.get(record.name)
        self._records[record.name] = record
        self._counts.setdefault(record.name, Counter())
        if not record.parent:
            self._root = record.name
        matched = int(before is not None and self._matches(before))
        change = int(self._matches(record)) - matched
        self._meets[record.name] += change
        for name in self._ancestors(record):
            counts = self._counts[name]
            if before is not None:
                counts[before.phase] -= 1  # a count of 0 stays, so that clients see it fall
            counts[record.phase] += 1
            self._meets[name] += change

    def _ancestors(self, record: ActionRecord) -> Iterator[str]:
        while record.parent in self._records:
            record = self._records[record.parent]
            yield record.name

    def _enriched(self, name: str) -> EnrichedAction:
        return EnrichedAction(
            action=wire.action(self._records[name]),
            meets_filter=self._meets[name] > 0,
            children_phase_counts=dict(self._counts[name]),
        )


def tree_filter(filters: Iterable[Filter]) -> Matches:
    """One test from the filters of a WatchActions request. INVALID_ARGUMENT for others."""
    tests = [_test(wanted) for wanted in filters]
    return lambda record: all(test(record) for test in tests)


def _test(wanted: Filter) -> Matches:
    field, function = wanted.field.upper(), wanted.function
    if field == "NAME" and function == Filter.CONTAINS_CASE_INSENSITIVE:
        text = "".join(wanted.values[:1]).lower()
        return lambda record: text in record.short_name.lower()
    if field == "PHASE" and function == Filter.VALUE_IN:
        try:
            phases = {int(value) for value in wanted.values}
        except ValueError:
            raise invalid("the values of the filter on PHASE must be numbers") from None
        return lambda record: record.phase in phases
    raise invalid(
        "WatchActions filters by NAME with CONTAINS_CASE_INSENSITIVE or PHASE with VALUE_IN"
    )

"""What one WatchActions stream knows of its run: nodes, parents and counts of descendants."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from flyteidl2.workflow import run_definition_pb2

from tests.quirks import messages
from tests.quirks.rows import ActionRow


class OrphanError(Exception):
    """A child was told of before its parent."""


class Tree:
    """Grows as notifications come; breaks when one comes too early, as the backend's does."""

    def __init__(self) -> None:
        self._rows: dict[str, ActionRow] = {}
        self._phases: dict[str, int] = {}
        # Counts that fell to zero keep their key.
        self._counts: dict[str, Counter[int]] = {}

    def load(self, rows: Iterable[ActionRow]) -> list[Any]:
        """A page of the snapshot, and the ancestors whose counts it changed."""
        rows = list(rows)
        for row in rows:
            self._put(row)
        names = dict.fromkeys(row.name for row in rows)
        above = dict.fromkeys(name for row in rows for name in self._above(row))
        return [self._enriched(name) for name in {**names, **above}]

    def update(self, row: ActionRow) -> list[Any]:
        """The changed node and its ancestors, whose counts changed. Raises OrphanError."""
        if row.parent and row.parent not in self._rows:
            raise OrphanError(row.parent)
        self._put(row)
        return [self._enriched(name) for name in (row.name, *self._above(row))]

    def _put(self, row: ActionRow) -> None:
        before = self._phases.get(row.name)
        self._rows[row.name] = row
        self._phases[row.name] = row.phase
        for name in self._above(row):
            counts = self._counts.setdefault(name, Counter())
            if before is not None:
                counts[before] -= 1
            counts[row.phase] += 1

    def _above(self, row: ActionRow) -> list[str]:
        names = []
        while row.parent and row.parent in self._rows:
            row = self._rows[row.parent]
            names.append(row.name)
        return names

    def _enriched(self, name: str) -> Any:
        counts = self._counts.get(name, {})
        return run_definition_pb2.EnrichedAction(
            action=messages.action(self._rows[name]),
            meets_filter=True,
            children_phase_counts=dict(counts),
        )

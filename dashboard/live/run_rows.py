"""The rows of a project's runs, for viewers of the whole list and for those of filtered ones.

All see the same board and count by its versions. What a filter lets through is decided when a
viewer is told of a row: one that does not pass is told as gone, which a page without it ignores.
So a filter costs no stream and no state, and a row is drawn once for everybody.
"""

from __future__ import annotations

from collections.abc import Callable

from dashboard.live.board import Board
from dashboard.live.protocol import compact

Passes = Callable[[str], bool]
"""Whether the row of this key belongs to a filtered list."""


class RunRows(Board):
    """A board whose rows can be asked for through a filter."""

    def __init__(self) -> None:
        super().__init__()
        self._filtered: dict[tuple[int, str], str] = {}

    def commit(self) -> bool:
        self._filtered.clear()
        return super().commit()

    def filtered(self, since: int, name: str, passes: Passes) -> str:
        """What changed after version `since` for a filter; asked once for all who have the same.

        `name` tells filters apart.
        """
        asked = (since, name)
        if asked not in self._filtered:
            self._filtered[asked] = self._through(since, passes)
        return self._filtered[asked]

    def _through(self, since: int, passes: Passes) -> str:
        changed, removed = self._rows_since(since)
        shown = [(key, piece) for key, piece in changed if passes(key)]
        shown.sort(key=lambda item: item[1].rank)
        kept = {key for key, _ in shown}
        rows = [{"key": key, **piece.extra, "html": piece.html} for key, piece in shown]
        gone = [*removed, *(key for key, _ in changed if key not in kept)]
        return compact({"rows": rows, "removed": gone})[1:-1]

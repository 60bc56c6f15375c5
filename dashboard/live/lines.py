"""What viewers of a run's tree get: the lines in their sight, each drawn once for all of them.

A viewer's place is a version and the lens through which the page has seen so far. It is sent what
changed since among what is in sight, what came into sight, and what went out of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dashboard.live.board import Board
from dashboard.live.lens import Lens, Line, More
from dashboard.live.protocol import Snapshot, Update, compact
from dashboard.tree_nodes import Node
from dashboard.tree_views import TreeView
from dashboard.trees import ActionTree

KEPT_LENSES = 200
"""Views beyond so many are forgotten; whoever comes back with one gets everything again."""

KEPT_DRAWN = 10_000
KEPT_BODIES = 500


@dataclass(frozen=True)
class Place:
    """What a viewer has: everything up to a version, as seen through a lens."""

    version: int = 0
    lens: Lens | None = None


class Lines:
    """The lenses of one tree, and the lines that were drawn for them."""

    def __init__(
        self,
        tree: ActionTree,
        board: Board,
        draw: Callable[[Node, str], str],
        draw_more: Callable[[More, TreeView], str],
    ) -> None:
        self._tree = tree
        self._board = board
        self._draw = draw
        self._draw_more = draw_more
        self._lenses: OrderedDict[str, Lens] = OrderedDict()
        self._drawn: dict[tuple[str, str], tuple[int, str]] = {}
        self._bodies: dict[tuple[int, Lens | None, Lens], str] = {}
        self._is_dirty = False
        self.drawn = 0
        """How many lines were drawn so far."""

    # --- growing --------------------------------------------------------------------------------

    def touch(self) -> None:
        """The tree has changes that are not part of a version yet."""
        self._is_dirty = True

    def take(self, changed: Iterable[Node]) -> None:
        """Make what was merged part of the board's next version."""
        self._is_dirty = False
        nodes = list(changed)
        if not nodes:
            return
        version = self._board.version + 1
        for node in nodes:
            node.version = version
        for lens in self._lenses.values():
            lens.hear(nodes)
        self._board.mark()

    def committed(self) -> None:
        self._bodies.clear()

    # --- reading --------------------------------------------------------------------------------

    def lens(self, view: TreeView) -> Lens:
        """The lens of a view, as things stand."""
        name = view.name
        lens = self._lenses.get(name)
        if lens is None:
            lens = self._lenses[name] = Lens(self._tree, view)
            if len(self._lenses) > KEPT_LENSES:
                self._lenses.popitem(last=False)
        self._lenses.move_to_end(name)
        # What was merged but is no version yet comes into sight in the next one.
        lens.refresh(self._board.version + self._is_dirty)
        return lens

    def cursor(self, lens: Lens) -> str:
        return f"{self._board.cursor}.{lens.id}"

    def place(self, cursor: str | None) -> Place:
        """The place that a cursor stands for; the beginning when that is unknown."""
        board, _, name = (cursor or "").rpartition(".")
        version = self._board.version_of(board)
        lens = next((one for one in self._lenses.values() if one.id == name), None)
        return Place(version, lens) if version and lens and version >= lens.since else Place()

    def next_body(self, place: Place, view: TreeView) -> tuple[str, Place] | None:
        version = self._board.version
        lens = self.lens(view)
        if not version or (place.lens is lens and place.version >= version):
            return None
        since, known = place.version, place.lens
        if known is None or since < max(known.since, lens.since) or known.view.mode != view.mode:
            since, known = 0, None
        asked = (since, known, lens)
        if asked not in self._bodies:
            if len(self._bodies) >= KEPT_BODIES:
                self._bodies.clear()
            self._bodies[asked] = self._body(*asked)
        return self._bodies[asked], Place(version, lens)

    def html(self, line: Line, view: TreeView) -> str:
        """The line, drawn once for each of its versions."""
        if isinstance(line, More):
            self.drawn += 1
            return self._draw_more(line, view)
        asked = (line.key, view.mode)
        version, html = self._drawn.get(asked, (-1, ""))
        if version != line.version:
            html = self._draw(line, view.mode)
            self.drawn += 1
            if len(self._drawn) >= KEPT_DRAWN:
                self._drawn.clear()
            self._drawn[asked] = (line.version, html)
        return html

    def _body(self, since: int, known: Lens | None, lens: Lens) -> str:
        content: dict[str, Any] = {"rows": [], "removed": []}
        for key, line in lens.lines.items():
            is_lacking = known is not None and known is not lens and key not in known.lines
            if is_lacking or lens.is_new(key, line, since):
                html = self.html(line, lens.view)
                parent = _parent_key(line)
                row = {"key": key, "parent": parent, "order": line.order, "html": html}
                content["rows"].append(row)
        if known is not None:
            content["removed"] = _removed(since, known, lens)
        texts = [compact(content)[1:-1], self._board.around(since)]
        payload = ",".join(filter(None, texts))
        kind = Snapshot if known is None else Update
        return kind(self.cursor(lens), payload).body()


def _removed(since: int, known: Lens, lens: Lens) -> list[str]:
    """What the page may still show and should not."""
    gone = {key for key, version in known.gone.items() if version > since}
    if known is not lens:
        gone |= known.lines.keys() | {key for key, v in lens.gone.items() if v > since}
    return sorted(gone - lens.lines.keys())


def _parent_key(line: Line) -> str:
    if isinstance(line, More):
        return line.parent
    return line.parent.key if line.parent else ""

"""The lines that one view shows of a run's tree, and since which version it shows each.

However large the tree, a lens walks what its view has open: at most `MAX_LINES` lines. It looks
again only when somebody asks and the tree has grown or changed its order.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2s

from dashboard.tree_nodes import Node
from dashboard.tree_views import TreeView
from dashboard.trees import ROOT, ActionTree

PAGE_LINES = 100
"""Children of one parent that are shown at once; the next hundred is one click away."""

MAX_LINES = 1_500
"""Lines that one view shows at most, however much is open."""

KEPT_GONE = 2_000


@dataclass(frozen=True)
class More:
    """Stands after the children that are shown, for those that are not."""

    parent: str
    """Key of the line under which they are; "" for what was found."""
    depth: int
    shown: int
    total: int
    order: str

    @property
    def key(self) -> str:
        return f"more:{self.parent}"

    @property
    def left(self) -> int:
        return self.total - self.shown


Line = Node | More


class Lens:
    """A view's lines in order, each with the version in which it came into sight."""

    def __init__(self, tree: ActionTree, view: TreeView) -> None:
        self.view = view
        self.id = blake2s(view.name.encode(), digest_size=5).hexdigest()
        self.lines: dict[str, Line] = {}
        """Depth first, parents before their children."""
        self.entered: dict[str, int] = {}
        self.gone: dict[str, int] = {}
        """What was in sight once, with the version in which it no longer was."""
        self.since = 0
        """A page that knows an older version has to be given everything again."""
        self._tree = tree
        self._shape = -1
        self._found = _Found(tree, view) if view.is_filtered else None

    def hear(self, changed: Iterable[Node]) -> None:
        """Nodes were merged: what is looked for may be among them."""
        if self._found is not None and self._found.hear(changed):
            self._shape = -1

    def refresh(self, version: int) -> None:
        """Look again; what comes into sight or goes does so in `version`."""
        if self._shape == self._tree.shape:
            return
        self._shape = self._tree.shape
        walked = self._found.lines() if self._found else self._open_lines()
        lines = {line.key: line for line in walked}
        for key, line in lines.items():
            if key not in self.lines or (isinstance(line, More) and line != self.lines[key]):
                self.entered[key] = version
                self.gone.pop(key, None)
        for key in self.lines.keys() - lines.keys():
            del self.entered[key]
            self.gone[key] = version
        if len(self.gone) > KEPT_GONE:
            self.gone, self.since = {}, version
        self.lines = lines

    def is_new(self, key: str, line: Line, since: int) -> bool:
        """Whether a page that has everything up to `since` lacks the line as it is now."""
        return self.entered[key] > since or (isinstance(line, Node) and line.version > since)

    # --- what is open ---------------------------------------------------------------------------

    def _open_lines(self) -> list[Line]:
        root = self._tree.node(ROOT)
        path = set(_path(self._tree.node(self.view.pin)))
        found: list[Line] = []
        pending: list[Line] = [root] if root else []
        while pending:
            if len(found) >= MAX_LINES:
                found.append(More("", 0, len(found), 0, "~"))
                break
            line = pending.pop()
            found.append(line)
            if isinstance(line, Node) and line.members and self._is_open(line, path):
                pending.extend(reversed(self._children(line, path)))
        return found

    def _is_open(self, node: Node, path: set[Node]) -> bool:
        return self.view.is_open(node) or (node in path and node.key not in self.view.shut)

    def _children(self, node: Node, path: set[Node]) -> list[Line]:
        """The pages asked for, then how many more there are, then the pinned one of those."""
        members = node.members
        limit = PAGE_LINES * self.view.pages_of(node.key)
        shown: list[Line] = list(members[:limit])
        if len(members) > limit:
            order = f"{members[limit - 1].order} ~"
            shown.append(More(node.key, node.depth + 1, limit, len(members), order))
            shown += [
                child
                for child in path
                if child.parent is node and child.rank >= members[limit].rank
            ]
        return shown


class _Found:
    """The actions that a filter lets through, kept in the order of their starts."""

    def __init__(self, tree: ActionTree, view: TreeView) -> None:
        self._tree = tree
        self._view = view
        self._needle = view.search.lower()
        self._ranks: dict[Node, tuple[float, int, str]] = {}
        for node in tree.walk():
            if self._fits(node):
                self._ranks[node] = node.rank
        self._sorted = sorted((rank, node.key) for node, rank in self._ranks.items())

    def _fits(self, node: Node) -> bool:
        facts, phases = node.facts, self._view.phases
        if phases and (facts is None or facts.phase.value not in phases):
            return False
        if not self._needle:
            return True
        return self._needle in node.label.lower() or (
            facts is not None and self._needle in node.key
        )

    def hear(self, changed: Iterable[Node]) -> bool:
        """Whether anything came, went or moved."""
        is_news = False
        for node in changed:
            had, fits = self._ranks.get(node), self._fits(node)
            if fits and had == node.rank:
                continue
            if had is not None:
                del self._sorted[bisect_left(self._sorted, (had, node.key))]
                del self._ranks[node]
            if fits:
                insort(self._sorted, (node.rank, node.key))
                self._ranks[node] = node.rank
            is_news = is_news or fits or had is not None
        return is_news

    def lines(self) -> list[Line]:
        """The first pages of what was found, each below its ancestors."""
        limit = min(PAGE_LINES * self._view.pages_of(""), MAX_LINES)
        keys = [key for _, key in self._sorted[:limit]]
        wanted: dict[Node, None] = {}
        for key in (*keys, self._view.pin):
            for node in reversed(_path(self._tree.node(key))):
                wanted[node] = None
        found: list[Line] = list(_depth_first(wanted))
        if len(self._sorted) > limit:
            found.append(More("", 0, limit, len(self._sorted), "~"))
        return found


def _path(node: Node | None) -> list[Node]:
    """The node and everything above it."""
    found = []
    while node is not None:
        found.append(node)
        node = node.parent
    return found


def _depth_first(nodes: Iterable[Node]) -> list[Node]:
    """Nodes that come with all their ancestors, in the order of the tree."""
    below: dict[Node | None, list[Node]] = {}
    for node in nodes:
        below.setdefault(node.parent, []).append(node)
    found: list[Node] = []
    pending = list(below.get(None, ()))
    while pending:
        node = pending.pop()
        found.append(node)
        pending.extend(sorted(below.get(node, ()), key=lambda child: child.rank, reverse=True))
    return found

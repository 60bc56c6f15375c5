"""Grows a run's action tree from batches of actions and tells which of its lines changed.

Pure: no platform, no clock. Actions may come in any order and more than once; the newest counts.
A merge costs what changed in it and the depth at which it did, whatever the size of the tree.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import datetime

from dashboard.densities import Density
from dashboard.pages import Scope, TreeRow
from dashboard.phases import style_of
from dashboard.tree_nodes import ROOT, Facts, Family, Namesakes, Node
from dashboard.tree_rows import row_of
from remote_client import Action

__all__ = ["ROOT", "ActionTree"]

FANOUT_FROM = 50
"""So many siblings of one name under an action stand under one line of their own."""

AUTO_LINES = 300
"""Families open by themselves while the tree has fewer lines than this."""

AUTO_LEAST, AUTO_MOST = 10, 100
"""What an open family counts as: at least so much, for it may grow; at most what is shown of it."""


class ActionTree:
    """One run's actions by name, in their places, with counts kept up to date at each merge."""

    def __init__(self, scope: Scope, run: str) -> None:
        self._scope = scope
        self._run = run
        self._nodes: dict[str, Node] = {}
        self._orphans: dict[str, list[Facts]] = defaultdict(list)
        self._changed: dict[Node, None] = {}  # a set that keeps its order
        self._auto_lines = 0
        self._told_descendants = 0
        self.root_action: Action | None = None
        """The run's first action as the client gave it, for what only the head shows."""
        self.shape = 0
        """Counts the changes of who stands where."""
        self.counts: Counter[str] = Counter()
        """All actions by phase, the root included."""

    def merge(self, actions: Iterable[Action]) -> None:
        """Take in new actions and newer states of known ones."""
        told = []
        for action in actions:
            if action.name == ROOT:
                self.root_action = action
                self._told_descendants = sum(action.children_phase_counts.values())
            told.append(Facts.of(action))
        # Numbers are given in the order of the starts, also where a platform tells otherwise.
        told.sort(key=_by_start)
        for facts in told:
            self._take(facts)

    def _take(self, facts: Facts) -> None:
        waiting = deque([facts])
        while waiting:
            facts = waiting.popleft()
            if facts.parent_name and facts.parent_name not in self._nodes:
                # A child can be told of before its parent; it gets its place when that comes.
                self._orphans[facts.parent_name].append(facts)
                continue
            self._put(facts)
            waiting += self._orphans.pop(facts.name, ())

    def taken_changes(self) -> list[Node]:
        """The nodes that the merges since the last call touched, parents first."""
        nodes, self._changed = list(self._changed), {}
        nodes.sort(key=lambda node: node.depth)
        return nodes

    def touch(self, node: Node) -> None:
        """Have it drawn again: something that it shows was learnt elsewhere."""
        self._changed[node] = None

    def row(self, node: Node) -> TreeRow:
        return row_of(self._scope, self._run, node)

    def rows(self) -> list[TreeRow]:
        """Every row, depth first. Of a tree of any size: pages draw from a `Lens`."""
        return [self.row(node) for node in self.walk()]

    def walk(self) -> Iterator[Node]:
        """Every node, depth first."""
        pending = [node] if (node := self._nodes.get(ROOT)) else []
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.members))

    # --- what others ask about it ---------------------------------------------------------------

    @property
    def root(self) -> Facts | None:
        return self.action(ROOT)

    def node(self, key: str) -> Node | None:
        return self._nodes.get(key)

    def action(self, name: str) -> Facts | None:
        node = self._nodes.get(name)
        return node.facts if node else None

    def children(self, name: str) -> list[Facts]:
        """An action's children, those inside its groups and fan-outs included."""
        node = self._nodes.get(name)
        found: list[Facts] = []
        for child in node.members if node else ():
            members = child.members if child.is_gathering else [child]
            found += [member.facts for member in members if member.facts]
        return found

    @property
    def size(self) -> int:
        """How many actions there are."""
        return self.counts.total()

    @property
    def running(self) -> int:
        """How many actions have not ended."""
        return sum(count for key, count in self.counts.items() if not style_of(key).is_terminal)

    @property
    def is_complete(self) -> bool:
        """Whether the root is here and as many descendants as the platform says that it has."""
        return self.root is not None and not self._orphans and self.size > self._told_descendants

    @property
    def is_settled(self) -> bool:
        """Whether nothing can change any more."""
        return self.is_complete and self.running == 0

    # --- growing --------------------------------------------------------------------------------

    def _put(self, facts: Facts) -> None:
        node = self._nodes.get(facts.name)
        known = node.facts if node else None
        if node is not None and known == facts:
            return
        if node is None:
            node = self._plant(facts)
        node.facts, node.kind = facts, facts.kind
        if node.start_time != facts.start_time:
            node.start_time = facts.start_time
            self._sort_in(node)
        if known is None or known.phase is not facts.phase:
            self._count(node, known.phase.value if known else "", facts.phase.value)
        self._date_above(node, known)
        self._changed[node] = None

    def _plant(self, facts: Facts) -> Node:
        above = self._nodes.get(facts.parent_name) if facts.parent_name else None
        parent = self._gathering(above, "group", facts.group) if above and facts.group else above
        namesakes = self._namesakes_in(parent, facts.label) if parent else None
        if namesakes and namesakes.fanout:
            parent = namesakes.fanout
        node = Node(facts.name, parent, facts.kind, facts.label)
        self._nodes[facts.name] = node
        node.start_time = facts.start_time
        if namesakes:
            self._number(node, namesakes)
        node.rank = node.ranked()
        if parent is not None:
            self._join(parent, node)
            if namesakes and not namesakes.fanout and namesakes.count >= FANOUT_FROM:
                self._fan_out(parent, namesakes)
        else:
            self.shape += 1
            self._open(node)
        return node

    def _namesakes_in(self, parent: Node, name: str) -> Namesakes:
        named = parent.founded().named
        if name not in named:
            named[name] = Namesakes()
        return named[name]

    def _number(self, node: Node, namesakes: Namesakes) -> None:
        node.namesakes, node.number = namesakes, namesakes.count
        namesakes.count += 1
        if namesakes.first is None:
            namesakes.first = node
        elif namesakes.count == 2:
            self._changed[namesakes.first] = None  # from now on it shows its number

    def _join(self, parent: Node, node: Node) -> None:
        family = parent.founded()
        is_first = not family.members
        family.add(node)
        self.shape += 1
        if is_first:
            self._open(parent)
            self._changed[parent] = None
        elif family.is_auto and AUTO_LEAST < len(family.members) <= AUTO_MOST:
            self._auto_lines += 1

    def _open(self, node: Node) -> None:
        """Open by itself, while there is room."""
        family = node.founded() if node.parent is None else node.family
        if family is None or family.is_auto or self._auto_lines >= AUTO_LINES:
            return
        family.is_auto = True
        self._auto_lines += AUTO_LEAST

    def _gathering(self, parent: Node, kind: str, name: str) -> Node:
        key = f"{kind}:{parent.key}:{name}"
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Node(key, parent, kind, name)
            node.founded().density = Density()
            self._join(parent, node)
            self._changed[node] = None
        return node

    def _fan_out(self, parent: Node, namesakes: Namesakes) -> None:
        """Move the namesakes below a line of their own, where also the later ones will stand.

        It is open when its parent is, so that the reader keeps seeing what they saw.
        """
        family = parent.founded()
        first = namesakes.first
        assert first is not None
        moved = [node for node in family.members if node.namesakes is namesakes]
        fanout = namesakes.fanout = self._gathering(parent, "fanout", first.name)
        family.members = [node for node in family.members if node.namesakes is not namesakes]
        below = fanout.founded()
        below.is_auto = family.is_auto
        below.members = moved
        below.version = family.version = family.version + 1
        for node in moved:
            node.parent = fanout
            if node.facts is not None:
                below.counts[node.facts.phase.value] += 1
                self._date(fanout, node.facts, None)
        for node in self._below(moved):
            assert node.parent is not None
            node.depth = node.parent.depth + 1
            self._changed[node] = None
        self._sort_in(fanout)

    @staticmethod
    def _below(nodes: list[Node]) -> Iterator[Node]:
        pending = list(reversed(nodes))
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.members))

    def _sort_in(self, node: Node) -> None:
        """Put it where its start says."""
        rank = node.ranked()
        if rank == node.rank:
            return
        family = node.parent.family if node.parent else None
        if family is None or not family.members:
            node.rank = rank
            return
        family.remove(node)
        node.rank = rank
        family.add(node)
        self.shape += 1

    # --- counts and dates -----------------------------------------------------------------------

    def _count(self, node: Node, before: str, phase: str) -> None:
        """Correct the counts of everything above the node; each such line changes with it."""
        _shift(self.counts, before, phase)
        above, is_member = node.parent, True
        while above is not None:
            if is_member or not above.is_gathering:
                _shift(above.founded().counts, before, phase)
                self._changed[above] = None
            is_member = False
            above = above.parent

    def _date_above(self, node: Node, known: Facts | None) -> None:
        above = node.parent
        if above is None or not above.is_gathering or node.facts is None:
            return
        self._date(above, node.facts, known)
        if above.rank != above.ranked():
            self._sort_in(above)

    @staticmethod
    def _date(gathering: Node, facts: Facts, known: Facts | None) -> None:
        """A gathering lasts from its first member's start to its last one's end."""
        family = gathering.founded()
        start, end = facts.start_time, facts.end_time
        if start is not None and (gathering.start_time is None or start < gathering.start_time):
            gathering.start_time = start
        if end is not None and (family.latest_end is None or end > family.latest_end):
            family.latest_end = end
        _gauge(family, facts, known)


def _gauge(family: Family, facts: Facts, known: Facts | None) -> None:
    density = family.density
    if density is None:
        return
    before = (known.start_time, known.end_time) if known else (None, None)
    for was, now, note in (
        (before[0], facts.start_time, density.started),
        (before[1], facts.end_time, density.ended),
    ):
        if was == now:
            continue
        if was is not None:
            note(_ms(was), -1)
        if now is not None:
            note(_ms(now), 1)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _shift(counts: Counter[str], before: str, phase: str) -> None:
    if before:
        counts[before] -= 1
    counts[phase] += 1


def _by_start(facts: Facts) -> tuple[float, str]:
    return (facts.start_time.timestamp() if facts.start_time else 1e15, facts.name)

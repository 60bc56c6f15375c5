"""Grows a run's action tree from batches of actions and tells which of its rows changed.

Pure: no platform, no clock. Actions may come in any order and more than once; the newest counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dashboard import links
from dashboard.pages import Scope, TreeRow
from dashboard.phases import PHASES, PhaseStyle, style_of
from remote_client import Action

ROOT = "a0"
"""The platform's name for the action that a run consists of at first."""


@dataclass
class _Node:
    """An action, or a `flyte.group` (which has no action of its own)."""

    key: str
    parent: _Node | None
    label: str
    action: Action | None = None
    children: list[_Node] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """By phase: an action's descendants, a group's members."""
    started_at: datetime | None = None
    ended_at: datetime | None = None

    depth: int = 0

    def __post_init__(self) -> None:
        self.depth = self.parent.depth + 1 if self.parent else 0

    @property
    def order(self) -> str:
        return f"{_moment(self.started_at)} {self.key}"


class ActionTree:
    """One run's actions by name, in their places, with counts kept up to date at each merge."""

    def __init__(self, scope: Scope, run: str) -> None:
        self._scope = scope
        self._run = run
        self._nodes: dict[str, _Node] = {}
        self._orphans: dict[str, list[Action]] = defaultdict(list)
        self._changed: dict[str, None] = {}  # a set that keeps its order
        self.counts: Counter[str] = Counter()
        """All actions by phase, the root included."""

    def merge(self, actions: Iterable[Action]) -> None:
        """Take in new actions and newer states of known ones."""
        arrived = deque(actions)
        while arrived:
            action = arrived.popleft()
            if action.parent_name and action.parent_name not in self._nodes:
                # A child can be told of before its parent; it gets its place when that comes.
                self._orphans[action.parent_name].append(action)
                continue
            self._put(action)
            arrived.extend(self._orphans.pop(action.name, ()))

    def changed_rows(self) -> list[TreeRow]:
        """The rows that the merges since the last call touched, as they are now, parents first."""
        keys, self._changed = self._changed, {}
        nodes = sorted((self._nodes[key] for key in keys), key=lambda node: node.depth)
        return [self._row(node) for node in nodes]

    def rows(self) -> list[TreeRow]:
        """Every row, depth first."""
        root = self._nodes.get(ROOT)
        return [self._row(node) for node in _depth_first(root)] if root else []

    # --- what others ask about it ---------------------------------------------------------------

    @property
    def root(self) -> Action | None:
        return self.action(ROOT)

    def action(self, name: str) -> Action | None:
        node = self._nodes.get(name)
        return node.action if node else None

    def children(self, name: str) -> list[Action]:
        """An action's children, those inside its groups included."""
        node = self._nodes.get(name)
        found: list[Action] = []
        for child in node.children if node else ():
            members = [child] if child.action else child.children
            found += [member.action for member in members if member.action]
        return found

    @property
    def running(self) -> int:
        """How many actions have not ended."""
        return sum(count for key, count in self.counts.items() if not style_of(key).is_terminal)

    @property
    def is_complete(self) -> bool:
        """Whether the root is here and as many descendants as the platform says that it has."""
        root = self.root
        if root is None or self._orphans:
            return False
        return self.counts.total() > sum(root.children_phase_counts.values())

    @property
    def is_settled(self) -> bool:
        """Whether nothing can change any more."""
        return self.is_complete and self.running == 0

    # --- growing --------------------------------------------------------------------------------

    def _put(self, action: Action) -> None:
        node = self._nodes.get(action.name)
        if node is None:
            node = self._plant(action)
        elif node.action is not None:
            self._count(node, node.action.phase.value, -1)
        node.action = action
        node.label = action.short_name or action.name
        node.started_at = action.start_time
        node.ended_at = action.end_time if action.phase.is_terminal else None
        self._count(node, action.phase.value, +1)
        self._changed[node.key] = None

    def _plant(self, action: Action) -> _Node:
        parent = self._nodes.get(action.parent_name) if action.parent_name else None
        if parent is not None and action.group:
            parent = self._group(parent, action.group)
        node = self._nodes[action.name] = _Node(action.name, parent, action.short_name)
        if parent is not None:
            parent.children.append(node)
        return node

    def _group(self, parent: _Node, name: str) -> _Node:
        key = f"group:{parent.key}:{name}"
        group = self._nodes.get(key)
        if group is None:
            group = self._nodes[key] = _Node(key, parent, name)
            parent.children.append(group)
        return group

    def _count(self, node: _Node, phase: str, by: int) -> None:
        """Add to the counts of everything above the node; each such row changes with it."""
        self.counts[phase] += by
        above, is_member = node.parent, True
        while above is not None:
            if above.action is not None or is_member:
                above.counts[phase] += by
                self._changed[above.key] = None
            is_member = False
            above = above.parent

    # --- rows -----------------------------------------------------------------------------------

    def _row(self, node: _Node) -> TreeRow:
        if node.action is None:
            _date_group(node)
        return TreeRow(
            key=node.key,
            parent=node.parent.key if node.parent else "",
            kind=_kind(node.action),
            label=node.label,
            depth=node.depth,
            url=links.action_url(self._scope, self._run, node.key) if node.action else "",
            phase=style_of(node.action.phase.value) if node.action else group_phase(node.counts),
            started_at=node.started_at,
            ended_at=node.ended_at,
            attempts=node.action.attempts if node.action else 0,
            counts=phase_counts(node.counts),
            order=node.order,
            is_cached=bool(node.action) and _is_cached(node.action),
        )


def phase_counts(counts: Counter[str]) -> tuple[tuple[PhaseStyle, int], ...]:
    """Counts in the phases' own order, zeros left out."""
    return tuple((style, counts[key]) for key, style in PHASES.items() if counts[key] > 0)


def group_phase(counts: Counter[str]) -> PhaseStyle:
    """How a group fares: its furthest phase while it lasts, its worst one when all have ended."""
    here = {key for key, count in counts.items() if count > 0}
    lasting = [key for key in here if not style_of(key).is_terminal]
    if not lasting:
        ends = ("failed", "timed_out", "aborted", "succeeded", "recovered")
        return style_of(next((key for key in ends if key in here), "unknown"))
    if len(lasting) < len(here):
        return style_of("running")
    stages = ("running", "initializing", "paused", "waiting_for_resources", "queued")
    return style_of(next((key for key in stages if key in here), "unknown"))


def _date_group(group: _Node) -> None:
    starts = [m.started_at for m in group.children if m.started_at]
    ends = [m.ended_at for m in group.children if m.ended_at]
    group.started_at = min(starts, default=None)
    group.ended_at = max(ends) if ends and len(ends) == len(group.children) else None


def _depth_first(node: _Node) -> Iterator[_Node]:
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        for child in node.children:
            if child.action is None:
                _date_group(child)
        pending.extend(sorted(node.children, key=lambda child: child.order, reverse=True))


def _kind(action: Action | None) -> str:
    if action is None:
        return "group"
    return "action" if action.kind == "task" else action.kind


def _is_cached(action: Action | None) -> bool:
    return action is not None and action.cache_status.lower().endswith("hit")


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") if at else "9999"

"""The tree of a run's page as it is served: its lines, and the links that change what is seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.utils.safestring import SafeString, mark_safe

from dashboard import links
from dashboard.live.lens import Lens, Line, More
from dashboard.live.run import RunTopic
from dashboard.phases import PhaseStyle
from dashboard.templatetags.board import in_words
from dashboard.timelines import Axis, axis_of
from dashboard.tree_nodes import Node
from dashboard.tree_views import MODES, TreeView

_MODE_WORDS = {"tree": "Tree", "timeline": "Timeline", "graph": "Graph"}

TICKS = 6
_STEPS_S = (
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    21600,
    86400,
)


@dataclass(frozen=True)
class TreeLine:
    """One line of the page; its HTML is the one that live updates bring."""

    key: str
    parent: str
    order: str
    depth: int
    html: SafeString
    toggle_url: str = ""
    """Opens or shuts it; empty when nothing stands below it."""
    is_open: bool = False
    label: str = ""


@dataclass(frozen=True)
class TreePage:
    """What the template draws the tree from."""

    view: TreeView
    lines: tuple[TreeLine, ...]
    cursor: str
    modes: tuple[tuple[str, str, str, bool], ...]
    """Key, word, link and whether it is the one that is shown."""
    chips: tuple[tuple[PhaseStyle, int], ...]
    clear_url: str
    """Without search and filter."""
    open_all_url: str
    shut_all_url: str
    axis: Axis
    is_over: bool
    ticks: tuple[tuple[str, str], ...]
    """Place and word of each mark on the time axis."""


def tree_page(topic: RunTopic, view: TreeView) -> TreePage:
    lens = topic.lens(view)
    topic.want_times(view)
    scope, run = topic.scope, topic.args.run
    axis = axis_of(topic.tree, datetime.now(UTC))
    root = topic.tree.root

    def url(other: TreeView) -> str:
        return links.tree_url(scope, run, other)

    return TreePage(
        view=view,
        lines=tuple(_line(topic, lens, line) for line in lens.lines.values()),
        cursor=topic.cursor_of(lens),
        modes=tuple(
            (mode, _MODE_WORDS[mode], url(view.in_mode(mode)), mode == view.mode) for mode in MODES
        ),
        chips=topic.header.counts,
        clear_url=url(replace(view, phases=frozenset(), search="")),
        open_all_url=url(view.folded("all")),
        shut_all_url=url(view.folded("none")),
        axis=axis,
        is_over=root is not None and root.end_time is not None,
        ticks=ticks(axis),
    )


def _line(topic: RunTopic, lens: Lens, line: Line) -> TreeLine:
    view = lens.view
    html = mark_safe(topic.lines.html(line, view))  # noqa: S308 - a template drew it
    if isinstance(line, More):
        return TreeLine(line.key, line.parent, line.order, line.depth, html)
    parent = line.parent.key if line.parent else ""
    plain = TreeLine(line.key, parent, line.order, line.depth, html, label=line.label)
    if not line.members:
        return plain
    is_open = _is_open(line, lens)
    toggled = view.toggled(line.key, is_open=is_open)
    toggle_url = links.tree_url(topic.scope, topic.args.run, toggled)
    return replace(plain, toggle_url=toggle_url, is_open=is_open)


def _is_open(node: Node, lens: Lens) -> bool:
    """Whether any of its children is in sight."""
    return any(child.key in lens.lines for child in node.members[:1]) or lens.view.is_open(node)


def ticks(axis: Axis) -> tuple[tuple[str, str], ...]:
    """Round marks, about `TICKS` of them."""
    span_s = (axis.until - axis.since) / 1000
    step = next((step for step in _STEPS_S if span_s / step <= TICKS), _STEPS_S[-1])
    count = min(int(span_s / step), 50)
    at = [axis.since + round(n * step * 1000) for n in range(count + 1)]
    return tuple(
        (axis.at(ms), "0s" if ms == axis.since else in_words((ms - axis.since) / 1000)) for ms in at
    )

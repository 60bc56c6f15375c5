"""Bars of a timeline: when an action waited, was set up and ran, and when members of a group did.

Pure. What the platform tells of a whole run is each action's start, end and phase; how that time
was spent stands in the action's details, which are read for what is in sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from dashboard.phases import PhaseStyle, style_of
from dashboard.tree_nodes import ROOT, Node
from dashboard.tree_rows import group_phase
from dashboard.trees import ActionTree
from remote_client import ActionDetails, ActionPhase

_KINDS = {
    ActionPhase.QUEUED: "queue",
    ActionPhase.WAITING_FOR_RESOURCES: "queue",
    ActionPhase.INITIALIZING: "setup",
    ActionPhase.RUNNING: "run",
    ActionPhase.PAUSED: "pause",
}

HEIGHT = 10
"""Of a density's drawing, in its own units."""


@dataclass(frozen=True)
class Span:
    """A stay of one attempt: in the queue, being set up, running, or waiting for a person."""

    kind: str
    """`queue`, `setup`, `run`, `pause`; `whole` where how the time was spent is not known."""
    phase: PhaseStyle
    since: datetime
    until: datetime | None
    attempt: int = 0


@dataclass(frozen=True)
class Axis:
    """The time that a drawing covers, in milliseconds."""

    since: int
    until: int

    def at(self, ms: int) -> str:
        """Where a moment is, as a share of the width."""
        return f"{100 * (ms - self.since) / max(1, self.until - self.since):.2f}%"

    def wide(self, since: int, until: int) -> str:
        return f"{100 * max(0, until - since) / max(1, self.until - self.since):.2f}%"


@dataclass(frozen=True)
class Bar:
    """A span in its place; `since` and `until` let the page place it anew when it zooms."""

    kind: str
    phase: str
    label: str
    since: int
    until: int | None
    x: str
    width: str
    path: str = ""
    """The outline of a density, which is drawn in `slices` × `HEIGHT`."""
    slices: int = 0


def axis_of(tree: ActionTree, now: datetime) -> Axis:
    """From the run's start to its end, or to now."""
    root = tree.root
    start = root.start_time if root and root.start_time else now
    end = (root.end_time if root else None) or now
    return Axis(_ms(start), max(_ms(end), _ms(start) + 1))


def spans_of(details: ActionDetails) -> tuple[Span, ...]:
    """Each attempt's stays in order.

    A platform may leave a superseded attempt as it was: it ended when the next one began.
    """
    attempts = sorted(details.attempt_list, key=lambda attempt: attempt.number)
    found: list[Span] = []
    for attempt, follower in zip_longest(attempts, attempts[1:]):
        end = attempt.end_time or (follower.start_time if follower else None)
        if end is None and details.phase.is_terminal:
            end = details.end_time
        found += _stays(attempt, end, is_superseded=follower is not None)
    return tuple(found)


def _stays(attempt: Any, end: datetime | None, *, is_superseded: bool) -> list[Span]:
    stays: Sequence[Any] = attempt.transitions
    ended = [stay.phase for stay in stays if stay.phase.is_terminal]
    outcome = ended[-1] if ended else ActionPhase.FAILED if is_superseded else attempt.phase
    found = []
    for stay, following in zip_longest(stays, stays[1:]):
        kind = _KINDS.get(stay.phase)
        if kind is None or stay.start_time is None:
            continue
        until = stay.end_time or (following.start_time if following else end)
        # What ran is coloured by what came of it.
        phase = outcome if kind == "run" else stay.phase
        found.append(Span(kind, style_of(phase.value), stay.start_time, until, attempt.number))
    return found


def bars(node: Node, spans: tuple[Span, ...] | None, axis: Axis, now: datetime) -> tuple[Bar, ...]:
    """What the node's line shows; `spans` are None while its details are not known."""
    if node.is_gathering:
        return _density(node, axis, now)
    facts = node.facts
    if facts is None or facts.start_time is None:
        return ()
    if not spans:
        whole = Span("whole", style_of(facts.phase.value), facts.start_time, facts.end_time)
        spans = (whole,)
    return tuple(_bar(span, facts.attempts, axis, now) for span in spans)


def _bar(span: Span, attempts: int, axis: Axis, now: datetime) -> Bar:
    since = _ms(span.since)
    until = _ms(span.until) if span.until else None
    words = {"queue": "Queue", "setup": "Setup", "run": "Run", "pause": "Waiting for a person"}
    label = words.get(span.kind, "Start to end; queue and setup are not known")
    if attempts > 1 and span.attempt:
        label = f"Attempt {span.attempt}: {label.lower()}"
    width = axis.wide(since, until if until is not None else _ms(now))
    return Bar(span.kind, span.phase.key, label, since, until, axis.at(since), width)


def _density(node: Node, axis: Axis, now: datetime) -> tuple[Bar, ...]:
    family = node.family
    density = family.density if family else None
    if family is None or density is None or density.origin_ms is None:
        return ()
    end = node.end_time
    last = _ms(end) if end else _ms(now)
    levels = density.levels(last)
    since, until = density.origin_ms, density.origin_ms + len(levels) * density.slice_ms
    return (
        Bar(
            kind="density",
            phase=group_phase(family.counts).key,
            label=f"Up to {max(levels)} of {family.counts.total()} begun and not ended",
            since=since,
            until=until,
            x=axis.at(since),
            width=axis.wide(since, until),
            path=_outline(levels),
            slices=len(levels),
        ),
    )


def _outline(levels: list[int]) -> str:
    most = max(levels) or 1
    steps = [f"V{HEIGHT - HEIGHT * level / most:.1f}H{n + 1}" for n, level in enumerate(levels)]
    return f"M0 {HEIGHT}{''.join(steps)}V{HEIGHT}Z"


# --- what decided when the run ended --------------------------------------------------------------


def critical_path(tree: ActionTree) -> list[Node]:
    """The actions without which the run would have ended sooner, and the lines that they are under.

    Back from each parent's end: the child that ended last, then the one that ended last before
    that one began, and so on. Only of a run that has ended: before, nobody knows.
    """
    found: list[Node] = []
    pending = [ROOT]
    while pending:
        name = pending.pop()
        node = tree.node(name)
        while node is not None and node not in found[-3:]:
            found.append(node)
            node = node.parent if node.parent and node.parent.is_gathering else None
        pending += _deciders(tree, name)
    return list(dict.fromkeys(found))


def _deciders(tree: ActionTree, parent: str) -> list[str]:
    ended = [child for child in tree.children(parent) if child.end_time and child.start_time]
    ended.sort(key=lambda child: child.end_time or _LATE)
    names: list[str] = []
    before = _LATE
    while ended:
        child = ended.pop()
        if child.end_time and child.end_time <= before:
            names.append(child.name)
            before = child.start_time or before
    return names


_LATE = datetime.max.replace(tzinfo=UTC)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)

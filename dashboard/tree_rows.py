"""A node of the action tree as the line that a page shows of it."""

from __future__ import annotations

from collections import Counter

from dashboard import links
from dashboard.pages import Scope, TreeRow
from dashboard.phases import PHASES, PhaseStyle, style_of
from dashboard.tree_nodes import Node


def row_of(scope: Scope, run: str, node: Node) -> TreeRow:
    facts, family = node.facts, node.family
    counts = family.counts if family is not None else Counter[str]()
    return TreeRow(
        key=node.key,
        parent=node.parent.key if node.parent else "",
        kind=node.kind,
        label=node.label,
        depth=node.depth,
        url=links.action_url(scope, run, node.key) if facts else "",
        phase=style_of(facts.phase.value) if facts else group_phase(counts),
        started_at=node.start_time,
        ended_at=node.end_time,
        attempts=facts.attempts if facts else 0,
        counts=phase_counts(counts),
        order=node.order,
        is_cached=facts.is_cached if facts else False,
        members=len(node.members),
        is_critical=node.is_critical,
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

"""Failures that say the same, told together: how often, since when, and which tasks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from dashboard import links
from dashboard.home.pages import FailureGroup
from dashboard.index.rows import fingerprint
from dashboard.run_lists.facts import RunFacts

MOST_NAMED = 4
"""Tasks and projects that a group names."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def grouped(runs: Iterable[RunFacts]) -> tuple[FailureGroup, ...]:
    """The groups, what failed last first. What differs in numbers and names alone is the same."""
    groups: dict[str, list[RunFacts]] = {}
    for run in runs:
        # Without an error the task is all that failures have in common.
        task = "" if run.error_line else run.task
        groups.setdefault(fingerprint(task, run.error_line), []).append(run)
    found = [_group(members) for members in groups.values()]
    return tuple(sorted(found, key=lambda group: group.last_at or _LONG_AGO, reverse=True))


def _group(members: list[RunFacts]) -> FailureGroup:
    newest = max(members, key=_ended)
    return FailureGroup(
        headline=newest.error_line,
        count=len(members),
        first_at=min(members, key=_ended).ended,
        last_at=newest.ended,
        tasks=_named(run.task for run in members),
        where=_named(f"{run.project} / {run.domain}" for run in members),
        newest_url=links.run_url(newest.scope, newest.name),
        newest_run=newest.name,
    )


def _named(names: Iterable[str]) -> tuple[str, ...]:
    known = sorted(set(names))
    more = len(known) - MOST_NAMED
    return (*known[:MOST_NAMED], f"{more} more") if more > 0 else tuple(known)


def _ended(run: RunFacts) -> datetime:
    return run.ended or run.started or _LONG_AGO

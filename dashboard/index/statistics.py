"""Figures that pages take from the run index: counts, failures that are alike, throughput, tasks.

Every question takes the scopes that its reader may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from dashboard.index.queries import Reach, facts_of_cells, reach_of, select
from dashboard.index.rows import COLUMNS, number_of, phase_of, to_us
from dashboard.index.sql import RUNS, Where
from dashboard.index.threads import in_thread
from dashboard.pages import Scope
from dashboard.phases import PHASES
from dashboard.run_lists.facts import ENDED, FAILED, RunFacts

ACTIVE = tuple(phase for phase in PHASES if phase not in ENDED)
_MINUTE_US = 60_000_000


@dataclass(frozen=True)
class FailureGroup:
    """Failures of one task that are alike."""

    fingerprint: str
    error_class: str
    count: int
    newest: RunFacts


@dataclass(frozen=True)
class Minute:
    """What ended within a minute."""

    begins: datetime
    succeeded: int
    failed: int
    aborted: int


@dataclass(frozen=True)
class TaskStatistics:
    """A task's last runs."""

    task: str
    runs: tuple[RunFacts, ...]
    """Newest first."""
    success_rate: float | None
    """Of those that ended by themselves, between 0 and 1; None when none has."""
    median_duration: timedelta | None
    """Of those that succeeded."""


async def counts_by_phase(scopes: Sequence[Scope], since: datetime | None = None) -> dict[str, int]:
    """How many runs are in each phase, of those that were created since; no zeros."""
    reach = await reach_of(scopes)
    return await in_thread(_counts, reach, since)


def _counts(reach: Reach, since: datetime | None) -> dict[str, int]:
    where = Where()
    reach.restrict(where)
    by = "phase"
    if since is not None:
        where.add("started_us >= %s", to_us(since))
        by = "+phase"  # so that SQLite finds the span first, and does not walk through each phase
    rows = select(
        f"SELECT MIN(phase), COUNT(*) FROM {RUNS} WHERE {where.sql()} GROUP BY {by}",  # noqa: S608
        where.values,
    )
    return {phase_of(number): count for number, count in rows}


async def counts_by_active_phase(scopes: Sequence[Scope]) -> dict[str, int]:
    """How many runs go on now, by phase; no zeros."""
    reach = await reach_of(scopes)
    return await in_thread(_active, reach)


def _active(reach: Reach) -> dict[str, int]:
    where = Where()
    reach.restrict(where)
    _in_phases(where, ACTIVE)
    rows = select(
        f"SELECT phase, COUNT(*) FROM {RUNS} WHERE {where.sql()} GROUP BY phase",  # noqa: S608
        where.values,
    )
    return {phase_of(number): count for number, count in rows}


async def longest_running(scopes: Sequence[Scope], limit: int = 5) -> tuple[RunFacts, ...]:
    """What is running and began first."""
    return await _oldest(scopes, ("running",), limit)


async def longest_queued(scopes: Sequence[Scope], limit: int = 5) -> tuple[RunFacts, ...]:
    """What has not begun to run and waits longest."""
    return await _oldest(scopes, ("queued", "waiting_for_resources", "initializing"), limit)


async def running_now(scopes: Sequence[Scope], limit: int = 20) -> tuple[RunFacts, ...]:
    """Whatever has not ended, newest first."""
    return await _oldest(scopes, ACTIVE, limit, order="DESC")


async def _oldest(
    scopes: Sequence[Scope], phases: Sequence[str], limit: int, order: str = "ASC"
) -> tuple[RunFacts, ...]:
    reach = await reach_of(scopes)

    def ask() -> tuple[RunFacts, ...]:
        where = Where()
        reach.restrict(where)
        _in_phases(where, phases)
        # Few runs go on: found by their phase and then sorted (the plus keeps SQLite from walking
        # through all runs in the order that is wanted).
        return _facts(reach, where, f"+started_us {order}, name {order}", limit)

    return await in_thread(ask)


async def failure_groups(
    scopes: Sequence[Scope], since: datetime | None = None, limit: int = 10
) -> tuple[FailureGroup, ...]:
    """Failures that ended since (a day ago) by what failed, those with the most runs first.

    A failure whose error is not known yet stands in a group of its task with no class.
    """
    reach = await reach_of(scopes)
    at = since or datetime.now(UTC) - timedelta(days=1)
    return await in_thread(_failure_groups, reach, at, limit)


def _failure_groups(reach: Reach, since: datetime, limit: int) -> tuple[FailureGroup, ...]:
    where = Where()
    reach.restrict(where)
    _in_phases(where, sorted(FAILED))
    where.add("ended_us >= %s", to_us(since))
    rows = select(
        "SELECT task, fingerprint, MAX(error_class), COUNT(*), MAX(ended_us)"  # noqa: S608
        f" FROM {RUNS} WHERE {where.sql()} GROUP BY task, fingerprint"
        f" ORDER BY COUNT(*) DESC, MAX(ended_us) DESC LIMIT {limit:d}",
        where.values,
    )
    return tuple(
        FailureGroup(fingerprint, error_class, count, _newest_of(reach, task, fingerprint, ended))
        for task, fingerprint, error_class, count, ended in rows
    )


def _newest_of(reach: Reach, task: str, fingerprint: str, ended_us: int) -> RunFacts:
    where = Where()
    reach.restrict(where)
    where.add("ended_us = %s AND task = %s AND fingerprint = %s", ended_us, task, fingerprint)
    return _facts(reach, where, "id DESC", 1)[0]


async def throughput(scopes: Sequence[Scope], minutes: int = 60) -> tuple[Minute, ...]:
    """What ended in each of the last minutes, the oldest first; quiet ones are there too."""
    reach = await reach_of(scopes)
    first = to_us(datetime.now(UTC)) // _MINUTE_US - minutes + 1

    def ask() -> list[tuple[int, int, int]]:
        where = Where()
        reach.restrict(where)
        where.add("ended_us >= %s", first * _MINUTE_US)
        return select(
            f"SELECT ended_us / {_MINUTE_US}, phase, COUNT(*) FROM {RUNS}"  # noqa: S608
            f" WHERE {where.sql()} GROUP BY ended_us / {_MINUTE_US}, phase",
            where.values,
        )

    counts: dict[int, dict[str, int]] = {}
    for minute, phase, count in await in_thread(ask):
        counts.setdefault(minute, {})[phase_of(phase)] = count
    return tuple(_minute(at, counts.get(at, {})) for at in range(first, first + minutes))


def _minute(at: int, counts: dict[str, int]) -> Minute:
    return Minute(
        datetime.fromtimestamp(at * 60, UTC),
        counts.get("succeeded", 0) + counts.get("recovered", 0),
        sum(counts.get(phase, 0) for phase in FAILED),
        counts.get("aborted", 0),
    )


async def task_statistics(
    scope: Scope, tasks: Sequence[str], last: int = 20
) -> dict[str, TaskStatistics]:
    """Of each task's last runs, by its name. One short look into an index for each."""
    reach = await reach_of([scope])

    def ask() -> dict[str, TaskStatistics]:
        return {task: _statistics(task, _last_runs(reach, task, last)) for task in tasks}

    return await in_thread(ask)


def _last_runs(reach: Reach, task: str, last: int) -> tuple[RunFacts, ...]:
    where = Where()
    reach.restrict(where)
    where.add("task = %s", task)
    return _facts(reach, where, "started_us DESC, name DESC", last)


def _statistics(task: str, runs: tuple[RunFacts, ...]) -> TaskStatistics:
    good = [run for run in runs if run.phase in ("succeeded", "recovered")]
    bad = [run for run in runs if run.phase in FAILED]
    lengths = [run.duration.total_seconds() for run in good if run.duration is not None]
    return TaskStatistics(
        task,
        runs,
        len(good) / (len(good) + len(bad)) if good or bad else None,
        timedelta(seconds=median(lengths)) if lengths else None,
    )


def _in_phases(where: Where, phases: Sequence[str]) -> None:
    marks = ", ".join(["%s"] * len(phases))
    where.add(f"phase IN ({marks})", *(number_of(phase) for phase in phases))


def _facts(reach: Reach, where: Where, order: str, limit: int) -> tuple[RunFacts, ...]:
    columns = ", ".join(("scope_id", *COLUMNS))
    rows = select(
        f"SELECT {columns} FROM {RUNS} WHERE {where.sql()}"  # noqa: S608 - names of our own
        f" ORDER BY {order} LIMIT {limit:d}",
        where.values,
    )
    return tuple(facts_of_cells(reach, cells) for cells in rows)

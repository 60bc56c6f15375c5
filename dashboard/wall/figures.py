"""What a wall shows, as plain values: from the run index, or from the newest runs without it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard.index import queries, statistics
from dashboard.index.statistics import ACTIVE, Minute
from dashboard.pages import Scope
from dashboard.phases import PHASES, PhaseStyle, style_of
from dashboard.run_lists.facts import FAILED, RunFacts
from dashboard.run_lists.query import RunQuery, Sort

FAILURES = 4
LONGEST = 3
MINUTES = 60
BAR_TOP, BAR_LOW = 30, 14
"""The bars' room above and below the line, in the drawing's own units."""

WAITING = ("queued", "waiting_for_resources", "initializing")


@dataclass(frozen=True)
class WallRun:
    key: str
    task: str
    run: str
    where: str
    phase: PhaseStyle
    error_line: str
    started: datetime | None
    ended: datetime | None

    @classmethod
    def of(cls, facts: RunFacts) -> WallRun:
        return cls(
            key=f"{facts.project}/{facts.domain}/{facts.name}",
            task=facts.task or facts.name,
            run=facts.name,
            where=f"{facts.project} / {facts.domain}",
            phase=style_of(facts.phase),
            error_line=facts.error_line,
            started=facts.started,
            ended=facts.ended,
        )


@dataclass(frozen=True)
class Bar:
    """A minute: what ended well stands above the line, what failed hangs below it."""

    x: int
    good: int
    top: int
    bad: int


@dataclass(frozen=True)
class Figures:
    """Equal figures look the same."""

    running: int
    waiting: int
    today: tuple[tuple[PhaseStyle, int], ...]
    """How many of the runs that were created since midnight UTC are in each phase."""
    failed_today: int
    failures: tuple[WallRun, ...]
    longest_running: tuple[WallRun, ...]
    longest_queued: tuple[WallRun, ...]
    bars: tuple[Bar, ...]
    ended_hour: int
    failed_hour: int
    most: int
    """The most that ended in a minute of the hour."""
    note: str = ""
    """What the figures can't tell."""


async def from_index(scopes: Sequence[Scope], note: str = "") -> Figures:
    now = datetime.now(UTC)
    worst_first = RunQuery.parse("phase:failed,timed_out").sorted_by(Sort("ended", True))
    today, active, failures, running, queued, minutes = await asyncio.gather(
        statistics.counts_by_phase(scopes, _midnight(now)),
        statistics.counts_by_active_phase(scopes),
        queries.page(worst_first, scopes, None, FAILURES),
        statistics.longest_running(scopes, LONGEST),
        statistics.longest_queued(scopes, LONGEST),
        statistics.throughput(scopes, MINUTES),
    )
    return _figures(today, active, failures.runs, running, queued, minutes, note)


def from_runs(runs: Sequence[RunFacts], note: str) -> Figures:
    """The same out of the newest runs alone."""
    now = datetime.now(UTC)
    early, late = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    failures = [run for run in runs if run.phase in FAILED]
    failures.sort(key=lambda run: run.ended or early, reverse=True)
    by_age = sorted(runs, key=lambda run: run.started or late)
    return _figures(
        Counter(run.phase for run in runs if run.started and run.started >= _midnight(now)),
        Counter(run.phase for run in runs if run.phase in ACTIVE),
        failures[:FAILURES],
        [run for run in by_age if run.phase == "running"][:LONGEST],
        [run for run in by_age if run.phase in WAITING][:LONGEST],
        _minutes(runs, now),
        note,
    )


def _minutes(runs: Sequence[RunFacts], now: datetime) -> list[Minute]:
    first = now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
    ended: Counter[tuple[int, str]] = Counter()
    for run in runs:
        if run.ended is not None and run.ended >= first:
            kind = "bad" if run.phase in FAILED else "aborted" if run.phase == "aborted" else "good"
            ended[int((run.ended - first).total_seconds() // 60), kind] += 1
    return [
        Minute(
            first + timedelta(minutes=at), ended[at, "good"], ended[at, "bad"], ended[at, "aborted"]
        )
        for at in range(MINUTES)
    ]


def _figures(
    today: dict[str, int],
    active: dict[str, int],
    failures: Sequence[RunFacts],
    running: Sequence[RunFacts],
    queued: Sequence[RunFacts],
    minutes: Sequence[Minute],
    note: str,
) -> Figures:
    most = max([max(each.succeeded, each.failed) for each in minutes], default=0)
    return Figures(
        running=active.get("running", 0),
        waiting=sum(active.get(phase, 0) for phase in WAITING),
        today=tuple((style_of(phase), today[phase]) for phase in PHASES if today.get(phase)),
        failed_today=sum(today.get(phase, 0) for phase in FAILED),
        failures=tuple(map(WallRun.of, failures)),
        longest_running=tuple(map(WallRun.of, running)),
        longest_queued=tuple(map(WallRun.of, queued)),
        bars=tuple(_bar(at, each, most) for at, each in enumerate(minutes)),
        ended_hour=sum(each.succeeded + each.failed + each.aborted for each in minutes),
        failed_hour=sum(each.failed for each in minutes),
        most=most,
        note=note,
    )


def _bar(at: int, minute: Minute, most: int) -> Bar:
    """Whatever there was is seen: one of a thousand still has a height."""
    good = -(-minute.succeeded * BAR_TOP // most) if most else 0
    bad = -(-minute.failed * BAR_LOW // most) if most else 0
    return Bar(at * 5, good, BAR_TOP - good, bad)


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)

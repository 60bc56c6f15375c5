"""How the last runs of tasks went: from the run index, or from the platform where that is empty."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from statistics import median

from dashboard import links
from dashboard.index.states import index_state
from dashboard.index.statistics import task_statistics
from dashboard.pages import Scope
from dashboard.phases import style_of
from dashboard.run_lists.facts import FAILED, RunFacts, facts_of
from dashboard.tasks.pages import Mark, TaskStats
from dashboard.templatetags.board import in_words
from dashboard.upstream import platform
from remote_client.errors import RemoteError

LAST = 10
"""Marks of a strip."""

FRESH_S = 10.0
"""For how long the platform's answer counts; the strip itself follows the live topic."""

AT_ONCE = 8
"""Listings asked of the platform side by side, where the index knows nothing."""

WAIT_S = 2.0
"""How long a page waits for them; what is missing is shown as unknown."""

_known: dict[tuple[str, str, Scope, str], tuple[float, TaskStats]] = {}
_MOST_KNOWN = 2_000


async def statistics(scope: Scope, tasks: Sequence[str]) -> dict[str, TaskStats]:
    """Of each task by name; a task of which nothing could be learnt in time is missing."""
    if not tasks:
        return {}
    index = await index_state()
    if index.covers([scope]) and index.stale_since is None:
        found = await task_statistics(scope, tasks, LAST)
        return {name: stats_of(scope, each.runs) for name, each in found.items()}
    return await _asked(scope, tasks)


def stats_of(scope: Scope, newest_first: Iterable[RunFacts]) -> TaskStats:
    runs = list(newest_first)[:LAST]
    good = [run for run in runs if run.phase in ("succeeded", "recovered")]
    bad = [run for run in runs if run.phase in FAILED]
    lengths = [run.duration.total_seconds() for run in good if run.duration is not None]
    return TaskStats(
        marks=tuple(_mark(scope, run) for run in reversed(runs)),
        success=round(100 * len(good) / (len(good) + len(bad))) if good or bad else None,
        median=in_words(timedelta(seconds=median(lengths)).total_seconds()) if lengths else "",
    )


def _mark(scope: Scope, run: RunFacts) -> Mark:
    return Mark(run.name, links.run_url(scope, run.name), style_of(run.phase), run.started)


async def _asked(scope: Scope, tasks: Sequence[str]) -> dict[str, TaskStats]:
    """From the platform, bounded in number and in time, and remembered for a moment."""
    gate = asyncio.Semaphore(AT_ONCE)
    reads = {name: asyncio.ensure_future(_of_task(scope, name, gate)) for name in tasks}
    await asyncio.wait(reads.values(), timeout=WAIT_S)
    for read in reads.values():
        read.cancel()
    await asyncio.gather(*reads.values(), return_exceptions=True)
    found = {name: read for name, read in reads.items() if not read.cancelled()}
    return {name: stats for name, read in found.items() if (stats := read.result()) is not None}


async def _of_task(scope: Scope, name: str, gate: asyncio.Semaphore) -> TaskStats | None:
    here = platform()
    key = (here.endpoint, here.identity, scope, name)
    at, known = _known.get(key, (0.0, None))
    if known is not None and time.monotonic() - at < FRESH_S:
        return known
    async with gate:
        try:
            runs = await here.runs_of_task(scope, name, LAST)
        except RemoteError:
            return None  # a list without its strips is better than none
    stats = stats_of(scope, (facts_of(scope, run) for run in runs))
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[key] = (time.monotonic(), stats)
    return stats

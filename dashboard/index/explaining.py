"""Asks for what no list tells of a run, its labels and its error, newest runs first."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from dashboard.error_lines import error_lines
from dashboard.index import writing
from dashboard.index.models import IndexedRun
from dashboard.index.rows import from_us, phase_of
from dashboard.index.threads import in_thread
from dashboard.pages import Scope
from dashboard.run_lists.facts import FAILED, Labels, RunFacts, sorted_labels
from dashboard.upstream import Platform
from remote_client.errors import RemoteError

logger = logging.getLogger(__name__)

BATCH = 50
AT_ONCE = 4
TRIES = 3
"""A platform may say why a moment after it said that; after so many times it has no more to say."""

LOOK_S = 5.0
"""How long until a run that could not be explained is asked for again."""


class Explaining:
    """The one task that asks."""

    def __init__(self, platform: Platform, news: asyncio.Event) -> None:
        self._platform = platform
        self._news = news
        self._tries: Counter[int] = Counter()

    async def run(self) -> None:
        """For ever."""
        while True:
            self._news.clear()
            await self.explain_all()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def explain_all(self) -> None:
        """Ask once for each run that needs it."""
        asked: set[int] = set()
        gate = asyncio.Semaphore(AT_ONCE)
        while rows := await in_thread(_unexplained, asked):
            asked.update(row.pk for row in rows)
            await asyncio.gather(*(self._explain(row, gate) for row in rows))

    async def _explain(self, row: IndexedRun, gate: asyncio.Semaphore) -> None:
        labels: Labels | None = None
        line, is_failed = "", phase_of(row.phase) in FAILED
        try:
            async with gate:
                labels, line = await self._read(row)
        except RemoteError as error:
            logger.info("No details of run %s: %s", row.name, error)
        self._tries[row.pk] += 1
        is_enough = labels is not None and (bool(line) or not is_failed)
        if is_enough or self._tries[row.pk] >= TRIES:
            del self._tries[row.pk]
            await in_thread(writing.put_explained, row.pk, labels, line or row.error_line)

    async def _read(self, row: IndexedRun) -> tuple[Labels, str]:
        scope = Scope(project=row.scope.project, domain=row.scope.domain)
        labels: Labels = tuple((key, value) for key, value in row.labels)
        if not labels:
            run = await self._platform.run(scope, row.name)
            labels = sorted_labels(run.labels.items())
        facts = RunFacts(
            scope.project,
            scope.domain,
            row.name,
            phase_of(row.phase),
            ended=from_us(row.ended_us),
        )
        return labels, await error_lines.read(self._platform, scope, facts)


def _unexplained(but_for: set[int]) -> list[IndexedRun]:
    rows = IndexedRun.objects.filter(is_explained=False).select_related("scope")
    newest = rows.order_by("-started_us")[: BATCH + len(but_for)]
    return [row for row in newest if row.pk not in but_for][:BATCH]

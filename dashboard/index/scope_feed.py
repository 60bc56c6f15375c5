"""Keeps the index true to one project and domain: reads it whole once, then follows it.

The watch is a hint. What changed is listed again every `RECONCILE_S`, so that dropped events and
restarts of either side heal, and runs that should have ended are asked for one by one.
"""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from dashboard.index import writing
from dashboard.index.models import IndexedRun, IndexedScope
from dashboard.index.rows import from_us, number_of, to_us
from dashboard.index.states import say_heard
from dashboard.index.threads import in_thread
from dashboard.pages import Scope
from dashboard.phases import PHASES
from dashboard.run_lists.facts import ENDED, facts_of
from dashboard.run_lists.query_platform import PlatformPart
from dashboard.upstream import Platform
from remote_client import FieldFilter, Page, Run, SortBy
from remote_client.errors import (
    NotFound,
    PermissionDenied,
    RemoteError,
    Unauthenticated,
)

logger = logging.getLogger(__name__)

RECONCILE_S = 30.0
PAGE = 100
MARGIN = timedelta(minutes=2)
"""So much of what was read is read again: the clocks of the two sides differ."""

RETRY_S = (1.0, 30.0)
SINGLE_READS = 50
CHECK_EVERY = 4
"""Every so many times the runs that go on are looked after too."""

_WALK: tuple[SortBy, ...] = (("created_at", "desc"), ("run_name", "desc"))
_OPEN = tuple(str(number_of(phase)) for phase in PHASES if phase not in ENDED)


class ScopeFeed:
    """One scope's reader. `gate` bounds how many ask the platform at once, `watches` how many
    streams are open; a scope without a stream is listed alone. `news` is set when rows changed, and
    `walked` when everything was read."""

    def __init__(
        self,
        platform: Platform,
        scope: Scope,
        gate: asyncio.Semaphore,
        watches: asyncio.Semaphore,
        news: asyncio.Event,
        walked: asyncio.Event,
    ) -> None:
        self._platform = platform
        self._scope = scope
        self._gate = gate
        self._watches = watches
        self._news = news
        self._walked = walked
        self._row: IndexedScope

    async def run(self) -> None:
        """For ever. Raises Unauthenticated and PermissionDenied: then there is nothing to feed."""
        self._row = await in_thread(writing.scope_row, self._scope)
        pause, loop = RETRY_S[0], asyncio.get_running_loop()
        while True:
            refusals: list[BaseException] = []
            began = loop.time()
            try:
                await self._walk_if_need_be()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._reconcile())
                    group.create_task(self._follow())
            except* (Unauthenticated, PermissionDenied) as refused:
                refusals = list(refused.exceptions)
            except* RemoteError as group_error:
                logger.info("Feeding %s broke: %s", self._scope, group_error.exceptions[0])
            if refusals:
                raise refusals[0]
            pause = RETRY_S[0] if loop.time() - began > RETRY_S[1] else min(RETRY_S[1], pause * 2)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311

    # --- the whole, once ------------------------------------------------------------------------

    async def _walk_if_need_be(self) -> None:
        self._row = await in_thread(IndexedScope.objects.get, pk=self._row.pk)
        if not self._row.is_walked:
            await self.walk()

    async def walk(self) -> None:
        """Read every run, newest first; goes on where an earlier reading stopped."""
        began = datetime.now(UTC)
        if not hasattr(self, "_row"):
            self._row = await in_thread(writing.scope_row, self._scope)
        self._row = await in_thread(writing.begin_walk, self._row)
        if not self._row.synced_us:
            await in_thread(writing.synced, self._row, to_us(began))
        bound, token = self._row.walked_to_us, ""
        while True:
            page = await self._list(_older_than(bound), token)
            await self._put(page.items)
            last = min((to_us(run.start_time) for run in page.items), default=0)
            if not page.next_token:
                break
            # By key rather than by the platform's offset, unless a page is one moment.
            token = page.next_token if last == bound else ""
            bound = last
            await in_thread(writing.walked, self._row, bound)
        await in_thread(writing.end_walk, self._row)
        self._walked.set()
        self._row = await in_thread(IndexedScope.objects.get, pk=self._row.pk)

    # --- and then its changes -------------------------------------------------------------------

    async def _follow(self) -> None:
        async with (
            self._watches,
            aclosing(self._platform.watch_runs(self._scope, lambda state: None)) as batches,
        ):
            async for batch in batches:
                await self._put(batch)

    async def _reconcile(self) -> None:
        count = 0
        while True:
            await self.catch_up()
            if count % CHECK_EVERY == 0:
                await self.check_open()
            count += 1
            await asyncio.sleep(RECONCILE_S * random.uniform(0.8, 1.0))  # noqa: S311
            await self._walk_if_need_be()

    async def catch_up(self) -> None:
        """List what changed since everything was read last."""
        began = datetime.now(UTC)
        self._row = await in_thread(IndexedScope.objects.get, pk=self._row.pk)
        since = (from_us(self._row.synced_us) or began) - MARGIN
        condition = FieldFilter("greater_than_or_equal", "updated_at", (since.isoformat(),))
        part = PlatformPart((condition,), (("updated_at", "asc"), ("run_name", "asc")))
        token = ""
        while True:
            page = await self._list(part, token)
            await self._put(page.items)
            token = page.next_token
            if not token:
                break
        await in_thread(writing.synced, self._row, to_us(began))
        await in_thread(say_heard)

    async def check_open(self) -> None:
        """Look after runs that go on in the index and are not among those that do on the platform:
        they ended, or they are gone."""
        unsure = set(await in_thread(_open_names, self._row)) - await self._open_on_platform()
        for name in sorted(unsure)[:SINGLE_READS]:
            try:
                async with self._gate:
                    run = await self._platform.run(self._scope, name)
            except NotFound:
                await in_thread(writing.forget, self._row, [name])
            else:
                await self._put([run])

    async def _open_on_platform(self) -> set[str]:
        part = PlatformPart((FieldFilter("value_in", "phase", _OPEN),), _WALK)
        found: set[str] = set()
        token = ""
        while True:
            page = await self._list(part, token)
            await self._put(page.items)
            found |= {run.name for run in page.items}
            token = page.next_token
            if not token:
                return found

    async def _list(self, part: PlatformPart, token: str) -> Page[Run]:
        async with self._gate:
            return await self._platform.runs_where(self._scope, part, token=token, limit=PAGE)

    async def _put(self, runs: list[Run]) -> None:
        if runs:
            facts = [facts_of(self._scope, run) for run in runs]
            if await in_thread(writing.put, self._row, facts):
                self._news.set()


def _older_than(bound_us: int) -> PlatformPart:
    at = from_us(bound_us)
    if at is None:
        return PlatformPart((), _WALK)
    condition = FieldFilter("less_than_or_equal", "created_at", (at.isoformat(),))
    return PlatformPart((condition,), _WALK)


def _open_names(scope: IndexedScope) -> list[str]:
    rows = IndexedRun.objects.filter(scope=scope, phase__in=[int(number) for number in _OPEN])
    return list(rows.values_list("name", flat=True))

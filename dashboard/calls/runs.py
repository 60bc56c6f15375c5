"""Calls about runs."""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from dashboard.calls.connection import Batches, Connection, OnState
from dashboard.pages import Scope
from remote_client import Action, Page, Project, Run, SortBy

if TYPE_CHECKING:
    from dashboard.run_lists.query_platform import PlatformPart

PROJECTS_KNOWN_S = 30.0
"""How long the list of projects counts; every list across projects begins with it."""

NEWEST_FIRST: tuple[SortBy, ...] = (("created_at", "desc"), ("run_name", "desc"))


class RunCalls(Connection):
    """Lists, reads, watches, aborts and reruns runs."""

    _all_projects: tuple[float, list[Project]] = (0.0, [])

    async def runs_page(
        self, scope: Scope, *, token: str, limit: int, phase: str, task: str
    ) -> Page[Run]:
        """A page (`items`, `next_token`) of runs, newest first; "" for no filter."""
        filters: dict[str, Any] = {}
        if phase:
            filters["in_phase"] = (phase,)
        if task:
            filters["task_name"] = task
        with self.asking():
            return await Run.listpage.aio(
                limit=limit,
                token=token,
                sort_by=("created_at", "desc"),
                **filters,
                **await self.within(scope),
            )

    async def runs_where(
        self, scope: Scope, part: PlatformPart, *, token: str = "", limit: int = 100
    ) -> Page[Run]:
        """A page of the runs that the platform's part of a query lets through, in its order."""
        with self.asking():
            return await Run.listpage.aio(
                limit=limit,
                token=token,
                where=part.filters,
                sort_by=part.sort_by or NEWEST_FIRST,
                **await self.within(scope),
            )

    async def projects_known(self) -> list[Project]:
        """All projects, as they were at most half a minute ago."""
        asked_at, found = self._all_projects
        if not found or time.monotonic() - asked_at > PROJECTS_KNOWN_S:
            with self.asking():
                found = [p async for p in Project.listall(client=await self.client())]
            self._all_projects = (time.monotonic(), found)
        return found

    async def run(self, scope: Scope, name: str) -> Run:
        with self.asking():
            return await Run.get.aio(name, **await self.within(scope))

    async def abort(self, run: Run, reason: str) -> None:
        with self.asking():
            await run.abort.aio(reason)

    async def rerun(self, run: Run) -> Run:
        """Start the run's task again as it was; returns the new run."""
        with self.asking():
            return await run.rerun.aio()

    async def watch_runs(self, scope: Scope, on_state: OnState) -> Batches[Run]:
        """Batches of runs to merge by name: a snapshot, then changes, for ever."""
        watch = Run.watchall(**await self.within(scope), on_state=self.hearing(on_state))
        with self.streaming():
            async with aclosing(watch.aio()) as batches:
                async for batch in batches:
                    yield batch

    async def watch_actions(self, scope: Scope, run: str, on_state: OnState) -> Batches[Action]:
        """Batches of a run's actions to merge by name: a snapshot, then changes, for ever."""
        within = await self.within(scope)
        watch = Action.watchall(for_run_name=run, **within, on_state=self.hearing(on_state))
        with self.streaming():
            async with aclosing(watch.aio()) as batches:
                async for batch in batches:
                    yield batch

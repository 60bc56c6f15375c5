"""Calls about runs."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from dashboard.calls.connection import Batches, Connection, OnState
from dashboard.pages import Scope
from remote_client import Action, Page, Run


class RunCalls(Connection):
    """Lists, reads, watches, aborts and reruns runs."""

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

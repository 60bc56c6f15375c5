"""Calls about conditions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from dashboard.calls.connection import Connection
from dashboard.pages import Scope
from remote_client import Condition

AT_ONCE = 4
"""Runs that are asked for their conditions at the same time."""


class ConditionCalls(Connection):
    """Finds conditions that wait for a person, and answers them."""

    async def waiting_conditions(self, scope: Scope, runs: Iterable[str]) -> list[Condition]:
        """The conditions of these runs that wait for an answer now, oldest first.

        Only a run that goes on can wait, and its own phase does not tell: each is asked.
        """
        slots = asyncio.Semaphore(AT_ONCE)

        async def of(run: str) -> list[Condition]:
            async with slots:
                with self.asking():
                    listed = Condition.listall(run, waiting=True, **await self.within(scope))
                    return [condition async for condition in listed]

        found = await asyncio.gather(*(of(run) for run in runs))
        return sorted((c for each in found for c in each), key=_started)

    async def condition(self, scope: Scope, run: str, name: str) -> Condition:
        """Raises NotFound when there is no such action, or when it is no condition."""
        with self.asking():
            return await Condition.get.aio(run_name=run, name=name, **await self.within(scope))

    async def answer(self, condition: Condition, answer: bool | int | float | str) -> None:
        """Raises FailedPrecondition when somebody was first."""
        with self.asking():
            await condition.signal.aio(answer)


def _started(condition: Condition) -> Any:
    start = condition.start_time
    return (start is not None, start)

"""Calls about actions: details, values and logs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from dashboard.calls.connection import Batches, Connection, OnState, action_id
from dashboard.pages import Scope
from remote_client import ActionDetails, LogLine, Logs


class ActionCalls(Connection):
    """Reads and watches one action, and tails its logs."""

    async def action(self, scope: Scope, run: str, name: str) -> ActionDetails:
        with self.asking():
            return await ActionDetails.get.aio(run_name=run, name=name, **await self.within(scope))

    async def inputs(self, action: ActionDetails) -> list[Any]:
        """`TypedValue`s of what the action was called with."""
        with self.asking():
            return list((await action.inputs()).typed())

    async def outputs(self, action: ActionDetails) -> list[Any]:
        """`TypedValue`s of what the action returned."""
        with self.asking():
            return list((await action.outputs()).typed())

    async def watch_action(
        self, scope: Scope, run: str, name: str, on_state: OnState
    ) -> AsyncGenerator[ActionDetails, None]:
        """Whole details at each change; ends when the action is terminal."""
        watch = ActionDetails.watch(
            action_id=action_id(scope, run, name),
            client=await self.client(),
            on_state=self.hearing(on_state),
        )
        with self.streaming():
            async with aclosing(watch.aio()) as changes:
                async for details in changes:
                    yield details

    async def tail_log(
        self, scope: Scope, run: str, action: str, attempt: int, on_state: OnState
    ) -> Batches[LogLine]:
        """Batches of lines from the attempt's first; ends when its log is complete."""
        tail = Logs.tail_batches(
            action_id=action_id(scope, run, action),
            attempt=attempt,
            client=await self.client(),
            on_state=self.hearing(on_state),
        )
        with self.streaming():
            async with aclosing(tail) as batches:
                async for batch in batches:
                    yield batch

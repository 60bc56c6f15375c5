"""Calls about actions: details, values and logs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from dashboard.calls.connection import Batches, Connection, OnState, action_id
from dashboard.pages import Scope
from remote_client import ActionDetails, LogLine, Logs
from remote_client.errors import InvalidArgument, NotFound, Unimplemented


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

    async def input_value(self, action: ActionDetails, name: str) -> Any:
        """One input as a Python value, however large. Raises KeyError."""
        with self.asking():
            inputs = await action.inputs()
        return await asyncio.to_thread(inputs.__getitem__, name)

    async def output_value(self, action: ActionDetails, name: str) -> Any:
        """One output as a Python value, however large. Raises KeyError."""
        with self.asking():
            outputs = await action.outputs()
        return outputs.named_outputs[name]

    async def report(self, action: ActionDetails, attempt: int) -> str | None:
        """The HTML that an attempt reported so far; None when there is none."""
        with self.asking():
            try:
                return str(await action.get_report.aio(attempt))
            except NotFound:
                return None

    async def code_bundle(
        self, action: ActionDetails, attempt: int, most_bytes: int
    ) -> bytes | None:
        """The archive with the action's code; None where the platform has or links none.

        Raises ValueError when it is larger.
        """
        with self.asking():
            try:
                return await action.get_code_bundle.aio(attempt, most_bytes=most_bytes)
            except (NotFound, InvalidArgument, Unimplemented):
                return None

    async def abort_action(self, action: ActionDetails, reason: str) -> None:
        """Stop this action and what it started."""
        with self.asking():
            await action.abort.aio(reason)

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

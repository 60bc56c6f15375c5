"""Follows a client's watch in the background and keeps the newest state of each thing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.quirks.server import PATIENCE_S


class Followed:
    """What a watch has given so far."""

    def __init__(self) -> None:
        self.by_name: dict[str, Any] = {}
        self.batches: list[list[Any]] = []
        self.states: list[Any] = []
        self.error: Exception | None = None

    def phase(self, name: str) -> str:
        """The newest phase of a thing, "" when it has not come yet."""
        return str(self.by_name[name].phase) if name in self.by_name else ""

    @property
    def kinds(self) -> list[str]:
        """The kinds of connection state heard of, in order."""
        return [state.kind for state in self.states]


@asynccontextmanager
async def following(watch: Any, **arguments: Any) -> AsyncIterator[Followed]:
    """Follow `watch(**arguments, on_state=…)` for as long as the block lasts."""
    followed = Followed()
    task = asyncio.create_task(
        _follow(watch(**arguments, on_state=followed.states.append), followed)
    )
    try:
        yield followed
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=PATIENCE_S)


async def _follow(series: Any, followed: Followed) -> None:
    try:
        async for batch in series:
            followed.batches.append(batch)
            followed.by_name.update((thing.name, thing) for thing in batch)
    except Exception as error:
        followed.error = error

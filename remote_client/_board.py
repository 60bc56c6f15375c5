"""What a watch knows by name, and what of it changed since the consumer last looked.

Several sources may feed one board. State conflates: a consumer that is slow gets the newest state
of each thing once, and memory is bounded by the number of things.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Board(Generic[T]):
    """The newest state of each thing, as messages that can be compared."""

    def __init__(self, merge: Callable[[T | None, T], T]) -> None:
        self.held: dict[str, T] = {}
        self._merge = merge
        self._changed: dict[str, T] = {}
        self._written: dict[str, int] = {}
        self._count = 0
        self._news = asyncio.Event()
        self._error: BaseException | None = None
        self._announced = False

    def mark(self) -> int:
        """The present moment, for `offer(since=…)`."""
        return self._count

    def offer(self, name: str, state: T, *, since: int | None = None) -> None:
        """Take in a state. What was asked for at `since` loses to what came after that."""
        if since is not None and self._written.get(name, 0) > since:
            return
        held = self.held.get(name)
        merged = self._merge(held, state)
        self._count += 1
        self._written[name] = self._count
        if held != merged:
            self.held[name] = self._changed[name] = merged
            self._news.set()

    def forget(self, name: str) -> None:
        """Hold it no longer."""
        for table in (self.held, self._changed, self._written):
            table.pop(name, None)

    def announce(self) -> None:
        """A snapshot is complete, so the consumer hears of it even when it is empty."""
        if not self._announced:
            self._announced = True
            self._news.set()

    def fail(self, error: BaseException) -> None:
        """Give the consumer this error, after what it has not seen yet."""
        self._error = error
        self._news.set()

    async def changes(self) -> list[T]:
        """Wait for changes and take them. Raises the error of a source that failed."""
        await self._news.wait()
        self._news.clear()
        changed, self._changed = list(self._changed.values()), {}
        if self._error is not None and not changed:
            raise self._error
        if self._error is not None:
            self._news.set()
        return changed

    @asynccontextmanager
    async def fed_by(self, *sources: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
        """Run the sources for as long as the block lasts."""
        tasks = [asyncio.create_task(self._feed(source)) for source in sources]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _feed(self, source: Coroutine[Any, Any, None]) -> None:
        try:
            await source
        except Exception as error:
            self.fail(error)


def overlay(target: Any, source: Any) -> None:
    """Put every field that is set in `source` over the one in `target`; the rest stays."""
    for field, value in source.ListFields():
        if field.message_type is not None and not field.is_repeated:
            getattr(target, field.name).CopyFrom(value)
        else:
            target.ClearField(field.name)
            target.MergeFrom(type(target)(**{field.name: value}))

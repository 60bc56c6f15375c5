"""Handing a stream to a blocking caller: the loop reads on while the caller works.

A hop from one thread to the other and back costs as much as reading a message. So the caller takes
all that has come since it last looked, and the loop stops when enough lies ready.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from typing import Generic, TypeVar

from remote_client._background import background

T = TypeVar("T")

# The loop waits when so many batches lie ready: enough to pay for the hops, little memory.
MOST_BATCHES = 32


class ReadAhead(Generic[T]):
    """The things of an async generator of lists, for one caller in a plain thread."""

    def __init__(self, batches: AsyncGenerator[list[T], None]) -> None:
        self._batches = batches
        self._changed = threading.Condition()
        self._ready: list[list[T]] = []
        self._ended = False
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[T]:
        background.run(self._start())
        try:
            while taken := self._take():
                for batch in taken:
                    yield from batch
        finally:
            background.run(self._stop())
        if self._error is not None:
            raise self._error

    def _take(self) -> list[list[T]]:
        """All that lies ready, as soon as there is something; [] at the end."""
        with self._changed:
            while not self._ready and not self._ended:
                self._changed.wait()
            taken, self._ready = self._ready, []
        if len(taken) >= MOST_BATCHES:
            self._loop.call_soon_threadsafe(self._room.set)
        return taken

    async def _start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        # Made here, the task has the caller's context.
        self._pump = self._loop.create_task(self._read())

    async def _stop(self) -> None:
        self._pump.cancel()
        # A task that was cancelled before it began has not gone through `_read`.
        with suppress(asyncio.CancelledError):
            await self._pump
        await self._batches.aclose()

    async def _read(self) -> None:
        try:
            async with aclosing(self._batches) as batches:
                async for batch in batches:
                    await self._put(batch)
        except (Exception, asyncio.CancelledError) as error:
            # The caller raises it, unless it was the caller that stopped.
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify()

    async def _put(self, batch: list[T]) -> None:
        self._room.clear()
        with self._changed:
            self._ready.append(batch)
            is_full = len(self._ready) >= MOST_BATCHES
            self._changed.notify()
        if is_full:
            await self._room.wait()

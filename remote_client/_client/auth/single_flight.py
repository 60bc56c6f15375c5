"""Many callers, one piece of work: whoever asks while it runs gets the outcome of that one run.

Callers may live on different event loops and threads, since one authenticator serves the
channels of all of them; asyncio's own locks belong to a single loop.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

__all__ = ["SingleFlight"]

T = TypeVar("T")

# How often a waiter looks whether the loop that does the work still runs. Only a loop that was
# dropped without cancelling its tasks is found this way.
_LOOP_CHECK_S = 1.0


class _Flight(Generic[T]):
    """One run of the work, and those who wait for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.task: asyncio.Task[None] | None = None
        self.landed = False
        self.abandoned = False
        self.result: T | None = None
        self.error: BaseException | None = None
        self.waiters: set[asyncio.Future[None]] = set()

    def is_orphaned(self) -> bool:
        return not self.landed and not self.loop.is_running()

    def wake(self) -> None:
        for waiter in self.waiters:
            try:
                waiter.get_loop().call_soon_threadsafe(_set, waiter)
            except RuntimeError:  # the waiter's loop is closed: nobody waits there any more
                continue


class SingleFlight(Generic[T]):
    """Runs a piece of work at most once at a time.

    The work runs as a task of its own: a caller who is cancelled takes nothing from the others,
    and a token that is on its way still arrives. When the loop that runs it ends, the next
    waiter starts it again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flight: _Flight[T] | None = None

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """The outcome of `work`, or of the same work if it is under way. Raises what it raised."""
        while True:
            flight = self._join(work)
            await self._wait(flight)
            if flight.abandoned:
                continue
            if flight.error is not None:
                raise flight.error
            return flight.result  # type: ignore[return-value]  # landed without an error

    async def cancel(self) -> None:
        """End the work under way, if any, and wait for its end (its processes, its sockets).

        Those who wait for the work get CancelledError.
        """
        with self._lock:
            flight, self._flight = self._flight, None
        if flight is None or flight.landed or flight.task is None:
            return
        ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        try:
            # Before the waiters wake: their loop may end as soon as they do.
            flight.loop.call_soon_threadsafe(_end, flight.task, ended)
        except RuntimeError:  # that loop is closed, and its tasks with it
            ended.set_result(None)
        self._land(flight, error=asyncio.CancelledError())
        if flight.loop.is_running():
            await asyncio.wrap_future(ended)

    def _join(self, work: Callable[[], Awaitable[T]]) -> _Flight[T]:
        with self._lock:
            if self._flight is None or self._flight.is_orphaned():
                loop = asyncio.get_running_loop()
                self._flight = _Flight(loop)
                self._flight.task = loop.create_task(self._fly(self._flight, work))
            return self._flight

    async def _fly(self, flight: _Flight[T], work: Callable[[], Awaitable[T]]) -> None:
        try:
            result = await work()
        except asyncio.CancelledError:
            self._land(flight, abandoned=True)
            raise
        except BaseException as error:
            self._land(flight, error=error)
            if not isinstance(error, Exception):
                raise
        else:
            self._land(flight, result=result)

    def _land(
        self,
        flight: _Flight[T],
        *,
        result: T | None = None,
        error: BaseException | None = None,
        abandoned: bool = False,
    ) -> None:
        with self._lock:
            if flight.landed:
                return
            flight.landed = True
            flight.result, flight.error, flight.abandoned = result, error, abandoned
            if self._flight is flight:
                self._flight = None
            flight.wake()

    async def _wait(self, flight: _Flight[T]) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            if flight.landed:
                return
            flight.waiters.add(waiter)
        try:
            while not waiter.done():
                await asyncio.wait({waiter}, timeout=_LOOP_CHECK_S)
                if flight.is_orphaned():
                    self._land(flight, abandoned=True)
        finally:
            with self._lock:
                flight.waiters.discard(waiter)


def _set(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _end(task: asyncio.Task[None], ended: concurrent.futures.Future[None]) -> None:
    def tell(_: object) -> None:
        if not ended.done():
            ended.set_result(None)

    task.add_done_callback(tell)
    task.cancel()

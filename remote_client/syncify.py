"""One calling form for three habits.

A decorated `async def` can be called in a plain thread, where it blocks and returns the value;
inside a running event loop, where it returns an awaitable that runs on that very loop; and as
`.aio(...)`, which is always awaitable. What yields many things returns a `Series`, for `for` and
`async for`.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Coroutine,
    Iterator,
)
from contextlib import aclosing
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast
from weakref import WeakSet

from remote_client._background import background
from remote_client._read_ahead import ReadAhead

__all__ = ["BoundCall", "BoundSeries", "Series", "syncify"]

P = ParamSpec("P")
T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")


class BoundCall(Generic[P, R_co]):
    """An async callable that blocks where no loop runs. `.aio` is the typed, async form."""

    def __init__(self, call: Callable[P, Coroutine[Any, Any, R_co]]) -> None:
        self._call = call
        functools.update_wrapper(self, call)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """The value in a plain thread; an awaitable of it inside a running loop."""
        if _in_running_loop():
            return self._call(*args, **kwargs)
        return background.run(self._call(*args, **kwargs))

    def aio(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, R_co]:
        """An awaitable, wherever it is called."""
        return self._call(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{getattr(self._call, '__qualname__', self._call)} (blocking or awaitable)>"


class _Method(Generic[S, P, T]):
    def __init__(self, function: Callable[Concatenate[S, P], Coroutine[Any, Any, T]]) -> None:
        self._function = function
        functools.update_wrapper(cast("Any", self), function)

    def __get__(self, instance: S | None, owner: type[Any]) -> BoundCall[P, T]:
        function: Any = self._function
        return BoundCall(function if instance is None else function.__get__(instance, owner))


class _ClassMethod(Generic[P, T]):
    def __init__(self, method: Any) -> None:
        self._method = method
        functools.update_wrapper(cast("Any", self), method.__func__)

    def __get__(self, instance: object, owner: type[Any]) -> BoundCall[P, T]:
        return BoundCall(self._method.__get__(instance, owner))


class BoundSeries(Generic[P, T]):
    """A callable that returns a Series. `.aio` is the same, for code written for that form."""

    def __init__(self, make: Callable[P, Series[T]]) -> None:
        self._make = make
        functools.update_wrapper(cast("Any", self), make)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Series[T]:
        """The series, to be iterated with `for` or `async for`."""
        return self._make(*args, **kwargs)

    def aio(self, *args: P.args, **kwargs: P.kwargs) -> Series[T]:
        """The series, to be iterated with `async for`."""
        return self._make(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{getattr(self._make, '__qualname__', self._make)} (for or async for)>"


class _SeriesMethod(Generic[P, T]):
    def __init__(self, method: Any) -> None:
        self._method = method
        functools.update_wrapper(cast("Any", self), getattr(method, "__func__", method))

    def __get__(self, instance: object, owner: type[Any]) -> BoundSeries[P, T]:
        if instance is None and not isinstance(self._method, classmethod):
            return BoundSeries(self._method)
        return BoundSeries(self._method.__get__(instance, owner))


class syncify:
    """Decorators that give an async function the three forms."""

    @staticmethod
    def method(
        function: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
    ) -> _Method[S, P, T]:
        """For `async def f(self, …)`."""
        return _Method(function)

    @staticmethod
    def classmethod(
        method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
    ) -> _ClassMethod[P, T]:
        """For `@classmethod async def f(cls, …)`."""
        return _ClassMethod(method)

    @staticmethod
    def series(
        function: Callable[Concatenate[S, P], Series[T]],
    ) -> _SeriesMethod[P, T]:
        """For a method or classmethod that returns a Series: adds the `.aio` form."""
        return _SeriesMethod(function)

    @staticmethod
    def function(function: Callable[P, Coroutine[Any, Any, T]]) -> BoundCall[P, T]:
        """For `async def f(…)`."""
        return BoundCall(function)


class Series(Generic[T], AsyncIterator[T]):
    """Things that arrive one after another: use `async for` in a loop, `for` in a plain thread.

    Every iteration starts from the beginning, and stopping early closes the stream behind it at
    once. `.batches()` gives them as they came, in lists. With `read_ahead`, a `for` in a plain
    thread has the next ones read while it works: for streams of many small things.
    """

    def __init__(
        self, batches: Callable[[], AsyncGenerator[list[T], None]], *, read_ahead: bool = False
    ) -> None:
        self._open = batches
        self._read_ahead = read_ahead
        self._iterating: WeakSet[AsyncGenerator[Any, None]] = WeakSet()
        self._current: AsyncGenerator[T, None] | None = None
        self._unfinished: set[asyncio.Future[None]] = set()

    @classmethod
    def of(cls, things: Callable[[], AsyncGenerator[T, None]]) -> Series[T]:
        """A series of things that come one at a time."""

        async def batches() -> AsyncGenerator[list[T], None]:
            async with aclosing(things()) as one_by_one:
                async for thing in one_by_one:
                    yield [thing]

        return cls(batches)

    def aio(self) -> AsyncGenerator[T, None]:
        """An async generator of the things."""
        generator = self._one_by_one()
        self._iterating.add(generator)
        return generator

    __aiter__ = aio

    def batches(self) -> AsyncGenerator[list[T], None]:
        """An async generator of lists, as they came over the wire."""
        generator = self._open()
        self._iterating.add(generator)
        return generator

    async def __anext__(self) -> T:
        if self._current is None:
            self._current = self.aio()
        return await anext(self._current)

    async def aclose(self) -> None:
        """Stop every iteration that is under way, and return when all is closed."""
        for generator in list(self._iterating):
            await generator.aclose()
        # An iteration that was left by `break` is dropped, and closed by the loop in a moment.
        if self._unfinished:
            await asyncio.wait(self._unfinished)

    def __iter__(self) -> Iterator[T]:
        if _in_running_loop():
            raise RuntimeError(
                "A blocking `for` would stop the running event loop: use `async for` here."
            )
        return iter(ReadAhead(self._open())) if self._read_ahead else self._blocking()

    async def _one_by_one(self) -> AsyncGenerator[T, None]:
        finished = asyncio.get_running_loop().create_future()
        self._unfinished.add(finished)
        try:
            async with aclosing(self._open()) as batches:
                async for batch in batches:
                    for item in batch:
                        yield item
        finally:
            self._unfinished.discard(finished)
            finished.set_result(None)

    def _blocking(self) -> Iterator[T]:
        batches = self._open()
        try:
            while (batch := background.run(_next(batches))) is not None:
                yield from batch
        finally:
            background.run(batches.aclose())


async def _next(batches: AsyncGenerator[list[T], None]) -> list[T] | None:
    return await anext(batches, None)


def _in_running_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True

"""One calling form for three habits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from contextvars import ContextVar

import pytest

from remote_client import ClientSet
from remote_client._read_ahead import MOST_BATCHES
from remote_client.syncify import Series, syncify

WHO: ContextVar[str] = ContextVar("who", default="nobody")


class Greeter:
    @syncify.classmethod
    @classmethod
    async def make(cls, name: str) -> str:
        """Say hello."""
        await asyncio.sleep(0)
        return f"{cls.__name__} {name} {threading.current_thread().name}"

    @syncify.method
    async def fail(self) -> None:
        raise LookupError("no such thing")

    @syncify.method
    async def who(self) -> str:
        return WHO.get()


closed: list[str] = []


def _numbers(count: int = 5) -> Series[int]:
    async def batches() -> AsyncGenerator[list[int], None]:
        try:
            for start in range(0, count, 2):
                yield list(range(start, min(start + 2, count)))
        finally:
            closed.append("closed")

    return Series(batches)


def test_a_call_blocks_in_a_plain_thread() -> None:
    assert Greeter.make("Ada") == "Greeter Ada remote_client"


async def test_a_call_runs_on_the_running_loop_itself() -> None:
    here = threading.current_thread().name
    assert await Greeter.make("Ada") == f"Greeter Ada {here}"
    assert await Greeter.make.aio("Ada") == f"Greeter Ada {here}"


def test_aio_is_awaitable_wherever_it_is_made() -> None:
    assert asyncio.run(Greeter.make.aio("Ada")).startswith("Greeter Ada")


def test_errors_and_docstrings_come_through() -> None:
    with pytest.raises(LookupError, match="no such thing"):
        Greeter().fail()
    assert Greeter.make.__doc__ == "Say hello."


def test_the_callers_context_is_seen_and_not_changed() -> None:
    token = WHO.set("ana")
    assert Greeter().who() == "ana"
    WHO.reset(token)
    assert Greeter().who() == "nobody"


async def test_each_task_has_its_own_bound_client() -> None:
    first = await ClientSet.for_endpoint("localhost:1", insecure=True, project="one")
    second = await ClientSet.for_endpoint("localhost:2", insecure=True, project="two")

    async def project(client: ClientSet) -> str:
        from remote_client._context import current_client

        with client.bound():
            await asyncio.sleep(0)
            return current_client().scope.project

    assert await asyncio.gather(project(first), project(second)) == ["one", "two"]
    await first.close()
    await second.close()


def test_many_threads_block_at_once() -> None:
    results: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: results.append(Greeter.make(str(n)))) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 20


def test_a_series_is_iterated_by_for() -> None:
    series = _numbers()
    assert list(series) == [0, 1, 2, 3, 4]
    assert list(series) == [0, 1, 2, 3, 4]


async def test_a_series_is_iterated_by_async_for() -> None:
    assert [number async for number in _numbers()] == [0, 1, 2, 3, 4]
    assert [batch async for batch in _numbers().batches()] == [[0, 1], [2, 3], [4]]
    series = _numbers()
    assert [await anext(series), await anext(series)] == [0, 1]
    await series.aclose()


class Library:
    @syncify.series
    @classmethod
    def numbers(cls, count: int) -> Series[int]:
        """Numbers from nought."""
        return _numbers(count)

    @syncify.series
    def more(self, count: int) -> Series[int]:
        return _numbers(count)


async def test_a_method_that_gives_a_series_has_the_aio_form_too() -> None:
    assert [number async for number in Library.numbers.aio(3)] == [0, 1, 2]
    assert [number async for number in Library().more.aio(count=2)] == [0, 1]
    assert [number async for number in Library().more(2)] == [0, 1]
    assert Library.numbers.__doc__ == "Numbers from nought."


async def test_a_blocking_for_in_a_running_loop_is_refused_at_once() -> None:
    with pytest.raises(RuntimeError, match="use `async for`"):
        list(_numbers())


class Endless:
    """Counts upwards for ever, or until it fails; knows how far it was asked to go."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.made = 0
        self.seen_by = ""
        self._fails_at = fails_at

    async def batches(self) -> AsyncGenerator[list[int], None]:
        self.seen_by = WHO.get()
        try:
            while self.made != self._fails_at:
                self.made += 1
                yield [self.made]
            raise LookupError("nothing further")
        finally:
            closed.append("closed")


def test_a_for_that_reads_ahead_gives_the_same_and_keeps_little_ready() -> None:
    closed.clear()
    source = Endless()
    for count, number in enumerate(Series(source.batches, read_ahead=True), start=1):
        assert number == count
        # What the caller has taken, and what the loop makes ready meanwhile.
        assert source.made - count <= 2 * MOST_BATCHES
        if count == 1_000:
            break
    assert closed == ["closed"]


def test_a_for_that_reads_ahead_ends_at_the_end() -> None:
    assert list(Series(_numbers().batches, read_ahead=True)) == [0, 1, 2, 3, 4]


def test_a_for_that_reads_ahead_meets_an_error_after_what_came_before_it() -> None:
    got: list[int] = []
    with pytest.raises(LookupError, match="nothing further"):
        got.extend(Series(Endless(fails_at=100).batches, read_ahead=True))
    assert got == list(range(1, 101))


def test_a_for_that_reads_ahead_runs_in_the_callers_context() -> None:
    token = WHO.set("ana")
    source = Endless()
    next(iter(Series(source.batches, read_ahead=True)))
    WHO.reset(token)
    assert source.seen_by == "ana"


def test_stopping_a_for_early_closes_what_is_behind_it() -> None:
    closed.clear()
    for _ in _numbers():
        break
    assert closed == ["closed"]


async def test_stopping_an_async_for_early_closes_what_is_behind_it() -> None:
    closed.clear()
    async with aclosing(_numbers()) as numbers:
        async for _ in numbers:
            break
    assert closed == ["closed"]


def test_an_interrupted_call_is_cancelled() -> None:
    from concurrent.futures import Future

    from remote_client._background import background

    cancelled = threading.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    def interrupt(self: Future[None], timeout: float | None = None) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Future, "result", interrupt)
        with pytest.raises(KeyboardInterrupt):
            background.run(work())
    assert cancelled.wait(5)

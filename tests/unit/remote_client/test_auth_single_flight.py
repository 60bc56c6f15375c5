"""One piece of work for any number of callers, on any loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from remote_client._client.auth.single_flight import SingleFlight


class Work:
    def __init__(self) -> None:
        self.started = 0
        self.begun = asyncio.Event()
        self.finish = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.started += 1
        number = self.started
        self.begun.set()
        await self.finish.wait()
        if self.error:
            raise self.error
        return number


async def test_ten_callers_share_one_run_and_the_next_one_starts_another() -> None:
    flight, work = SingleFlight[int](), Work()
    callers = [asyncio.create_task(flight.run(work)) for _ in range(10)]
    await work.begun.wait()
    work.finish.set()
    assert await asyncio.gather(*callers) == [1] * 10
    assert await flight.run(work) == 2


async def test_everyone_gets_the_error() -> None:
    flight, work = SingleFlight[int](), Work()
    work.error = ValueError("no")
    callers = [asyncio.create_task(flight.run(work)) for _ in range(3)]
    await work.begun.wait()
    work.finish.set()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert outcomes == [work.error] * 3
    assert work.started == 1


async def test_a_caller_who_leaves_takes_nothing_from_the_others() -> None:
    flight, work = SingleFlight[int](), Work()
    first = asyncio.create_task(flight.run(work))
    second = asyncio.create_task(flight.run(work))
    await work.begun.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    work.finish.set()
    assert await second == 1


async def test_cancel_ends_the_work_for_all() -> None:
    flight, work = SingleFlight[int](), Work()
    callers = [asyncio.create_task(flight.run(work)) for _ in range(2)]
    await work.begun.wait()
    await flight.cancel()
    await flight.cancel()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2
    work.finish.set()
    assert await flight.run(work) == 2


async def test_cancel_waits_until_the_work_has_cleaned_up_on_whichever_loop() -> None:
    flight = SingleFlight[None]()
    cleaned: list[str] = []
    begun = threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append("up")

    async def caller() -> None:
        with pytest.raises(asyncio.CancelledError):
            await flight.run(work)

    for run in (caller, lambda: asyncio.to_thread(asyncio.run, caller())):
        running = asyncio.ensure_future(run())
        await asyncio.to_thread(begun.wait)
        await flight.cancel()
        assert cleaned.pop() == "up"
        await running
        begun.clear()


def test_callers_on_several_loops_share_one_run() -> None:
    flight = SingleFlight[int]()
    gate = threading.Barrier(4)
    runs: list[int] = []
    results: list[int] = []

    async def work() -> int:
        runs.append(1)
        await asyncio.to_thread(gate.wait)
        return len(runs)

    async def caller() -> None:
        running = asyncio.create_task(flight.run(work))
        await asyncio.sleep(0)  # lets the task join before the work may end
        await asyncio.to_thread(gate.wait)
        results.append(await running)

    threads = [threading.Thread(target=asyncio.run, args=(caller(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (runs, results) == ([1], [1, 1, 1])


def test_the_next_waiter_takes_over_when_the_loop_of_the_work_ends() -> None:
    flight = SingleFlight[str]()
    begun, joined = threading.Event(), threading.Event()

    async def endless() -> str:
        begun.set()
        await asyncio.Event().wait()
        return "never"

    async def leaver() -> None:
        running = asyncio.create_task(flight.run(endless))
        await asyncio.to_thread(joined.wait)
        running.cancel()  # and asyncio.run cancels the work itself

    async def stayer() -> str:
        await asyncio.to_thread(begun.wait)
        running = asyncio.create_task(flight.run(quick))
        await asyncio.sleep(0)
        joined.set()
        return await running

    async def quick() -> str:
        return "done"

    thread = threading.Thread(target=asyncio.run, args=(leaver(),))
    thread.start()
    assert asyncio.run(stayer()) == "done"
    thread.join()


def test_it_starts_again_when_a_loop_was_dropped_with_the_work_on_it() -> None:
    flight = SingleFlight[str]()
    dropped = asyncio.new_event_loop()

    async def endless() -> str:
        await asyncio.Event().wait()
        return "never"

    async def quick() -> str:
        return "done"

    running = dropped.create_task(flight.run(endless))
    dropped.call_soon(dropped.call_soon, dropped.stop)
    dropped.run_forever()
    assert asyncio.run(flight.run(quick)) == "done"
    running.cancel()
    for task in asyncio.all_tasks(dropped):
        task.cancel()
    dropped.run_until_complete(asyncio.gather(running, return_exceptions=True))
    dropped.close()

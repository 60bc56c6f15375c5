"""Searches in processes of their own, and the sweeping of saved logs."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from dashboard.live.log_scan import Ask
from dashboard.live.log_search import ScanFailed, Scanners
from dashboard.live.spool import LogSpool, spool_folder
from dashboard.live.spool_sweep import DAY_S, MB, Limits, sweep
from tests.unit.dashboard.things import lines
from tests.unit.dashboard.waiting import until


@pytest.fixture
async def scanners() -> AsyncIterator[Scanners]:
    made = Scanners()
    yield made
    await made.close()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[LogSpool]:
    opened = LogSpool(tmp_path / "log")
    opened.append(lines(*(f"item {n}" for n in range(500))))
    yield opened
    opened.close()


async def count(scanners: Scanners, spool: LogSpool, ask: Ask) -> int:
    return [finding async for finding in scanners.search(spool.folder, ask)][-1]["count"]


async def test_a_search_runs_beside_the_server_and_its_process_is_used_again(
    scanners: Scanners, spool: LogSpool
) -> None:
    assert await count(scanners, spool, Ask("item 49", last=500)) == 11
    [first] = scanners._idle
    assert await count(scanners, spool, Ask("item 4", last=500)) == 111
    assert scanners._idle == [first]
    assert scanners.running == 0


async def test_one_that_nobody_waits_for_is_killed(scanners: Scanners, tmp_path: Path) -> None:
    spool = LogSpool(tmp_path / "log")
    text = "a" * 200
    for _ in range(300):
        spool.append(lines(*[text] * 1000))
    search = scanners.search(spool.folder, Ask("(a|b)+(a|c)+$", is_pattern=True, last=spool.total))
    async with aclosing(search) as findings:
        first = await anext(findings)
        assert not first.get("done")
        [process] = scanners._running
    assert scanners.running == 0
    await asyncio.wait_for(process.wait(), 5)
    spool.close()


async def test_a_cancelled_asker_ends_its_search(scanners: Scanners, spool: LogSpool) -> None:
    task = asyncio.create_task(count(scanners, spool, Ask("item", last=500)))
    await until(lambda: scanners.running == 1 or task.done())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert scanners.running == 0
    assert await count(scanners, spool, Ask("item", last=500)) == 500


async def test_more_searches_than_there_are_turns_wait(scanners: Scanners, spool: LogSpool) -> None:
    counts = await asyncio.gather(
        *(count(scanners, spool, Ask(f"item {n}", last=500)) for n in range(6))
    )
    assert counts == [1, 111, 111, 111, 111, 11]
    assert len(scanners._idle) <= 2


async def test_a_scanner_that_died_is_told_and_replaced(
    scanners: Scanners, spool: LogSpool
) -> None:
    await count(scanners, spool, Ask("item", last=500))
    [process] = scanners._idle
    process.kill()
    await process.wait()
    assert await count(scanners, spool, Ask("item", last=500)) == 500


async def test_a_log_that_is_gone_fails_the_search(scanners: Scanners, tmp_path: Path) -> None:
    with pytest.raises(ScanFailed, match="no longer there"):
        [_ async for _ in scanners.search(tmp_path / "none", Ask("x", last=1))]


# --- sweeping -----------------------------------------------------------------------------------


def saved(home: Path, name: str, size: int, used_days_ago: float = 0) -> Path:
    spool = LogSpool(spool_folder(home, name))
    spool.append(lines("x" * size))
    spool.close()
    then = time.time() - used_days_ago * DAY_S
    os.utime(spool.folder / "lock", (then, then))
    return spool.folder


def test_the_log_that_was_looked_at_longest_ago_goes_first(tmp_path: Path) -> None:
    old = saved(tmp_path, "old", MB, 3)
    older = saved(tmp_path, "older", MB, 5)
    new = saved(tmp_path, "new", MB, 1)
    assert sweep(tmp_path, Limits(megabytes=3, days=0)) == 1
    assert [path.exists() for path in (older, old, new)] == [False, True, True]
    assert sweep(tmp_path, Limits(megabytes=1, days=0)) == 2


def test_what_nobody_looked_at_for_long_goes(tmp_path: Path) -> None:
    old, new = saved(tmp_path, "old", 10, 31), saved(tmp_path, "new", 10, 29)
    assert sweep(tmp_path, Limits(megabytes=0, days=30)) == 1
    assert [path.exists() for path in (old, new)] == [False, True]
    assert sweep(tmp_path, Limits(megabytes=0, days=0)) == 0


def test_a_log_that_is_read_is_never_swept(tmp_path: Path) -> None:
    folder = saved(tmp_path, "read", MB, 90)
    spool = LogSpool(folder)
    os.utime(folder / "lock", (1, 1))
    assert sweep(tmp_path, Limits(megabytes=1, days=1)) == 0
    assert spool.text(1) == "x" * MB
    spool.close()
    os.utime(folder / "lock", (1, 1))
    assert sweep(tmp_path, Limits(megabytes=1, days=1)) == 1


def test_looking_at_a_log_keeps_it(tmp_path: Path) -> None:
    folder = saved(tmp_path, "kept", 10, 40)
    LogSpool(folder).close()
    assert sweep(tmp_path, Limits(megabytes=0, days=30)) == 0
    assert folder.exists()

"""Searches in spooled logs: each in a process beside the server, ended as soon as nobody waits."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from dashboard.live.log_scan import Ask

MOST_AT_ONCE = 2
"""Searches that run at the same time in one server; others wait their turn."""

GRACE_S = 2.0
"""A scanner stops by itself when its time is up; one that does not is killed this much later."""

IDLE_S = 60.0
"""How long a scanner without work is kept, so that the next search does not wait for a start."""

_LONGEST_FINDING = 16 << 20
_ROOT = Path(__file__).resolve().parent.parent.parent


class ScanFailed(Exception):
    """The search broke; the text says how."""


class Scanners:
    """The scanner processes of one event loop."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._idle: list[asyncio.subprocess.Process] = []
        self._running: set[asyncio.subprocess.Process] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[int]] = set()

    async def search(self, folder: Path, ask: Ask) -> AsyncGenerator[dict[str, Any], None]:
        """Findings as `log_scan.scan` tells them. Leaving early ends the search."""
        async with self._borrowed() as process:
            assert process.stdin is not None
            question = {"folder": str(folder), **ask.as_json()}
            process.stdin.write(json.dumps(question).encode() + b"\n")
            until = asyncio.get_running_loop().time() + ask.seconds + GRACE_S
            while True:
                finding = await _answer(process, until)
                is_last = bool(finding.get("done"))
                if is_last:
                    self._give_back(process)
                yield finding
                if is_last:
                    return

    @property
    def running(self) -> int:
        return len(self._running)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for process in [*self._idle, *self._running]:
            self._end(process)
        self._idle.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[asyncio.subprocess.Process]:
        async with self._turns:
            process = self._take_idle() or await _start()
            self._running.add(process)
            try:
                yield process
            finally:
                if process in self._running:  # not given back: it is still at it, or broke
                    self._running.discard(process)
                    self._end(process)

    def _take_idle(self) -> asyncio.subprocess.Process | None:
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
        return None

    def _give_back(self, process: asyncio.subprocess.Process) -> None:
        self._running.discard(process)
        self._idle.append(process)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(IDLE_S, self._end_idle)

    def _end_idle(self) -> None:
        while self._idle:
            self._end(self._idle.pop())

    def _end(self, process: asyncio.subprocess.Process) -> None:
        with suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        task = asyncio.ensure_future(process.wait())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _answer(process: asyncio.subprocess.Process, until: float) -> dict[str, Any]:
    assert process.stdout is not None
    try:
        async with asyncio.timeout_at(until):
            line = await process.stdout.readline()
    except TimeoutError:
        raise ScanFailed("The search took too long and was stopped.") from None
    if not line:
        raise ScanFailed("The search ended before it was done.")
    finding: dict[str, Any] = json.loads(line)
    if "error" in finding:
        raise ScanFailed(finding["error"])
    return finding


async def _start() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dashboard.live.log_scanner",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        limit=_LONGEST_FINDING,
    )


_scanners: WeakKeyDictionary[asyncio.AbstractEventLoop, Scanners] = WeakKeyDictionary()


def scanners() -> Scanners:
    """The running loop's own."""
    loop = asyncio.get_running_loop()
    if loop not in _scanners:
        _scanners[loop] = Scanners()
    return _scanners[loop]


async def close() -> None:
    """End every scanner of the running loop."""
    here = _scanners.pop(asyncio.get_running_loop(), None)
    if here is not None:
        await here.close()

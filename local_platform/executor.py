"""Starts one process per attempt, watches it end, and finds it again after a restart.

Every attempt is a session of its own under a small supervisor, a fork of the fork server or a
shell, so nothing of it dies with the server. Its output goes straight into its log file: a server
in between would be a pipe that breaks.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local_platform.fork_server.handle import Forked, ForkServer
from local_platform.layout import AttemptFiles

_SUPERVISOR = Path(__file__).with_name("supervisor.sh")
# Long enough for a task to close its files, short enough for someone who waits for the abort.
GRACE_S = 3.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Launch:
    """A command to run, with everything it needs."""

    argv: list[str]
    env: dict[str, str]
    files: AttemptFiles


@dataclass(slots=True)
class _Process:
    pid: int
    pidfd: int
    child: subprocess.Popen[bytes] | None  # None: not this server's own to reap
    on_end: Callable[[], None]
    kill_timer: asyncio.TimerHandle | None = None


class Executor:
    """The living processes, by attempt (action id, attempt number)."""

    def __init__(self, fork_server: ForkServer | None = None) -> None:
        self._fork_server = fork_server
        self._processes: dict[tuple[int, int], _Process] = {}
        self._ended: set[asyncio.Future[None]] = set()

    def launch(self, attempt: tuple[int, int], launch: Launch, on_end: Callable[[], None]) -> int:
        """Starts the process; answers its pid. `on_end` is called once, when it is gone."""
        launch.files.create()
        forked = self._fork_server.fork(launch) if self._fork_server else None
        if forked is None:
            return self._start_cold(attempt, launch, on_end)
        self._watch(attempt, forked, None, on_end)
        return forked.pid

    def _start_cold(
        self, attempt: tuple[int, int], launch: Launch, on_end: Callable[[], None]
    ) -> int:
        command = ["/bin/sh", str(_SUPERVISOR), str(launch.files.folder), *launch.argv]
        with launch.files.log.open("ab") as log:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=launch.env,
                cwd=launch.files.cwd,
                start_new_session=True,
            )
        self._watch(attempt, _opened(child.pid), child, on_end)
        return child.pid

    def attach(self, attempt: tuple[int, int], pid: int, on_end: Callable[[], None]) -> bool:
        """Watches a process that an earlier server started. False when it is gone."""
        try:
            self._watch(attempt, _opened(pid), None, on_end)
        except ProcessLookupError:
            return False
        return True

    def alive(self, attempt: tuple[int, int]) -> bool:
        return attempt in self._processes

    def stop(self, attempt: tuple[int, int]) -> None:
        """Asks the process group to end; ends it by force when the grace is over."""
        process = self._processes.get(attempt)
        if process is None or process.kill_timer is not None:
            return
        _signal_group(process.pid, signal.SIGTERM)
        loop = asyncio.get_running_loop()
        process.kill_timer = loop.call_later(GRACE_S, _signal_group, process.pid, signal.SIGKILL)

    async def join(self) -> None:
        """Returns when no process is left."""
        while self._processes:
            ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._ended.add(ended)
            await ended

    def detach(self) -> None:
        """Stops watching and lets every process run on."""
        for process in self._processes.values():
            self._unwatch(process)
        self._processes.clear()

    def _watch(
        self,
        attempt: tuple[int, int],
        process: Forked,
        child: subprocess.Popen[bytes] | None,
        on_end: Callable[[], None],
    ) -> None:
        self._processes[attempt] = _Process(process.pid, process.pidfd, child, on_end)
        asyncio.get_running_loop().add_reader(process.pidfd, self._reap, attempt)

    def _reap(self, attempt: tuple[int, int]) -> None:
        process = self._processes.pop(attempt)
        self._unwatch(process)
        if process.child is not None:
            process.child.wait()
        try:
            process.on_end()
        finally:
            for ended in self._ended:
                if not ended.done():
                    ended.set_result(None)
            self._ended.clear()

    @staticmethod
    def _unwatch(process: _Process) -> None:
        asyncio.get_running_loop().remove_reader(process.pidfd)
        os.close(process.pidfd)
        if process.kill_timer is not None:
            process.kill_timer.cancel()


def _opened(pid: int) -> Forked:
    return Forked(pid, os.pidfd_open(pid))


def start_ticks(pid: int) -> int:
    """When a process started, in kernel ticks: with the pid it names one process for good.

    0 when there is no such process.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[19])


def find(files: AttemptFiles, pid: int, pid_start: int) -> int:
    """The pid of an attempt's living supervisor, or 0.

    The store may lack the pid when the server died right after the start; the supervisor wrote
    it too, and its command line proves that the pid was not given to another process since.
    """
    if not pid:
        with suppress(OSError, ValueError):
            pid = int(files.pid.read_text())
    if not pid or (pid_start and start_ticks(pid) != pid_start):
        return 0
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return 0
    return pid if os.fsencode(files.folder) in words else 0


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, number)

"""The platform's side of the fork server: starts it, asks it for processes, ends it.

A request and its answer are exchanged within one call, so there is never a second one under way:
two full socket buffers would wait for each other. Without a fork server attempts start cold.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from local_platform.fork_server import environment
from local_platform.fork_server.request import Request
from local_platform.fork_server.title import PADDING
from local_platform.layout import Layout

if TYPE_CHECKING:
    from local_platform.executor import Launch

_PACKAGE = Path(__file__).resolve().parents[2]  # where `local_platform` is imported from
_COLD = [sys.executable, "-m", "flyte._bin.runtime"]
_READY = b"ready"
# A fork takes milliseconds. What takes longer than this is stuck, and the platform waits for it.
_ANSWER_S = 2.0
# A fork server that dies again and again is not worth its start.
_MAX_STARTS = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Forked:
    """A process that leads its own session. `pidfd` is the receiver's to close."""

    pid: int
    pidfd: int


class ForkServer:
    """`inherited` is what every attempt has of the platform's environment."""

    def __init__(self, layout: Layout, inherited: Mapping[str, str]) -> None:
        self._root = layout.root  # for the process list
        self._env = environment.of_fork_server(inherited, layout.home)
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._ready = False
        self._starts = 0

    def start(self) -> None:
        """Starts the process; it is used from when it says that it is ready."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        words = ["-m", "local_platform.fork_server", str(number), str(self._root), PADDING]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=_PACKAGE,
                env=self._env,
                pass_fds=[number],
                start_new_session=True,
            )
        ours.settimeout(_ANSWER_S)
        self._socket = ours
        self._starts += 1
        asyncio.get_running_loop().add_reader(ours, self._hear)

    def fork(self, launch: Launch) -> Forked | None:
        """Starts an attempt; None when it has to start cold."""
        if not self._ready or launch.argv[: len(_COLD)] != _COLD:
            return None
        if not environment.suits(launch.env, self._env):
            return None
        try:
            answer, descriptors = self._exchange(launch)
        except OSError as error:
            self._lose(str(error) or type(error).__name__)
            return _begun_after_all(launch)
        if descriptors:
            return Forked(int(answer), descriptors[0])
        _log.warning("The fork server could not fork: %s", answer.decode())
        return None

    def close(self) -> None:
        """Ends the fork server; what it forked runs on."""
        self._ready = False
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None
        if self._process is not None:
            self._process.kill()  # it keeps nothing that could be lost
            self._process.wait()
            self._process = None

    def _exchange(self, launch: Launch) -> tuple[bytes, list[int]]:
        assert self._socket is not None
        files = launch.files
        places = (str(files.folder), str(files.cwd), str(files.log))
        request = Request(*places, launch.argv[len(_COLD) :], launch.env).write()
        try:
            socket.send_fds(self._socket, [b"fork"], [request])
        finally:
            os.close(request)
        answer, descriptors, _, _ = socket.recv_fds(self._socket, 256, 1)
        if not answer:
            raise ConnectionError("it ended")
        return answer, descriptors

    def _hear(self) -> None:
        """It says that it is ready, or why it cannot be; or it is gone."""
        assert self._socket is not None
        try:
            words = self._socket.recv(1024)
        except OSError:
            words = b""
        if words == _READY:
            self._ready = True
            _log.info("Attempts are forked from process %d.", self._process and self._process.pid)
        elif words:
            self.close()
            _log.warning("Attempts start cold: %s", words.decode(errors="replace"))
        else:
            self._lose("it ended")

    def _lose(self, why: str) -> None:
        self.close()
        again = self._starts < _MAX_STARTS
        _log.warning(
            "The fork server is lost (%s): attempts start cold%s.",
            why,
            " until the next one is ready" if again else "",
        )
        if again:
            self.start()


def _begun_after_all(launch: Launch) -> Forked | None:
    """The process that a lost fork server had forked for the attempt, if it did.

    Whoever makes the pid file first has the attempt, so it never runs twice.
    """
    file = launch.files.pid
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        return None
    pid = int(file.read_text())
    return Forked(pid, os.pidfd_open(pid))

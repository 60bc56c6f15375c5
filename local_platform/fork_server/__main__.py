"""`python -m local_platform.fork_server <socket> <data folder> <padding>`, by the platform alone.

It ends with its socket: when the platform stops, and when it is killed. What it forked runs on.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys

from local_platform.fork_server import sdk, task
from local_platform.fork_server.request import Request
from local_platform.fork_server.supervisor import STOPS, begin
from local_platform.fork_server.title import set_title

READY = b"ready"


class _Forks:
    """Forks on request, and takes note of every end so that no zombie stays."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, int] = {}  # a descriptor of the process: its pid
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def serve(self) -> Request | None:
        """None when the platform is gone; a request in the process that is to run it."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._children:
                    self._reap(descriptor)
                    continue
                message, descriptors, _, _ = socket.recv_fds(self._control, 16, 1)
                if not message:
                    return None
                if (request := self._fork(descriptors[0])) is not None:
                    return request

    def _fork(self, descriptor: int) -> Request | None:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        pid = self._try()
        if pid == 0:
            self._close()
            return begin(descriptor)
        os.close(descriptor)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        if pid is not None:
            self._answer(pid)
        return None

    def _try(self) -> int | None:
        """What `fork` answers; the platform is told when it cannot be done."""
        try:
            return os.fork()
        except OSError as error:
            self._control.send(str(error).encode()[:200])
            return None

    def _answer(self, pid: int) -> None:
        """Tells the pid together with a descriptor, which names this process for good."""
        child = os.pidfd_open(pid)
        self._children[child] = pid
        self._poll.register(child, select.POLLIN)
        socket.send_fds(self._control, [str(pid).encode()], [child])

    def _reap(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        os.waitpid(self._children.pop(descriptor), 0)
        os.close(descriptor)

    def _close(self) -> None:
        self._control.close()
        for descriptor in self._children:
            os.close(descriptor)
        self._children.clear()


def main() -> int:
    """Answers the exit status; in the process of a task, the task's own."""
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        set_title([sys.executable, "-m", "local_platform.fork_server", sys.argv[2]])
        sdk.load()
        sdk.check()
    except Exception as error:  # whatever it is, the platform has another way and should know why
        control.send(f"{type(error).__name__}: {error}".encode()[:1000])
        return 1
    try:
        control.send(READY)
        request = _Forks(control).serve()
    except ConnectionError:
        return 0
    if request is not None:
        task.run(request)
    return 0


if __name__ == "__main__":
    sys.exit(main())

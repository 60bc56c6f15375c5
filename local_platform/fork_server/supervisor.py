"""One attempt from its fork to its exit status: what supervisor.sh does, without a start.

The supervisor leads a session of its own and outlives the platform and the fork server. Its one
child is the task's process. It waits for it, writes the status, and ends what was left running.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from local_platform.fork_server.request import Request
from local_platform.fork_server.title import set_title

# They are for the task. Blocked until there is one, so that none gets lost in between.
STOPS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
_NOT_STARTED = 126


def begin(descriptor: int) -> Request:
    """Makes this fork a supervisor. It returns in the task's process alone, with the request.

    The caller has blocked STOPS and closed what the fork server had open.
    """
    os.setsid()
    request = Request.read(descriptor)
    set_title(["flightboard-attempt", request.folder, *request.arguments])
    if not _claim(Path(request.folder)):
        os._exit(0)
    log = os.open(request.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    status = 128 + signal.SIGTERM  # asked to end before the task was there
    if not signal.sigpending() & STOPS:
        try:
            pid = os.fork()
        except OSError as error:
            os.write(log, f"The task's process could not be started: {error}\n".encode())
            status = _NOT_STARTED
        else:
            if pid == 0:
                _speak_to(log)
                return request
            os.close(log)
            status = _wait_for(pid)
    _record(Path(request.folder), status)
    os.kill(0, signal.SIGKILL)  # whatever the task left running in its group, and this process
    os._exit(0)


def _claim(folder: Path) -> bool:
    """Writes the pid. False when another process has this attempt: nothing may run twice."""
    draft = folder / "pid.tmp"
    draft.write_text(f"{os.getpid()}\n")
    try:
        os.link(draft, folder / "pid")
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _speak_to(log: int) -> None:
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    os.close(log)


def _wait_for(pid: int) -> int:
    """The task's exit status as a shell gives it: 128 and the number when a signal ended it."""
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    os.close(quiet)
    for number in STOPS:
        signal.signal(number, lambda *_: None)  # the group got it, so the task did too
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code if code >= 0 else 128 - code


def _record(folder: Path, status: int) -> None:
    draft = folder / "exit.tmp"
    draft.write_text(f"{status}\n")
    draft.replace(folder / "exit")

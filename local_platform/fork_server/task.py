"""Turns a fork into what `python -m flyte._bin.runtime …` would be, and runs it."""

from __future__ import annotations

import os
import random
import runpy
import signal
import sys
import tempfile
import time

from local_platform.fork_server import sdk
from local_platform.fork_server.request import Request
from local_platform.fork_server.supervisor import STOPS


def run(request: Request) -> None:
    """Runs the SDK's entry point; leaves with SystemExit, as it does."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    os.chdir(request.cwd)
    os.environ.clear()
    os.environ.update(request.env, PWD=request.cwd)
    time.tzset()
    random.seed()  # forks would all draw the same numbers
    tempfile.tempdir = None
    sys.path[0] = request.cwd
    sys.argv = [sdk.RUNTIME, *request.arguments]
    sys.orig_argv = [sys.executable, "-m", sdk.RUNTIME, *request.arguments]
    sdk.wake()
    for name in [name for name in sys.modules if name.partition(".")[0] == "local_platform"]:
        del sys.modules[name]  # a task may have modules of that name
    runpy.run_module(sdk.RUNTIME, run_name="__main__", alter_sys=True)

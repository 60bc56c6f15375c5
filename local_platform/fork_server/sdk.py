"""What the fork server does with the SDK's insides; nothing else of it knows them.

The SDK starts a thread with an event loop when it is imported, and a fork has no threads: its first
blocking call would wait for ever. So the thread is held back at the import and begun in each
fork. That is no promise of the SDK's, hence `TESTED` and `check`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

RUNTIME = "flyte._bin.runtime"
TESTED = frozenset({"2.12.1"})
# Everything that a task's process imports before the task's own code, in the end. RUNTIME itself
# is left out: it is run as __main__.
_MODULES = (
    "flyte",
    "flyte._bin",
    "flyte._code_bundle",
    "flyte._initialize",
    "flyte._internal.controllers.remote._client",
    "flyte._internal.image_cache",
    "flyte._internal.resolvers.default",
    "flyte._internal.runtime.entrypoints",
    "flyte._internal.runtime.reuse",
    "flyte._internal.runtime.task_serde",
    "flyte._utils.asyncify",
    "flyte.git",
    "flyte.remote._client.auth._authenticators.external_command",
    "flyte.remote._client.auth._interceptors.default_metadata",
    "flyte.remote._client.auth._interceptors.retry",
    "flyte.remote._client.controlplane",
    "flyte.storage",
    "anyio",
    "certifi",
    "faulthandler",
    "flyteidl2.workflow.queue_service_connect",
    "flyteidl2.workflow.state_service_connect",
    "fsspec.implementations.local",
    "httpcore",
    "httpx",
    "opentelemetry.metrics",
    "opentelemetry.propagate",
    "opentelemetry.trace",
    "pyqwest._glue",
    "runpy",
)
# An import and one call, on a machine that is very busy.
_CHECK_MS = 10_000


class UnfitError(Exception):
    """This SDK cannot be forked as planned; the sentence says why."""


def load() -> None:
    """Imports the SDK without a thread, ready to be forked. UnfitError when that cannot be."""
    version = metadata.version("flyte")
    if version not in TESTED:
        known = ", ".join(sorted(TESTED))
        raise UnfitError(f"flyte {version} was not tried with it, only {known}")
    with _threads_held_back() as held:
        for name in _MODULES:
            importlib.import_module(name)
    background = _background()
    if held != [background.thread]:
        raise UnfitError("the SDK starts other threads at its import than expected")
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise UnfitError("a library of the SDK's started a thread at its import")
    atexit.unregister(background.stop)
    background.loop.close()  # every fork makes its own
    gc.collect()
    gc.freeze()  # a collection in a fork would copy all that it shares with this process
    gc.disable()


def wake() -> None:
    """Gives a fork what the import would have given it."""
    from flyte._logging import initialize_logger

    background = _background()
    # In place: functions that were decorated at the import hold this very object.
    background.__init__(background.thread.name)
    initialize_logger()  # the variables that set its levels are this process's own by now
    gc.enable()


def check() -> None:
    """Forks once and makes a blocking call there. UnfitError when that does not work."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if _call_works() else 1)
    descriptor = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        if not poll.poll(_CHECK_MS):
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(descriptor)
    if os.waitpid(pid, 0)[1]:
        raise UnfitError("a blocking call of the SDK does not work in a fork")


def _call_works() -> bool:
    from flyte.syncify import syncify

    async def answer() -> int:
        return 42

    wake()
    return bool(syncify(answer)() == 42)


def _background() -> Any:
    from flyte.syncify import syncify

    return syncify._bg_loop


@contextmanager
def _threads_held_back() -> Iterator[list[threading.Thread]]:
    """The threads that somebody wanted to start meanwhile; none of them is."""
    held: list[threading.Thread] = []
    start = threading.Thread.start

    def hold(thread: threading.Thread) -> None:
        held.append(thread)

    threading.Thread.start = hold  # type: ignore[method-assign, assignment]
    try:
        yield held
    finally:
        threading.Thread.start = start  # type: ignore[method-assign]

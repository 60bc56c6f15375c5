"""The one loop in a thread that serves blocking callers."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class BackgroundLoop:
    """An event loop in a daemon thread, started at first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run the coroutine there and return its result; the caller's context goes with it."""
        future = asyncio.run_coroutine_threadsafe(work, self._started())
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._loop.set_exception_handler(_quieten_poller)
                threading.Thread(
                    target=self._loop.run_forever, name="remote_client", daemon=True
                ).start()
            return self._loop

    def forget(self) -> None:
        """After a fork the thread is gone: start another one at next use."""
        self._lock = threading.Lock()
        self._loop = None


def _quieten_poller(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """gRPC shares one wake-up pipe among loops; the loop that reads it second finds it empty."""
    if not isinstance(context.get("exception"), BlockingIOError):
        loop.default_exception_handler(context)


background = BackgroundLoop()
os.register_at_fork(after_in_child=background.forget)

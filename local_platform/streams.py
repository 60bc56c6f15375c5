"""Counts the server streams that are open, and those ever opened, by RPC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Streams:
    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._opened: Counter[str] = Counter()

    @contextmanager
    def count(self, rpc: str) -> Iterator[None]:
        """Counts one stream while it is open; `rpc` is `package.Service/Method`."""
        self._open[rpc] += 1
        self._opened[rpc] += 1
        try:
            yield
        finally:
            self._open[rpc] -= 1

    def report(self) -> dict[str, dict[str, int]]:
        return {"open": dict(self._open), "opened": dict(self._opened)}

"""The server's open streams: counted, and cut when a test says so."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.quirks.changes import Changes, StreamCut, Subscriber


class Streams:
    """Counts open streams per method, as `GET /-/streams` of the local platform does."""

    def __init__(self) -> None:
        self._open: dict[Subscriber, str] = {}
        self.opened: Counter[str] = Counter()

    @property
    def open(self) -> Counter[str]:
        return Counter(self._open.values())

    @contextmanager
    def subscribed(self, method: str, changes: Changes) -> Iterator[Subscriber]:
        """A stream that hears of changes for as long as the block lasts."""
        with changes.subscribe() as subscriber:
            self._open[subscriber] = method
            self.opened[method] += 1
            try:
                yield subscriber
            finally:
                del self._open[subscriber]

    def cut(self, method: str = "", code: Any = None, message: str = "connection reset") -> int:
        """End the open streams of a method (all when empty) with a code, or well when it is None.

        Returns how many there were.
        """
        chosen = [s for s, name in self._open.items() if not method or name == method]
        for subscriber in chosen:
            subscriber.cut(StreamCut(code, message))
        return len(chosen)

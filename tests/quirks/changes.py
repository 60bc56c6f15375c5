"""Notifications from the database to the watches: bounded, lossy, and sometimes dead."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


class StreamCut(Exception):
    """The server ends a stream: with a status code, or well when `code` is None."""

    def __init__(self, code: Any, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Subscriber:
    """What one watch still has to be told. Drops what does not fit, as a full Go channel does."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[Any] = deque()
        self._news = asyncio.Event()
        self._cut: StreamCut | None = None

    def offer(self, item: Any) -> None:
        if len(self._waiting) < self._limit:
            self._waiting.append(item)
            self._news.set()

    def cut(self, cut: StreamCut) -> None:
        self._cut = cut
        self._news.set()

    async def next(self) -> Any:
        """The next notification; raises StreamCut when the server ends the stream."""
        while not self._waiting and self._cut is None:
            self._news.clear()
            await self._news.wait()
        if self._cut is not None:
            raise self._cut
        return self._waiting.popleft()

    def take_all(self) -> list[Any]:
        """What else is waiting, at once: a slow reader gets one snapshot for many changes."""
        taken = list(self._waiting)
        self._waiting.clear()
        return taken


@dataclass
class Changes:
    """The one listener that all watches hang on."""

    limit: int = 100
    silent: bool = False
    """The listener has died: no watch hears anything, and none is told."""
    to_drop: int = 0
    """How many of the next notifications get lost."""
    dropped: int = 0
    _subscribers: set[Subscriber] = field(default_factory=set)

    @contextmanager
    def subscribe(self) -> Iterator[Subscriber]:
        subscriber = Subscriber(self.limit)
        self._subscribers.add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)

    def notify(self, item: Any) -> None:
        if self.silent:
            return
        if self.to_drop:
            self.to_drop -= 1
            self.dropped += 1
            return
        for subscriber in self._subscribers:
            subscriber.offer(item)

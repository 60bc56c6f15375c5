"""Remembers a stream of requests until it is known that they need not be sent again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Any

__all__ = ["RepeatableRequests"]

# A refusal comes with the first answer; a client that has sent this much before it is uploading,
# and keeping all of it would cost more than a second try is worth.
_MOST_KEPT = 64
_END = object()


class RepeatableRequests:
    """Makes several iterators over one source that can be read only once.

    Only one message is asked of the source at a time, whichever iterator wants it: an abandoned
    first sending may still be waiting for the message that the second one needs.
    """

    def __init__(self, source: AsyncIterable[Any] | Iterable[Any]) -> None:
        self._source = _as_async(source)
        self._kept: list[Any] = []
        self._dropped = 0
        self._latest = 0
        self._keeping = True
        self._pull: asyncio.Task[None] | None = None

    def can_repeat(self) -> bool:
        """Whether an iterator made now would give everything from the start."""
        return self._dropped == 0

    def stop_keeping(self) -> None:
        """An answer came: from here on a message is dropped as soon as it is given out."""
        self._keeping = False

    def messages(self) -> AsyncIterator[Any]:
        """All messages from the start; call only while `can_repeat`. Ends the earlier iterators."""
        self._latest += 1
        return self._iterate(self._latest)

    async def _iterate(self, number: int) -> AsyncIterator[Any]:
        position = 0
        while True:
            while position - self._dropped >= len(self._kept):
                await self._pull_one()
            if number != self._latest:
                return  # an abandoned sending must not take messages from the one that counts
            message = self._kept[position - self._dropped]
            if message is _END:
                return
            position += 1
            self._drop_until(position)
            yield message

    def _drop_until(self, position: int) -> None:
        if not self._keeping or len(self._kept) > _MOST_KEPT:
            del self._kept[: position - self._dropped]
            self._dropped = position

    async def _pull_one(self) -> None:
        if self._pull is None:
            self._pull = asyncio.ensure_future(self._fetch())
        pull = self._pull
        try:
            await asyncio.shield(pull)
        finally:
            if pull.done() and self._pull is pull:
                self._pull = None

    async def _fetch(self) -> None:
        try:
            self._kept.append(await anext(self._source))
        except StopAsyncIteration:
            self._kept.append(_END)

    def close(self) -> None:
        """Stop waiting for the source."""
        if self._pull is not None:
            self._pull.cancel()


def _as_async(source: AsyncIterable[Any] | Iterable[Any]) -> AsyncIterator[Any]:
    if isinstance(source, AsyncIterable):
        return aiter(source)
    return _one_by_one(source)


async def _one_by_one(source: Iterable[Any]) -> AsyncIterator[Any]:
    for item in source:
        yield item

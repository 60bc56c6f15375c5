"""A topic for what the platform can list and cannot watch: it lists again, once for all viewers.

A subclass says how to list (`ask`) and how a row is drawn (`template`, `key_of`). To make another
thing live: the subclass, its args in `protocol.py`, and a line each in `registry.py` and in
`consumer.NEEDED`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar, Generic, TypeVar

from dashboard.live import draw
from dashboard.live.protocol import State
from dashboard.live.topic import BoardTopic, Key, is_final
from dashboard.upstream import Platform
from remote_client.errors import DeadlineExceeded, RemoteError, Unauthenticated

EVERY_S = 5.0
"""How old what is shown may be, as long as the platform answers."""

BACK_OFF_S = (5.0, 60.0)
"""First and longest pause after an error: a platform in trouble is not asked more often."""

REFRESH_S = 10.0
"""How long a page waits for the listing that it is drawn from."""

Row = TypeVar("Row")


class ListedTopic(BoardTopic, Generic[Row]):
    """Rows of one listing, in its order. A row is a frozen dataclass that equals an unchanged one.

    A page calls `refresh()` and reads `rows`: so it is as fresh as the platform, and the listing
    that it cost is news for everybody else who looks.
    """

    template: ClassVar[str]
    """Its partial `row` draws a row, as `row`, the same for everybody who looks."""
    every_s: ClassVar[float] = EVERY_S

    def __init__(self, key: Key, platform: Platform) -> None:
        super().__init__(key, platform)
        self.rows: tuple[Row, ...] = ()
        self._begun = self._done = 0
        self._error: RemoteError | None = None
        self._wanted = asyncio.Event()
        self._pause = BACK_OFF_S[0]

    # --- what a subclass does ---------------------------------------------------------------------

    async def ask(self) -> Sequence[Row]:
        """List; raises the platform's errors."""
        raise NotImplementedError

    def key_of(self, row: Row) -> str:
        """Names the row among the others, for ever."""
        raise NotImplementedError

    # --- what pages do ----------------------------------------------------------------------------

    async def refresh(self, timeout_s: float = REFRESH_S) -> tuple[Row, ...]:
        """The rows as a listing that begins now tells them. Raises what went wrong with it."""
        number = self._begun + 1
        self._wanted.set()
        try:
            async with asyncio.timeout(timeout_s):
                while self._done < number:
                    if self.failure is not None:
                        raise self.failure
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise DeadlineExceeded("The platform did not answer in time.") from None
        if self._error is not None:
            raise self._error
        return self.rows

    # --- the upstream -----------------------------------------------------------------------------

    async def pump(self) -> None:
        while True:
            self._wanted.clear()
            self._begun += 1
            await self._list()
            self._done = self._begun
            self._moved.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause if self._error else self.every_s):
                    await self._wanted.wait()

    async def _list(self) -> None:
        try:
            found = await self.ask()
        except RemoteError as error:
            if is_final(error) or isinstance(error, Unauthenticated):
                raise  # the hub knows what to do
            self._error = error
            self._pause = min(BACK_OFF_S[1], self._pause * random.uniform(1.5, 2.5))  # noqa: S311
            self.say_reconnecting(error, self._pause)
        else:
            self._error, self._pause = None, BACK_OFF_S[0]
            self._put(found)

    def _put(self, found: Sequence[Row]) -> None:
        gone = {self.key_of(row) for row in self.rows}
        self.rows = tuple(found)
        for number, row in enumerate(found):
            key = self.key_of(row)
            gone.discard(key)
            paint = partial(draw.partial, self.template, "row", row=row)
            self.board.put_row(key, row, paint, rank=(number,))
        for key in gone:
            self.board.remove_row(key)
        if not self.board.version:
            self.board.set_field("count", len(found))  # an empty list is news as well
        self.board.commit()
        self.set_ready()
        if self.state.state != "live":
            self.set_state(State("live", datetime.now(UTC)))
        self.on_news()

"""What one socket sends: frames of its subscriptions in turn, no further than a window of acks.

The server's socket has no back-pressure, so the page acknowledges what it has worked off. While the
window is shut nothing is kept for the page: when it opens, each subscription says what is newest.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from dashboard.live.counts import counts
from dashboard.live.hub import Viewer
from dashboard.live.protocol import BadMessage, Error, May, framed
from dashboard.live.topic import error_of

logger = logging.getLogger(__name__)

WINDOW_FRAMES = 64
"""Frames that may be on the way, or unread, at once."""

STUCK_S = 60.0
"""A page that has had a whole window for so long and acknowledged none of it is not reading: a tab
that a browser froze, or a line that is dead. Its socket is closed; a page that wakes opens another
and resumes."""

MAX_SUBSCRIPTIONS = 16
MAX_NOTICES = 16
"""Frames beside the contents that wait; a page that provokes more is not reading them."""


class StuckReader(Exception):
    """The page acknowledged nothing for `STUCK_S` although its window is full."""


class Outbox:
    """Subscriptions by id and the one task that sends for all of them."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._viewers: dict[str, Viewer] = {}
        self._ready: dict[str, None] = {}  # ids that may have news, in turn
        self._notices: deque[tuple[str | None, str]] = deque(maxlen=MAX_NOTICES)
        self._wake = asyncio.Event()
        self._seq = 0
        self._acked = 0

    def attach(self, subscription: str, join: Callable[[Callable[[], None]], Viewer]) -> None:
        """Begin a subscription; one of the same id ends. Raises BadMessage when there are too many.

        `join` takes the callback that says "there is news" and gives the viewer.
        """
        self.detach(subscription)
        if len(self._viewers) >= MAX_SUBSCRIPTIONS:
            raise BadMessage(f"A page has at most {MAX_SUBSCRIPTIONS} subscriptions.", subscription)
        self._viewers[subscription] = join(lambda: self._has_news(subscription))
        self._has_news(subscription)

    def detach(self, subscription: str) -> None:
        """End a subscription; an unknown one is none."""
        viewer = self._viewers.pop(subscription, None)
        if viewer is not None:
            viewer.leave()

    def detach_all(self) -> None:
        for subscription in list(self._viewers):
            self.detach(subscription)

    def ack(self, seq: int) -> None:
        """Everything up to `seq` was worked off. Raises BadMessage for frames never sent."""
        if seq > self._seq:
            raise BadMessage(f"Frame {seq} was not sent yet.")
        self._acked = max(self._acked, seq)
        self._wake.set()

    def say(self, notice: Error | May, subscription: str | None = None) -> None:
        """Send a frame that belongs to no topic's content when its turn comes."""
        self._notices.append((subscription, notice.body()))
        self._wake.set()

    async def say_now(self, error: Error) -> None:
        """Send an error frame at once, whatever the window says: the last one before closing."""
        await self._send(self._frame(None, error.body()))

    async def run(self) -> None:
        """Send until cancelled. Raises StuckReader."""
        while True:
            await self._news_or_stuck()
            self._wake.clear()
            while self._seq - self._acked < WINDOW_FRAMES:
                frame = self._next()
                if frame is None:
                    break
                await self._send(frame)

    @property
    def _is_shut(self) -> bool:
        return self._seq - self._acked >= WINDOW_FRAMES

    async def _news_or_stuck(self) -> None:
        """Wait for something to do; with a full window, for no longer than the page may take."""
        if not self._is_shut:
            await self._wake.wait()
            return
        counts.windows_shut += 1
        try:
            async with asyncio.timeout(STUCK_S):
                # News alone opens no window: only an ack does.
                while self._is_shut:
                    self._wake.clear()
                    await self._wake.wait()
        except TimeoutError:
            raise StuckReader from None

    def _has_news(self, subscription: str) -> None:
        self._ready[subscription] = None
        self._wake.set()

    def _next(self) -> str | None:
        """The next frame: errors first, then one of each subscription in turn."""
        if self._notices:
            return self._frame(*self._notices.popleft())
        while self._ready:
            subscription = next(iter(self._ready))
            del self._ready[subscription]
            body = self._body_of(subscription)
            if body is not None:
                self._ready[subscription] = None  # to the end of the queue: there may be more
                return self._frame(subscription, body)
        return None

    def _body_of(self, subscription: str) -> str | None:
        """What the subscription has to send; when that can't be made, it ends and says so."""
        viewer = self._viewers.get(subscription)
        try:
            return viewer.next_body() if viewer else None
        except Exception as error:
            logger.exception("Can't say what is new of %s.", subscription)
            self.detach(subscription)
            return error_of(error).body()

    def _frame(self, subscription: str | None, body: str) -> str:
        self._seq += 1
        counts.frames_sent += 1
        counts.characters_sent += len(body)
        return framed(self._seq, subscription, body)

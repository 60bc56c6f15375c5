"""What every topic has: an upstream, how it fares, whether there is enough to show, and news.

A topic is made for one key, watched by any number of viewers, and knows none of them: it keeps what
was told, and each viewer asks for what it lacks (`next_body`) whenever the topic has news.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from dashboard.live.board import Board
from dashboard.live.protocol import Args, Error, Snapshot, State, Update, scope_of
from dashboard.upstream import Platform, SignedOut
from remote_client.errors import (
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    RemoteError,
    Unauthenticated,
    Unavailable,
)

logger = logging.getLogger(__name__)

T = TypeVar("T")
P = TypeVar("P")
"""What a viewer has got already, as its topic counts it."""

COALESCE_S = 0.05
"""Changes that come closer together than this reach viewers as one message."""

RETRY_S = (0.5, 5.0)
"""First and longest pause between questions to a platform that cannot be reached."""


@dataclass(frozen=True)
class Key:
    """What an upstream belongs to: the same thing, asked of one platform as one identity."""

    topic: str
    args: Args
    platform: str
    identity: str


class Topic(Generic[P]):
    """One thing that viewers watch. Subclasses fill `pump` and `next_body`."""

    def __init__(self, key: Key, platform: Platform) -> None:
        self.key = key
        self.platform = platform
        self.scope = scope_of(key.args)
        self.state = State("connecting", datetime.now(UTC))
        self.failure: RemoteError | Exception | None = None
        self.on_news: Callable[[], None] = lambda: None
        """Called when viewers should ask again; set by the hub."""
        self._ready = asyncio.Event()
        self._moved = asyncio.Event()
        self._flush_timer: asyncio.TimerHandle | None = None
        self._helpers: set[asyncio.Task[None]] = set()

    # --- what a subclass does ---------------------------------------------------------------------

    async def pump(self) -> None:
        """Read the upstream until nothing more can come; may be called again after an error."""
        raise NotImplementedError

    def start_at(self, cursor: str | None) -> P:
        """The position that a viewer's cursor stands for; any text may come, and None for none."""
        raise NotImplementedError

    def next_body(self, position: P, args: Args) -> tuple[str, P] | None:
        """The message that leads on from a position, and the position after it; None for none."""
        raise NotImplementedError

    def flush(self) -> None:
        """Turn what the upstream told into what viewers get; called at most every `COALESCE_S`."""

    # --- how it fares ---------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come: it ended, or failed for good."""
        return self.failure is not None or self.state.state == "ended"

    @property
    def is_told(self) -> bool:
        """Whether its upstream has told something, and did not fail."""
        return self._ready.is_set() and self.failure is None

    def hear(self, state: Any) -> None:
        """Take a `remote_client.StreamState`."""
        message = state.error.message if state.error else ""
        self.set_state(State(state.kind, state.since, state.retry_at, message))

    def set_state(self, state: State) -> None:
        is_news = state.state != "connecting" or self.state.state != "connecting"
        if state != self.state and is_news:
            self.state = state
            self._moved.set()
            self.on_news()

    def end(self) -> None:
        """Everything was told; the upstream is closed."""
        self._flush_now()
        self.set_ready()
        self.set_state(State("ended", datetime.now(UTC)))

    def fail(self, error: Exception) -> None:
        """Nothing more will come, and viewers hear why."""
        self.failure = error
        self._moved.set()
        self.on_news()

    def set_ready(self) -> None:
        """There is enough for a page to be drawn from."""
        self._ready.set()
        self._moved.set()

    async def ready(self, timeout_s: float) -> bool:
        """Wait until there is enough for a page.

        False when it takes longer than `timeout_s`. Raises what went wrong when the topic failed or
        its platform cannot be reached: a page that is asked for now should say so.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not self._ready.is_set() or self.state.state == "reconnecting":
                    self._raise_if_down()
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return False
        self._raise_if_down()
        return True

    def _raise_if_down(self) -> None:
        if self.failure is not None:
            raise self.failure
        if self.state.state == "reconnecting":
            raise Unavailable(self.state.message or "The platform can't be reached.")

    # --- tools for a pump -----------------------------------------------------------------------

    def touch(self) -> None:
        """The upstream told something: viewers get it soon, together with what else comes."""
        if self._flush_timer is None:
            loop = asyncio.get_running_loop()
            self._flush_timer = loop.call_later(COALESCE_S, self._flush_now)

    def _flush_now(self) -> None:
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        try:
            self.flush()
        except Exception as error:
            # It runs from a timer: unsaid, the page would look alive and never change again.
            logger.exception("Could not work off what was told about %s.", self.key)
            self.fail(error)
        self.on_news()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the pump, until the topic is closed."""
        task = asyncio.create_task(work)
        self._helpers.add(task)
        task.add_done_callback(self._helper_done)

    def _helper_done(self, task: asyncio.Task[None]) -> None:
        self._helpers.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("A helper of %s failed.", self.key, exc_info=error)
            if isinstance(error, Exception):
                self.fail(error)

    async def helpers_done(self) -> None:
        """Wait for everything that was spawned so far."""
        await asyncio.gather(*self._helpers, return_exceptions=True)

    async def insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until the platform answers; errors other than being unreachable come through."""
        pause = RETRY_S[0]
        while True:
            try:
                answer = await ask()
            except (Unavailable, DeadlineExceeded) as error:
                self.say_reconnecting(error, pause)
                await asyncio.sleep(pause)
                pause = min(RETRY_S[1], pause * random.uniform(1.5, 2.5))  # noqa: S311
            else:
                return answer

    def say_reconnecting(self, error: RemoteError, pause_s: float) -> None:
        """The platform failed, as it did since whenever that began; it is asked again soon."""
        now = datetime.now(UTC)
        since = self.state.since if self.state.state == "reconnecting" else now
        retry_at = now + timedelta(seconds=pause_s)
        self.set_state(State("reconnecting", since, retry_at, error.message))

    def release(self) -> None:
        """Let go of everything at once; no await, so that another topic can take its place."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        for task in self._helpers:
            task.cancel()


class BoardTopic(Topic[int]):
    """A topic whose content is a board of parts and rows; a viewer's position is its version."""

    def __init__(self, key: Key, platform: Platform) -> None:
        super().__init__(key, platform)
        self.board = Board()

    @property
    def cursor(self) -> str:
        """Where a page that is drawn now resumes."""
        return self.board.cursor

    def start_at(self, cursor: str | None) -> int:
        return self.board.version_of(cursor)

    def next_body(self, position: int, args: Args) -> tuple[str, int] | None:
        if position >= self.board.version:
            return None
        kind = Update if position else Snapshot
        body = kind(self.cursor, self.board.payload(position)).body()
        return body, self.board.version


_CODES: tuple[tuple[type[RemoteError], str], ...] = (
    (NotFound, "not_found"),
    (PermissionDenied, "denied"),
    (SignedOut, "signed_out"),
    (Unauthenticated, "denied"),
    (InvalidArgument, "invalid"),
)


def error_of(failure: Exception) -> Error:
    """What viewers are told of a failure; of our own faults no more than that there was one."""
    for kind, code in _CODES:
        if isinstance(failure, kind):
            return Error(code, failure.message)
    if isinstance(failure, RemoteError):
        return Error("failed", failure.message)
    return Error("failed", "The dashboard failed; its log says why. Reload the page.")


def is_final(error: RemoteError) -> bool:
    """Whether asking again would be answered the same."""
    return isinstance(error, tuple(kind for kind, _ in _CODES))

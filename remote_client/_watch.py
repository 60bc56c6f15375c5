"""Streams that outlive their connection.

`read` gives the messages of one connection; `Reconnect` decides what follows its end. Watches never
end on a phase that can still change, cancelling always propagates, and a consumer that stops closes
the stream upstream at once.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import grpc

from remote_client._client.auth import AuthenticationTransientError
from remote_client._client.calls import raise_if_closed
from remote_client._client.retry import SUSPECT, UNREACHABLE, Backoff
from remote_client._client.services import ServiceStubs
from remote_client._times import now
from remote_client.errors import RemoteError, Unavailable, from_grpc

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["OnState", "StreamState"]

# Silence after which a stream is opened anew: the real backend can go silent for good.
IDLE_S = 30.0
# Tries in a row before a fault that may be lasting (INTERNAL, UNKNOWN …) is given to the caller.
SUSPECT_TRIES = 8
# How long `wait`, `watch` and `tail` look for a platform that cannot be reached.
PATIENCE_S = 600.0
# A stream that ends well before its time is opened again after about this long.
REOPEN_S = 0.5


@dataclass(frozen=True, slots=True)
class StreamState:
    """How a stream is doing.

    `kind` is "connecting", "live" or "reconnecting"; `since` when that began; `retry_at` when the
    next try comes and `error` what went wrong, both only while reconnecting.
    """

    kind: Literal["connecting", "live", "reconnecting"]
    since: datetime
    retry_at: datetime | None = None
    error: RemoteError | None = None


OnState = Callable[[StreamState], None]


def jittered(seconds: float) -> float:
    """The time, give or take a fifth, so that many streams do not act at once."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311  (not a secret)


def patience_for(on_state: OnState | None) -> float | None:
    """For ever for a caller who hears the states and can stop; else ten minutes. Seconds."""
    return PATIENCE_S if on_state is None else None


def is_passing(error: RemoteError) -> bool:
    """True for failures that may be over at the next try."""
    return error.code() in UNREACHABLE or error.code() in SUSPECT


class Reconnect:
    """Counts consecutive failures of one stream, tells its state, and waits between tries.

    `patience_s` is how long an unreachable platform is looked for; None is for ever.
    """

    def __init__(
        self,
        *,
        on_state: OnState | None = None,
        patience_s: float | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._on_state = on_state
        self._patience_s = patience_s
        self._backoff = backoff or Backoff()
        self._failures = 0
        self._down_since: float | None = None
        self._kind = ""
        self._since = now()
        self._tell("connecting")

    def delivered(self) -> None:
        """Something arrived: the stream is live, and earlier failures are forgotten."""
        self._failures = 0
        self._down_since = None
        self.reachable()

    def reachable(self) -> None:
        """The platform answered, though perhaps not on this stream."""
        if self._kind != "live":
            self._tell("live")

    async def failed(self, error: RemoteError) -> None:
        """Wait before the next try. Raises the error when there will be none."""
        self._failures += 1
        if not self._worth_trying(error):
            raise error
        delay = self._backoff.delay(self._failures)
        self._tell("reconnecting", retry_at=now() + timedelta(seconds=delay), error=error)
        await asyncio.sleep(delay)

    async def ended(self) -> None:
        """The stream ended well though more is to come: wait a moment before opening it again."""
        await asyncio.sleep(jittered(REOPEN_S))

    def _worth_trying(self, error: RemoteError) -> bool:
        code = error.code()
        if code in SUSPECT:
            return self._failures < SUSPECT_TRIES
        if code not in UNREACHABLE:
            return False
        clock = asyncio.get_running_loop().time()
        self._down_since = clock if self._down_since is None else self._down_since
        return self._patience_s is None or clock - self._down_since < self._patience_s

    def _tell(
        self,
        kind: Literal["connecting", "live", "reconnecting"],
        retry_at: datetime | None = None,
        error: RemoteError | None = None,
    ) -> None:
        if kind != self._kind:
            self._kind, self._since = kind, now()
        if self._on_state is not None:
            self._on_state(StreamState(kind, self._since, retry_at, error))


class StreamSilent(Exception):
    """A stream was given up because nothing came."""


class Watchdog:
    """Cancels a call that has been silent for too long, unless `still_wanted` says otherwise.

    `still_wanted` is asked while the read goes on; it returns True to keep the stream.
    """

    def __init__(
        self,
        call: Any,
        idle_s: float,
        still_wanted: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self.fired = False
        self._call = call
        self._idle_s = jittered(idle_s)
        self._still_wanted = still_wanted
        self._loop = asyncio.get_running_loop()
        self._asking: asyncio.Task[None] | None = None
        self._waiting_since = self._loop.time()
        self._reading = True
        self._timer = self._loop.call_later(self._idle_s, self._look)

    def reading(self) -> None:
        """A read begins."""
        self._reading = True
        self._waiting_since = self._loop.time()

    def pause(self) -> None:
        """The consumer is busy with a message: the stream is not silent, nobody listens."""
        self._reading = False

    def stop(self) -> None:
        """The stream is over."""
        self._timer.cancel()
        if self._asking is not None:
            self._asking.cancel()

    def _look(self) -> None:
        silent = self._loop.time() - self._waiting_since if self._reading else 0.0
        if silent < self._idle_s:
            self._timer = self._loop.call_later(self._idle_s - silent, self._look)
        elif self._still_wanted is None:
            self._fire()
        else:
            self._asking = self._loop.create_task(self._ask(self._still_wanted))

    async def _ask(self, still_wanted: Callable[[], Awaitable[bool]]) -> None:
        try:
            wanted = await still_wanted()
        except RemoteError:
            # The stream's own error will tell what is wrong with the connection.
            wanted = True
        if wanted:
            self._waiting_since = self._loop.time()
            self._timer = self._loop.call_later(self._idle_s, self._look)
        else:
            self._fire()

    def _fire(self) -> None:
        self.fired = True
        self._call.cancel()


def read(
    client: ClientSet,
    open_call: Callable[[ServiceStubs], Any],
    *,
    asked: str,
    idle_s: float | None = None,
    still_wanted: Callable[[], Awaitable[bool]] | None = None,
) -> AsyncGenerator[Any, None]:
    """The messages of one stream until it ends, or is silent for about `idle_s` seconds.

    Raises RemoteError when it fails, ClientClosedError when the client was closed. The call is
    cancelled when the consumer stops.
    """
    idle_s = IDLE_S if idle_s is None else idle_s
    return _messages(client, open_call, asked, idle_s, still_wanted, tell_silence=False)


def read_until_silent(
    client: ClientSet,
    open_call: Callable[[ServiceStubs], Any],
    *,
    asked: str,
    idle_s: float,
    still_wanted: Callable[[], Awaitable[bool]],
) -> AsyncGenerator[Any, None]:
    """As `read`, but silence is no end of the stream: it raises StreamSilent."""
    return _messages(client, open_call, asked, idle_s, still_wanted, tell_silence=True)


async def _messages(
    client: ClientSet,
    open_call: Callable[[ServiceStubs], Any],
    asked: str,
    idle_s: float,
    still_wanted: Callable[[], Awaitable[bool]] | None,
    *,
    tell_silence: bool,
) -> AsyncGenerator[Any, None]:
    with client.streaming() as stubs:
        call = open_call(stubs)
        watchdog = Watchdog(call, idle_s, still_wanted)
        try:
            async for message in call:
                # gRPC hands out None for a message that cannot be decoded.
                if message is not None:
                    watchdog.pause()
                    yield message
                    watchdog.reading()
        except grpc.aio.AioRpcError as error:
            raise from_grpc(error, asked=asked, endpoint=client.endpoint) from None
        except AuthenticationTransientError as error:
            # The token could not be renewed just now; the stream can be opened when it can.
            raise Unavailable(f"Could not {asked}: {error}") from None
        except (asyncio.CancelledError, grpc.aio.UsageError):
            if _is_cancelled() or not watchdog.fired:
                raise_if_closed(client)
                raise
            if tell_silence:
                raise StreamSilent from None
        finally:
            watchdog.stop()
            call.cancel()


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return bool(task and task.cancelling())

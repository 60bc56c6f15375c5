"""The hub: one upstream per thing watched, however many viewers watch it.

The first viewer of a key opens its topic's upstream; it is closed a moment (`linger_s`) after the
last one left, so that a reload, or the socket which follows a page, finds it still open. Joining
never awaits: two first viewers cannot both open one. The hub belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from typing import Any

from dashboard.live.counts import counts
from dashboard.live.protocol import Args, State
from dashboard.live.topic import Key, Topic, error_of, is_final
from remote_client.errors import RemoteError, Unauthenticated

logger = logging.getLogger(__name__)

LINGER_S = 5.0

REOPEN_S = (1.0, 30.0)
"""First and longest pause before an upstream that broke is opened again."""


class Hub:
    """Opens and closes topics as viewers come and go."""

    def __init__(
        self, make_topic: Callable[[Key], Topic[Any]], *, linger_s: float = LINGER_S
    ) -> None:
        self._make_topic = make_topic
        self._linger_s = linger_s
        self._upstreams: dict[Key, _Upstream] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def join(
        self,
        key: Key,
        args: Args,
        *,
        cursor: str | None = None,
        wake: Callable[[], None] = lambda: None,
    ) -> Viewer:
        """A viewer of the key's topic; `wake` is called whenever it may have something to send.

        A topic that failed is not joined but made anew: what was missing may be there by now.
        """
        upstream = self._upstreams.get(key)
        if upstream is None or upstream.topic.failure is not None:
            upstream = self._upstreams[key] = _Upstream(self._make_topic(key), self._emptied)
            counts.upstreams_opened += 1
        else:
            counts.upstreams_shared += 1
        return upstream.join(args, cursor, wake)

    def is_open(self, key: Key) -> bool:
        """Whether the key's topic is held now, and has told something."""
        upstream = self._upstreams.get(key)
        return upstream is not None and upstream.topic.is_told

    @property
    def open_keys(self) -> list[Key]:
        """Keys whose topics are held now, lingering ones included."""
        return list(self._upstreams)

    def census(self) -> dict[tuple[str, str], tuple[int, int]]:
        """How many upstreams are held, and how many viewers they have, by topic and state."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for key, upstream in self._upstreams.items():
            kind = (key.topic, upstream.topic.state.state)
            upstreams, viewers = found.get(kind, (0, 0))
            found[kind] = (upstreams + 1, viewers + len(upstream.viewers))
        return found

    def _emptied(self, upstream: _Upstream) -> None:
        loop = asyncio.get_running_loop()
        upstream.linger = loop.call_later(self._linger_s, self._drop, upstream)

    def _drop(self, upstream: _Upstream) -> None:
        if upstream.viewers:
            return
        key = upstream.topic.key
        if self._upstreams.get(key) is upstream:
            del self._upstreams[key]
        upstream.stop()
        task = asyncio.create_task(upstream.stopped())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close every upstream, viewers or not."""
        upstreams, self._upstreams = list(self._upstreams.values()), {}
        for upstream in upstreams:
            upstream.stop()
        await asyncio.gather(*(upstream.stopped() for upstream in upstreams), *self._closing)


class _Upstream:
    """A topic with the task that feeds it and the viewers that it feeds."""

    def __init__(self, topic: Topic[Any], emptied: Callable[[_Upstream], None]) -> None:
        self.topic = topic
        self.viewers: set[Viewer] = set()
        self.linger: asyncio.TimerHandle | None = None
        self._emptied = emptied
        topic.on_news = self._wake_all
        self._task = asyncio.create_task(self._run(), name=f"upstream {topic.key.topic}")

    def join(self, args: Args, cursor: str | None, wake: Callable[[], None]) -> Viewer:
        if self.linger is not None:
            self.linger.cancel()
            self.linger = None
        viewer = Viewer(self, args, cursor, wake)
        counts.viewers_joined += 1
        counts.viewers_resumed += viewer.is_resumed
        self.viewers.add(viewer)
        wake()
        return viewer

    def leave(self, viewer: Viewer) -> None:
        if viewer in self.viewers:
            self.viewers.remove(viewer)
            if not self.viewers:
                self._emptied(self)

    def stop(self) -> None:
        """At once, so that whoever comes next for this key finds its files free."""
        if self.linger is not None:
            self.linger.cancel()
        self._task.cancel()
        self.topic.release()

    async def stopped(self) -> None:
        """Wait until the upstream's stream is closed on the platform's side too."""
        await asyncio.gather(self._task, return_exceptions=True)
        await self.topic.helpers_done()

    def _wake_all(self) -> None:
        if self.topic.failure is not None:
            self._task.cancel()  # it may have failed beside its pump
        for viewer in self.viewers:
            viewer.wake()

    async def _run(self) -> None:
        """Feed the topic until it ends; open a broken upstream again, and say so meanwhile."""
        pause = REOPEN_S[0]
        while True:
            opened_at = time.monotonic()
            try:
                await self.topic.pump()
            except RemoteError as error:
                if isinstance(error, Unauthenticated):
                    refusal = await self._refused(error, opened_at)
                    if refusal is None:
                        continue
                    error = refusal
                if is_final(error):
                    self.topic.fail(error)
                    return
                counts.upstreams_broken += 1
                logger.warning("Upstream of %s broke: %s", self.topic.key, error)
                self.topic.say_reconnecting(error, pause)
                await asyncio.sleep(pause)
                pause = min(REOPEN_S[1], pause * random.uniform(1.5, 2.5))  # noqa: S311
            except Exception as error:
                logger.exception("Upstream of %s failed.", self.topic.key)
                counts.upstreams_failed += 1
                self.topic.fail(error)
                return
            else:
                self.topic.end()
                return

    async def _refused(self, error: RemoteError, opened_at: float) -> RemoteError | None:
        """What stands in the way after the platform refused the token; None when a newer one is
        there, with which the stream can be opened again."""
        try:
            return None if await self.topic.platform.renewed(opened_at) else error
        except RemoteError as reason:
            return reason


class Viewer:
    """One subscription's place in a topic. Whoever holds it must `leave`."""

    def __init__(
        self, upstream: _Upstream, args: Args, cursor: str | None, wake: Callable[[], None]
    ) -> None:
        self.wake = wake
        self._upstream = upstream
        self._args = args
        self._position = upstream.topic.start_at(cursor)
        self.is_resumed = bool(cursor) and bool(self._position)
        """Whether the cursor still meant something, so that only what changed since is sent."""
        self._told_state: State | None = None
        self._told_failure = False

    @property
    def topic(self) -> Topic[Any]:
        return self._upstream.topic

    def next_body(self) -> str | None:
        """The next message for this viewer; None when it has everything that there is.

        A change of state overtakes the data, for a page must not look alive while its platform is
        gone; the end comes last, when everything was sent.
        """
        if self._told_failure:
            return None
        topic = self.topic
        if topic.failure is not None:
            self._told_failure = True
            return error_of(topic.failure).body()
        if topic.state != self._told_state and topic.state.state != "ended":
            return self._tell_state()
        following = topic.next_body(self._position, self._args)
        if following is not None:
            body, self._position = following
            return body
        return self._tell_state() if topic.state != self._told_state else None

    def _tell_state(self) -> str:
        self._told_state = self.topic.state
        return self._told_state.body()

    def leave(self) -> None:
        """Give the place up; again does nothing."""
        self._upstream.leave(self)

"""The outbox: a page that does not acknowledge is not buried, and nobody waits for another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dashboard.live import outbox as outbox_module
from dashboard.live.outbox import (
    MAX_NOTICES,
    MAX_SUBSCRIPTIONS,
    WINDOW_FRAMES,
    Outbox,
    StuckReader,
)
from dashboard.live.protocol import BadMessage, Error
from tests.unit.dashboard.waiting import until


class Source:
    """In the place of a viewer: has as many messages as its test says."""

    def __init__(self, wake: Any, messages: int = 0) -> None:
        self.wake = wake
        self.messages = messages
        self.left = 0

    def next_body(self) -> str | None:
        if not self.messages:
            return None
        self.messages -= 1
        return '"type":"update"'

    def leave(self) -> None:
        self.left += 1


class Socket:
    """An outbox whose frames a test can read."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.outbox = Outbox(self._send)
        self.sources: dict[str, Source] = {}

    async def _send(self, text: str) -> None:
        self.frames.append(json.loads(text))

    def attach(self, subscription: str, messages: int = 0) -> Source:
        def join(wake: Any) -> Any:
            self.sources[subscription] = Source(wake, messages)
            return self.sources[subscription]

        self.outbox.attach(subscription, join)
        return self.sources[subscription]

    def of(self, subscription: str | None) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["id"] == subscription]


@pytest.fixture
async def socket() -> AsyncIterator[Socket]:
    made = Socket()
    task = asyncio.create_task(made.outbox.run())
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def settled() -> None:
    """Let the sender run until it has nothing to do: every await in it is one turn of the loop."""
    for _ in range(WINDOW_FRAMES * 4):
        await asyncio.sleep(0)


async def test_frames_are_numbered_from_one_without_a_gap(socket: Socket) -> None:
    socket.attach("a", 5)
    socket.attach("b", 5)
    await until(lambda: len(socket.frames) == 10)
    assert [frame["seq"] for frame in socket.frames] == list(range(1, 11))


async def test_it_stops_at_the_window_and_goes_on_with_the_acknowledgement(socket: Socket) -> None:
    source = socket.attach("a", 1000)
    await settled()
    assert len(socket.frames) == WINDOW_FRAMES
    assert source.messages == 1000 - WINDOW_FRAMES
    socket.outbox.ack(10)
    await settled()
    assert len(socket.frames) == WINDOW_FRAMES + 10
    socket.outbox.ack(3)  # an old one changes nothing
    await settled()
    assert len(socket.frames) == WINDOW_FRAMES + 10


async def test_subscriptions_take_turns(socket: Socket) -> None:
    socket.attach("loud", 1000)
    socket.attach("quiet", 3)
    await settled()
    assert [frame["seq"] for frame in socket.of("quiet")] == [2, 4, 6]


async def test_news_wake_it(socket: Socket) -> None:
    source = socket.attach("a")
    await settled()
    assert socket.frames == []
    source.messages = 1
    source.wake()
    await until(lambda: socket.frames)


async def test_an_acknowledgement_of_what_was_not_sent_is_refused(socket: Socket) -> None:
    with pytest.raises(BadMessage):
        socket.outbox.ack(1)


async def test_the_same_id_replaces_the_subscription(socket: Socket) -> None:
    first = socket.attach("a")
    second = socket.attach("a", 1)
    assert (first.left, second.left) == (1, 0)
    await until(lambda: socket.of("a"))


async def test_a_page_has_only_so_many_subscriptions(socket: Socket) -> None:
    for n in range(MAX_SUBSCRIPTIONS):
        socket.attach(str(n))
    with pytest.raises(BadMessage):
        socket.attach("one more")


async def test_nothing_comes_after_the_end_of_a_subscription(socket: Socket) -> None:
    source = socket.attach("a")
    socket.outbox.detach("a")
    socket.outbox.detach("a")
    source.messages = 1
    source.wake()
    await settled()
    assert (socket.frames, source.left) == ([], 1)


async def test_a_subscription_that_breaks_says_so_and_the_others_go_on(socket: Socket) -> None:
    broken = socket.attach("broken")
    broken.next_body = lambda: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    fine = socket.attach("fine", 3)
    await settled()
    assert [frame["code"] for frame in socket.of("broken")] == ["failed"]
    assert len(socket.of("fine")) == 3
    assert (broken.left, fine.left) == (1, 0)


async def test_errors_go_first_and_are_bounded_while_the_window_is_shut(socket: Socket) -> None:
    socket.attach("a", 1000)
    await settled()
    for n in range(1000):
        socket.outbox.say(Error("invalid", str(n)))
    await settled()
    assert socket.of(None) == []
    socket.outbox.ack(WINDOW_FRAMES)
    await settled()
    assert [frame["message"] for frame in socket.of(None)] == [
        str(n) for n in range(1000 - MAX_NOTICES, 1000)
    ]


async def test_the_last_word_does_not_wait_for_the_window(socket: Socket) -> None:
    socket.attach("a", 1000)
    await settled()
    await socket.outbox.say_now(Error("signed_out", "bye"))
    assert socket.frames[-1]["code"] == "signed_out"
    assert socket.frames[-1]["seq"] == WINDOW_FRAMES + 1


async def test_a_page_that_reads_nothing_of_a_full_window_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_module, "STUCK_S", 0.05)
    stuck = Socket()
    source = stuck.attach("a", messages=WINDOW_FRAMES + 5)
    with pytest.raises(StuckReader):
        await stuck.outbox.run()
    assert len(stuck.frames) == WINDOW_FRAMES
    assert source.messages == 5, "nothing was made for a page that does not read"


async def test_a_page_that_reads_slowly_is_kept(
    monkeypatch: pytest.MonkeyPatch, socket: Socket
) -> None:
    monkeypatch.setattr(outbox_module, "STUCK_S", 3600.0)
    source = socket.attach("a", messages=WINDOW_FRAMES + 5)
    await until(lambda: len(socket.frames) == WINDOW_FRAMES)
    source.wake()  # news alone opens no window
    await asyncio.sleep(0)
    socket.outbox.ack(3)
    await until(lambda: len(socket.frames) == WINDOW_FRAMES + 3)
    assert source.messages == 2

"""The hub: one upstream per key, whoever comes and goes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dashboard.live import hub as hub_module
from dashboard.live.hub import Hub, Viewer
from dashboard.live.protocol import RunsArgs, State
from dashboard.live.topic import Key, Topic
from remote_client.errors import NotFound, PermissionDenied, Unavailable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import START
from tests.unit.dashboard.waiting import until

ARGS = RunsArgs("shop", "development")


def key(topic: str = "runs", identity: str = "service") -> Key:
    return Key(topic, ARGS, "fake:1", identity)


class Counter(Topic[int]):
    """Counts up whenever its test says so; a viewer's position is the number that it has."""

    def __init__(self, key: Key) -> None:
        super().__init__(key, FakePlatform())  # type: ignore[arg-type]
        self.number = 0
        self.pumps = 0
        self.is_pumping = False
        self.errors: list[Exception] = []
        self.stop = asyncio.Event()

    async def pump(self) -> None:
        self.pumps += 1
        if self.errors:
            raise self.errors.pop(0)
        self.is_pumping = True
        try:
            await self.stop.wait()
        finally:
            self.is_pumping = False

    def count(self) -> None:
        self.number += 1
        self.on_news()

    def start_at(self, cursor: str | None) -> int:
        return int(cursor or 0)

    def next_body(self, position: int, args: Any) -> tuple[str, int] | None:
        if position >= self.number:
            return None
        return f'"type":"update","number":{self.number}', self.number


class World:
    """A hub whose topics a test can reach."""

    def __init__(self) -> None:
        self.made: list[Counter] = []
        self.errors: list[Exception] = []
        self.hub = Hub(self._make, linger_s=0.01)

    def _make(self, key: Key) -> Counter:
        topic = Counter(key)
        topic.errors = self.errors
        self.made.append(topic)
        return topic

    def join(self, which: Key | None = None, **more: Any) -> Viewer:
        return self.hub.join(which or key(), ARGS, **more)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.hub.close()


def told(viewer: Viewer) -> list[dict[str, Any]]:
    """Everything that the viewer can be sent now."""
    found = []
    while (body := viewer.next_body()) is not None:
        found.append(json.loads("{" + body + "}"))
    return found


def what(viewer: Viewer) -> list[Any]:
    return [f.get("state") or f.get("code") or f.get("number") for f in told(viewer)]


async def test_fifty_viewers_open_one_upstream_and_the_last_one_closes_it(world: World) -> None:
    viewers = [world.join() for _ in range(50)]
    await until(lambda: world.made[0].is_pumping)
    assert len(world.made) == 1
    for viewer in viewers:
        viewer.leave()
    await until(lambda: not world.made[0].is_pumping)
    assert world.hub.open_keys == []


async def test_the_upstream_lingers_so_that_a_reload_finds_it(world: World) -> None:
    world.hub._linger_s = 60
    world.join().leave()
    viewer = world.join()
    await until(lambda: world.made[0].is_pumping)
    assert (len(world.made), world.made[0].pumps) == (1, 1)
    viewer.leave()
    viewer.leave()  # twice is once
    assert world.hub.open_keys == [key()]


async def test_things_and_identities_do_not_share(world: World) -> None:
    for each in (key(), key("run"), key(identity="ana")):
        world.join(each)
    assert len(world.made) == 3


async def test_a_late_viewer_gets_what_was_told_before(world: World) -> None:
    first = world.join()
    world.made[0].count()
    world.made[0].count()
    assert what(first) == ["connecting", 2]
    assert what(world.join()) == ["connecting", 2]


async def test_a_viewer_that_lags_gets_the_newest_only(world: World) -> None:
    viewer = world.join()
    told(viewer)
    for _ in range(1000):
        world.made[0].count()
    assert what(viewer) == [1000]


async def test_a_viewer_resumes_at_its_cursor(world: World) -> None:
    world.join()
    world.made[0].number = 7
    assert what(world.join(cursor="7")) == ["connecting"]
    assert what(world.join(cursor="3")) == ["connecting", 7]


async def test_viewers_are_woken_by_news(world: World) -> None:
    woken: list[str] = []
    for name in ("one", "other"):
        world.join(wake=lambda name=name: woken.append(name))  # type: ignore[misc]
    woken.clear()
    world.made[0].count()
    assert sorted(woken) == ["one", "other"]


async def test_losing_the_platform_overtakes_the_data(world: World) -> None:
    viewer = world.join()
    told(viewer)
    world.made[0].count()
    world.made[0].set_state(State("reconnecting", START, None, "gone"))
    assert what(viewer) == ["reconnecting", 1]


async def test_the_end_comes_after_the_data(world: World) -> None:
    viewer = world.join()
    told(viewer)
    world.made[0].count()
    world.made[0].stop.set()
    await until(lambda: world.made[0].is_over)
    assert what(viewer) == [1, "ended"]
    assert what(world.join()) == [1, "ended"]


async def test_an_error_that_stays_reaches_every_viewer_once(world: World) -> None:
    world.errors = [NotFound("no such run")]
    viewers = [world.join(), world.join()]
    await until(lambda: world.made[0].failure is not None)
    for viewer in viewers:
        assert [(f["code"], f["message"]) for f in told(viewer)] == [("not_found", "no such run")]


async def test_who_comes_after_an_error_asks_again(world: World) -> None:
    world.errors = [PermissionDenied("not yet")]
    unlucky = world.join()
    await until(lambda: world.made[0].failure is not None)
    lucky = world.join()
    await until(lambda: world.made[1].is_pumping)
    assert what(unlucky) == ["denied"]
    assert what(lucky) == ["connecting"]


async def test_a_break_is_told_and_mended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "REOPEN_S", (0.001, 0.002))
    world.errors = [Unavailable("gone"), Unavailable("still gone")]
    viewer = world.join()
    await until(lambda: world.made[0].is_pumping)
    frame = told(viewer)[0]
    assert (frame["state"], frame["message"]) == ("reconnecting", "still gone")
    assert frame["retry_at"] is not None


async def test_a_fault_of_our_own_is_told_without_its_insides(world: World) -> None:
    world.errors = [ZeroDivisionError("secret detail")]
    viewer = world.join()
    await until(lambda: world.made[0].failure is not None)
    (frame,) = told(viewer)
    assert frame["code"] == "failed"
    assert "secret" not in frame["message"]


async def test_closing_the_hub_closes_every_upstream(world: World) -> None:
    world.join()
    world.join(key("run"))
    await until(lambda: all(topic.is_pumping for topic in world.made))
    await world.hub.close()
    assert not any(topic.is_pumping for topic in world.made)


async def test_a_page_waits_until_there_is_enough_to_draw(world: World) -> None:
    topic = world.join().topic
    waiting = asyncio.create_task(topic.ready(60))
    await asyncio.sleep(0)
    assert not waiting.done()
    topic.set_ready()
    assert await waiting is True


async def test_a_page_that_waits_hears_that_the_platform_is_gone(world: World) -> None:
    topic = world.join().topic
    waiting = asyncio.create_task(topic.ready(60))
    await asyncio.sleep(0)
    topic.set_state(State("reconnecting", START, None, "gone"))
    with pytest.raises(Unavailable, match="gone"):
        await waiting


async def test_a_page_does_not_wait_for_ever(world: World) -> None:
    assert await world.join().topic.ready(0.001) is False


async def test_a_helper_that_breaks_fails_the_topic(world: World) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    viewer = world.join()
    viewer.topic.spawn(broken())
    await until(lambda: viewer.topic.failure is not None)
    assert what(viewer) == ["failed"]


async def test_a_question_is_repeated_until_the_platform_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.live.topic.RETRY_S", (0.001, 0.002))
    answers: list[Any] = [Unavailable("gone"), Unavailable("gone"), "here"]
    states: list[str] = []

    async def ask() -> str:
        states.append(world.made[0].state.state)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    assert await world.join().topic.insist(ask) == "here"
    assert states == ["connecting", "reconnecting", "reconnecting"]

"""A listed topic: one listing for all viewers, backing off, and fresh for whoever asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from dashboard.live import draw
from dashboard.live.hub import Hub, Viewer
from dashboard.live.listed import ListedTopic
from dashboard.live.protocol import RunsArgs
from dashboard.live.topic import Key
from remote_client.errors import NotFound, RemoteError, Unavailable
from tests.unit.dashboard.waiting import until

ARGS = RunsArgs("shop", "development")


@dataclass(frozen=True)
class Thing:
    name: str
    colour: str


class Shelf:
    """What there is to list, and how often it was asked for."""

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.error: RemoteError | None = None
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()


class ThingsTopic(ListedTopic[Thing]):
    template = "things.html"
    every_s = 0.02

    def __init__(self, key: Key, shelf: Shelf) -> None:
        super().__init__(key, None)  # type: ignore[arg-type]
        self.shelf = shelf

    async def ask(self) -> Sequence[Thing]:
        self.shelf.asked += 1
        await self.shelf.gate.wait()
        if self.shelf.error is not None:
            raise self.shelf.error
        return list(self.shelf.things)

    def key_of(self, row: Thing) -> str:
        return row.name


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "partial", lambda template, name, row: f"<li>{row.colour}</li>")
    monkeypatch.setattr("dashboard.live.listed.BACK_OFF_S", (0.02, 0.1))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def hub(shelf: Shelf) -> AsyncIterator[Hub]:
    made = Hub(lambda key: ThingsTopic(key, shelf), linger_s=0.01)
    yield made
    await made.close()


def join(hub: Hub) -> Viewer:
    return hub.join(Key("things", ARGS, "fake:1", "service"), ARGS)


def frames(viewer: Viewer) -> list[dict[str, Any]]:
    found = []
    while (body := viewer.next_body()) is not None:
        found.append(json.loads("{" + body + "}"))
    return found


async def test_viewers_share_one_listing(hub: Hub, shelf: Shelf) -> None:
    shelf.gate.clear()
    viewers = [join(hub) for _ in range(5)]
    await until(lambda: shelf.asked == 1)
    shelf.things = [Thing("a", "red")]
    shelf.gate.set()
    for viewer in viewers:
        await until(lambda viewer=viewer: viewer.topic.rows)
        assert [f["rows"] for f in frames(viewer) if f["type"] == "snapshot"] == [
            [{"key": "a", "html": "<li>red</li>"}]
        ]


async def test_only_what_changed_is_told_and_what_is_gone_is_removed(
    hub: Hub, shelf: Shelf
) -> None:
    shelf.things = [Thing("a", "red"), Thing("b", "blue")]
    viewer = join(hub)
    await until(lambda: any(f["type"] == "snapshot" for f in frames(viewer)))
    asked = shelf.asked
    await until(lambda: shelf.asked > asked + 2)
    assert frames(viewer) == []
    shelf.things = [Thing("b", "green")]
    told: list[dict[str, Any]] = []
    await until(lambda: told.extend(frames(viewer)) or told)
    assert told[0]["removed"] == ["a"]
    assert told[0]["rows"] == [{"key": "b", "html": "<li>green</li>"}]


async def test_an_empty_listing_is_news_too(hub: Hub, shelf: Shelf) -> None:
    viewer = join(hub)
    told: list[dict[str, Any]] = []
    await until(lambda: told.extend(frames(viewer)) or any(f["type"] == "snapshot" for f in told))
    assert next(f for f in told if f["type"] == "snapshot")["rows"] == []


async def test_a_platform_in_trouble_is_asked_less_often_and_the_page_says_so(
    hub: Hub, shelf: Shelf
) -> None:
    shelf.things = [Thing("a", "red")]
    viewer = join(hub)
    await until(lambda: viewer.topic.rows)
    shelf.error = Unavailable("gone")
    await until(lambda: viewer.topic.state.state == "reconnecting")
    since = viewer.topic.state.since
    asked = shelf.asked
    await until(lambda: shelf.asked > asked + 1)
    assert viewer.topic.state.since == since
    assert viewer.topic.rows == (Thing("a", "red"),)
    shelf.error = None
    await until(lambda: viewer.topic.state.state == "live")


async def test_a_page_gets_a_listing_that_began_after_it_asked(hub: Hub, shelf: Shelf) -> None:
    shelf.gate.clear()
    viewer = join(hub)
    await until(lambda: shelf.asked == 1)  # under way already: not fresh enough
    asking = asyncio.create_task(viewer.topic.refresh())
    await asyncio.sleep(0)
    shelf.gate.set()
    assert await asking == ()
    assert shelf.asked >= 2


async def test_a_page_hears_why_there_is_no_list(hub: Hub, shelf: Shelf) -> None:
    shelf.error = Unavailable("gone")
    with pytest.raises(Unavailable):
        await join(hub).topic.refresh()
    shelf.error = NotFound("no such shelf")
    viewer = join(hub)
    with pytest.raises(NotFound):
        await viewer.topic.refresh()
    assert frames(viewer)[-1]["code"] == "not_found"

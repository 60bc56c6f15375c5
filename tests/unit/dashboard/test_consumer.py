"""The socket of a page: who may open it, what it answers, and that nothing outlives it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import ApplicationCommunicator, WebsocketCommunicator
from django.test import AsyncClient

from dashboard.asgi import application
from dashboard.live import consumer, registry
from dashboard.models import Person
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import action, run
from tests.unit.dashboard.waiting import until

RUNS = {"project": "shop", "domain": "development", "first": True}
RUN = {"project": "shop", "domain": "development", "run": "r1"}

Open = Callable[..., WebsocketCommunicator]


@pytest.fixture
async def open_socket(browser: AsyncClient) -> AsyncIterator[Open]:
    """Makes sockets of the browser in which ana is signed in; all are closed at the end."""
    opened: list[WebsocketCommunicator] = []

    def make(
        origin: str = "http://localhost:8080", host: str = "localhost:8080", path: str = "/ws"
    ) -> WebsocketCommunicator:
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
        headers = {"origin": origin, "host": host, "cookie": cookies}
        socket = WebsocketCommunicator(
            application, path, headers=[(k.encode(), v.encode()) for k, v in headers.items()]
        )
        opened.append(socket)
        return socket

    yield make
    for socket in opened:
        await socket.disconnect()


@pytest.fixture
async def socket(open_socket: Open) -> WebsocketCommunicator:
    made = open_socket()
    connected, _ = await made.connect()
    assert connected
    return made


async def subscribe(
    socket: WebsocketCommunicator, topic: str, args: dict[str, Any], name: str = "x"
) -> None:
    await socket.send_json_to({"type": "subscribe", "id": name, "topic": topic, "args": args})


async def frame_of(socket: WebsocketCommunicator, kind: str) -> dict[str, Any]:
    """The next frame of a type; those before it are passed over."""
    while True:
        frame: dict[str, Any] = await socket.receive_json_from(timeout=60)
        if frame["type"] == kind:
            return frame


async def refused(socket: WebsocketCommunicator) -> bool:
    connected, _ = await socket.connect()
    return not connected


async def test_a_stranger_is_refused_before_the_handshake(
    open_socket: Open, browser: AsyncClient
) -> None:
    browser.cookies.clear()
    assert await refused(open_socket())


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://localhost:9999", "http://localhost", "null", ""],
)
async def test_a_page_of_another_server_is_refused(open_socket: Open, origin: str) -> None:
    assert await refused(open_socket(origin=origin))


async def test_a_host_that_is_not_ours_is_refused(open_socket: Open) -> None:
    assert await refused(open_socket(origin="http://evil.example", host="evil.example"))


async def test_any_other_address_is_refused(open_socket: Open) -> None:
    assert await refused(open_socket(path="/other"))


async def test_it_sends_a_snapshot_and_then_what_changes(
    socket: WebsocketCommunicator, platform: FakePlatform
) -> None:
    await platform.runs.give([run("r1")])
    await subscribe(socket, "runs", RUNS)
    snapshot = await frame_of(socket, "snapshot")
    assert (snapshot["id"], snapshot["rows"][0]["key"]) == ("x", "r1")
    await platform.runs.give([run("r2", start=1)])
    update = await frame_of(socket, "update")
    assert [row["key"] for row in update["rows"]] == ["r2"]
    assert update["seq"] > snapshot["seq"]


async def test_two_sockets_share_one_upstream_which_ends_with_the_last(
    open_socket: Open, platform: FakePlatform
) -> None:
    registry.hub()._linger_s = 0
    platform.runs_there["r1"] = run("r1")
    await platform.actions.give([action("a0", below={"running": 1}), action("b", parent="a0")])
    sockets = [open_socket(), open_socket()]
    for each in sockets:
        await each.connect()
        await subscribe(each, "run", RUN)
        await frame_of(each, "snapshot")
    assert (platform.actions.opened, platform.actions.open) == (1, 1)
    await sockets[0].disconnect()
    assert platform.actions.open == 1
    await sockets[1].disconnect()
    await until(lambda: platform.actions.open == 0)
    assert registry.hub().open_keys == []


@pytest.mark.parametrize("text", ["nonsense", '{"type":"ack","seq":99}', '{"type":"subscribe"}'])
async def test_a_bad_message_is_answered_and_the_socket_lives_on(
    socket: WebsocketCommunicator, platform: FakePlatform, text: str
) -> None:
    await socket.send_to(text_data=text)
    assert (await frame_of(socket, "error"))["code"] == "invalid"
    await platform.runs.give([run("r1")])
    await subscribe(socket, "runs", RUNS)
    await frame_of(socket, "snapshot")


async def test_bytes_are_a_bad_message(socket: WebsocketCommunicator) -> None:
    await socket.send_to(bytes_data=b"{}")
    assert (await frame_of(socket, "error"))["code"] == "invalid"


async def test_a_page_that_keeps_sending_nonsense_is_closed(socket: WebsocketCommunicator) -> None:
    for _ in range(consumer.MAX_BAD_MESSAGES):
        await socket.send_to(text_data="nonsense")
    assert await close_code(socket) == consumer.NONSENSE


async def test_a_socket_whose_sender_broke_is_closed(
    socket: WebsocketCommunicator, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.live.outbox.framed", lambda *args: 1 / 0)
    await subscribe(socket, "runs", RUNS)
    assert await close_code(socket) == consumer.BROKEN


async def close_code(socket: WebsocketCommunicator) -> int:
    while True:
        message = await socket.receive_output(timeout=60)
        if message["type"] == "websocket.close":
            return int(message["code"])


async def test_an_unknown_run_is_an_error_of_that_subscription_alone(
    socket: WebsocketCommunicator, platform: FakePlatform
) -> None:
    await subscribe(socket, "run", {**RUN, "run": "nope"}, "lost")
    error = await frame_of(socket, "error")
    assert (error["id"], error["code"]) == ("lost", "not_found")
    assert "nope" in error["message"]


async def test_unsubscribing_leaves_the_hub(
    socket: WebsocketCommunicator, platform: FakePlatform
) -> None:
    registry.hub()._linger_s = 0
    await platform.runs.give([run("r1")])
    await subscribe(socket, "runs", RUNS)
    await frame_of(socket, "snapshot")
    await socket.send_json_to({"type": "unsubscribe", "id": "x"})
    await until(lambda: platform.runs.open == 0)


async def test_who_signs_out_elsewhere_loses_the_socket(
    open_socket: Open, browser: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "RECHECK_S", 0.01)
    socket = open_socket()
    await socket.connect()
    await browser.alogout()
    frame = await frame_of(socket, "error")
    assert frame["code"] == "signed_out"
    assert await close_code(socket) == consumer.SIGNED_OUT


async def test_who_is_deactivated_loses_the_socket(
    open_socket: Open, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "RECHECK_S", 0.01)
    socket = open_socket()
    await socket.connect()
    person.is_active = False
    await sync_to_async(person.save)()
    assert await close_code(socket) == consumer.SIGNED_OUT


async def test_no_task_outlives_a_socket(open_socket: Open, platform: FakePlatform) -> None:
    await platform.runs.give([run("r1")])
    before = asyncio.all_tasks()
    socket = open_socket()
    await socket.connect()
    await subscribe(socket, "runs", RUNS)
    await frame_of(socket, "snapshot")
    await socket.disconnect()
    await registry.close()
    await until(lambda: not asyncio.all_tasks() - before)


async def test_the_end_of_the_server_closes_every_upstream(
    socket: WebsocketCommunicator, platform: FakePlatform
) -> None:
    await platform.runs.give([run("r1")])
    await subscribe(socket, "runs", RUNS)
    await frame_of(socket, "snapshot")
    server = ApplicationCommunicator(application, {"type": "lifespan"})
    for step in ("startup", "shutdown"):
        await server.send_input({"type": f"lifespan.{step}"})
        assert (await server.receive_output(60))["type"] == f"lifespan.{step}.complete"
    assert platform.runs.open == 0


async def test_a_frame_is_compact_json_in_the_texts_own_characters(
    socket: WebsocketCommunicator, platform: FakePlatform
) -> None:
    await platform.runs.give([run("r1", label="größe")])
    await subscribe(socket, "runs", RUNS)
    while "größe" not in (text := await socket.receive_from(timeout=60)):
        pass
    assert json.loads(text)["type"] == "snapshot"

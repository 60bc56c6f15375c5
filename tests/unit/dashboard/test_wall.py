"""The wall: what it shows, and what a link to it lets through."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import AsyncClient

from dashboard.asgi import application
from dashboard.models import AuditEntry
from dashboard.wall import linking
from dashboard.wall.models import WallLink
from remote_client.errors import Unavailable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import (
    ORIGIN,
    browser_of,
    frame_of,
    person_with,
    socket_of,
    subscribe,
)
from tests.unit.dashboard.things import START, run

BASE = "/v2/domain/development/project/shop"
HERE = {"project": "shop", "domain": "development"}


async def linked(project: str = "shop", domain: str = "development") -> tuple[WallLink, str]:
    make = sync_to_async(linking.make)
    return await make("ana", project=project, domain=domain, label="hall")


def link_socket(token: str, **headers: str) -> WebsocketCommunicator:
    raw = [(key.encode(), value.encode()) for key, value in {**ORIGIN, **headers}.items()]
    offered = ["flightboard", f"token.{token}"]
    return WebsocketCommunicator(application, "/ws/wall", headers=raw, subprotocols=offered)


async def some_runs(platform: FakePlatform) -> None:
    now = (datetime.now(UTC) - START).total_seconds()
    await platform.runs.give(
        [
            run("r1", "failed", start=now - 120),
            run("r2", "running", start=now - 600),
            run("r3", "running", start=now - 60),
            run("r4", "queued", start=now - 30),
        ]
    )


async def test_a_wall_is_whole_as_served(browser: AsyncClient, platform: FakePlatform) -> None:
    await some_runs(platform)
    response = await browser.get(f"{BASE}/wall")
    figures = response.context["page"].figures
    assert (figures.running, figures.waiting) == (2, 1)
    assert [each.run for each in figures.longest_running] == ["r2", "r3"]
    assert [each.run for each in figures.failures] == ["r1"]
    assert [each.run for each in figures.longest_queued] == ["r4"]
    body = response.content.decode()
    assert "The run index is off." in body
    assert 'id="clock"' in body
    assert "as of" in body


async def test_a_link_shows_its_wall_and_tells_no_other_site(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    await some_runs(platform)
    _, token = await linked()
    response = await AsyncClient().get(f"/wall/link/{token}")
    assert response.status_code == 200
    assert response.headers["Referrer-Policy"] == "no-referrer"
    body = response.content.decode()
    assert token not in body
    assert "/v2/domain" not in body
    assert (await AsyncClient().get(f"{BASE}/wall")).status_code == 302


async def test_only_the_hash_of_a_token_is_kept(browser: AsyncClient) -> None:
    link, token = await linked()
    assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()
    found = await WallLink.objects.filter(pk=link.pk).values().aget()
    assert token not in str(found)


async def test_the_socket_of_a_link_takes_its_wall_alone(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    await some_runs(platform)
    _, token = await linked()
    socket = link_socket(token)
    assert (await socket.connect())[0]
    for topic, args in (
        ("wall", {"project": "", "domain": ""}),
        ("wall", {"project": "shop", "domain": ""}),
        ("wall", {"project": "other", "domain": "development"}),
        ("runs", HERE),
        ("run", {**HERE, "run": "r1"}),
        ("secrets", HERE),
        ("ends", HERE),
    ):
        await subscribe(socket, topic, args)
        assert (await frame_of(socket, "snapshot", "update", "error"))["code"] == "denied"
    await subscribe(socket, "wall", HERE)
    frame = await frame_of(socket, "snapshot", "error")
    assert "running now" in frame["parts"]["figures"]
    await socket.disconnect()


async def test_a_wrong_token_or_another_site_opens_nothing(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    _, token = await linked()
    foreign = link_socket(token, origin="http://evil.example")
    assert not (await foreign.connect())[0]
    wrong = link_socket("x" * 43)
    await wrong.connect()
    assert (await wrong.receive_output(timeout=10))["code"] == 4401


async def test_a_link_is_no_key_to_the_pages_socket(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    _, token = await linked()
    socket = link_socket(token)
    socket.scope["path"] = "/ws"
    assert not (await socket.connect())[0]


async def test_revoking_cuts_the_open_wall(browser: AsyncClient, platform: FakePlatform) -> None:
    await some_runs(platform)
    link, token = await linked()
    socket = link_socket(token)
    await socket.connect()
    await subscribe(socket, "wall", HERE)
    await frame_of(socket, "snapshot")
    response = await browser.post(f"/wall/links/{link.pk}/revoke")
    assert response.status_code == 302
    assert (await frame_of(socket, "error"))["message"] == "This link was revoked."
    assert (await socket.receive_output(timeout=10))["code"] == 4401
    assert (await AsyncClient().get(f"/wall/link/{token}")).status_code == 410
    details = [each.detail async for each in AuditEntry.objects.filter(action="wall.link")]
    assert details == ["revoked"]


async def test_who_may_not_see_the_project_may_not_revoke_its_link(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    link, _ = await linked()
    for grants, status in (((("admin", "other"),), 404), ((("viewer", "shop"),), 403)):
        other = await browser_of(await person_with(f"p{status}", *grants))
        assert (await other.post(f"/wall/links/{link.pk}/revoke")).status_code == status
    await link.arefresh_from_db()
    assert link.revoked_at is None


async def test_the_page_shows_a_new_link_once(browser: AsyncClient, platform: FakePlatform) -> None:
    made = await browser.post(f"{BASE}/wall/links", {"label": "<b>hall", "whole": "1"})
    url = made.context["page"].new_url
    assert "&lt;b&gt;hall" in made.content.decode()
    assert (await AsyncClient().get(url.removeprefix("http://testserver"))).status_code == 200
    again = (await browser.get(f"{BASE}/wall/links")).content.decode()
    assert url not in again
    assert "hall" in again
    link = await WallLink.objects.aget()
    assert (link.project, link.domain, link.made_by) == ("shop", "", "ana")
    assert link.last_used_at is not None
    assert (await browser.post(f"{BASE}/wall/links", {"label": " "})).status_code == 400


async def test_a_wall_of_all_takes_a_role_everywhere(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    assert (await browser.get("/wall")).status_code == 200
    here = await browser_of(await person_with("vera", ("viewer", "shop")))
    assert (await here.get("/wall")).status_code == 403
    assert (await here.get(f"{BASE}/wall")).status_code == 200
    assert (await here.get("/wall?project=shop")).status_code == 200


async def test_a_wall_says_since_when_its_platform_is_away(
    person: Any, browser: AsyncClient, platform: FakePlatform
) -> None:
    await some_runs(platform)
    socket = socket_of(browser)
    await socket.connect()
    await subscribe(socket, "wall", HERE)
    await frame_of(socket, "snapshot")
    platform.runs.tell("reconnecting", Unavailable("gone"))
    states = []
    while "reconnecting" not in states:
        states.append((await frame_of(socket, "state"))["state"])
    page = (await browser.get(f"{BASE}/wall")).content.decode()
    assert "stale since" in page
    assert "data-stale" in page
    await socket.disconnect()

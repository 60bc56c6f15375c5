"""Roles in use: what is not offered, what is taken away while a page is open, who gives what."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.test import AsyncClient

from dashboard.access import changes, groups, mapping
from dashboard.access.permissions import Role
from dashboard.models import AuditEntry, Grant, Person
from remote_client import Page
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import (
    bearer,
    browser_of,
    frame_of,
    person_with,
    socket_of,
    subscribe,
    token_of,
)
from tests.unit.dashboard.things import action, details, project, run

RUNS = "/v2/domain/development/project/shop/runs"
RUN = f"{RUNS}/r1"
HERE = {"project": "shop", "domain": "development"}


@pytest.fixture(autouse=True)
async def world(
    transactional_db: None,
    platform: FakePlatform,
    upstreams: None,
    monkeypatch: pytest.MonkeyPatch,
) -> FakePlatform:
    """A run that goes on, in one of two projects; changes of access are heard of at once."""
    monkeypatch.setattr(changes, "POLL_S", 0.01)
    platform.projects_there["bank"] = project("bank")
    platform.runs_there["r1"] = run("r1")
    await platform.runs.give([run("r1")])
    await platform.actions.give([action("a0", below={"running": 1}), action("b", parent="a0")])
    await platform.action_details.give(details("a0", "running", attempt_phases=("running",)))
    return platform


def text(response: Any) -> str:
    return str(response.content.decode())


# --- what is offered ----------------------------------------------------------------------------


async def test_an_abort_is_offered_to_operators_alone() -> None:
    viewer = await browser_of(await person_with("vi", ("viewer", "shop")))
    operator = await browser_of(await person_with("op", ("operator", "shop")))
    assert 'data-opens="abort"' in text(await operator.get(RUN))
    page = text(await viewer.get(RUN))
    assert 'data-opens="abort"' not in page
    assert "/abort" not in page


async def test_what_is_refused_says_which_role_it_takes_and_is_written_down() -> None:
    viewer = await browser_of(await person_with("vi", ("viewer", "shop")))
    response = await viewer.post(f"{RUN}/abort", {"reason": "x"})
    assert response.status_code == 403
    assert "role of operator in project" in text(response).replace("&#x27;", "'")
    entry = await AuditEntry.objects.aget(action="run.abort")
    assert (entry.person, entry.thing, entry.result) == ("vi", "shop/development/r1", "refused")


async def test_who_has_no_role_is_told_so(platform: FakePlatform) -> None:
    nobody = await browser_of(await person_with("no"))
    assert "You have no access yet" in text(await nobody.get("/v2/projects"))
    assert not platform.asked


async def test_the_menu_offers_what_the_role_allows() -> None:
    viewer = await browser_of(await person_with("vi", ("viewer", "shop")))
    admin = await browser_of(await person_with("ad", ("admin", "")))
    assert 'href="/people"' in text(await admin.get("/v2/projects"))
    page = text(await viewer.get("/v2/projects"))
    assert 'href="/people"' not in page
    assert 'href="/tokens"' in page


# --- two people with different projects ---------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [RUNS, RUN, f"{RUN}?i=a0&tab=logs", f"{RUN}/actions/a0/attempts/1/log.txt", f"{RUNS}/nope"],
)
async def test_a_hidden_project_is_answered_like_one_that_is_not_there(
    address: str, platform: FakePlatform
) -> None:
    bo = await browser_of(await person_with("bo", ("admin", "bank")))
    hidden = await bo.get(address)
    unknown = await bo.get(address.replace("/shop/", "/nada/"))
    assert hidden.status_code == unknown.status_code == 404
    strip = lambda page, name: text(page).split("<main")[1].replace(name, "")  # noqa: E731
    ids = [hidden.headers["X-Request-ID"], unknown.headers["X-Request-ID"]]
    assert strip(hidden, "shop").replace(ids[0], "") == strip(unknown, "nada").replace(ids[1], "")
    assert not platform.asked


async def test_two_people_on_one_hub_see_nothing_of_each_other(platform: FakePlatform) -> None:
    ana = await person_with("ana", ("operator", "shop"))
    bo = await person_with("bo", ("operator", "bank"))
    browsers = [await browser_of(person) for person in (ana, bo)]
    platform.pages[""] = Page([run("r1")], "")
    assert "Shop" in text(await browsers[0].get("/v2/projects"))
    assert "shop" not in text(await browsers[1].get("/v2/projects")).lower()
    assert "bank" not in text(await browsers[0].get("/v2/projects")).lower()
    sockets = [socket_of(browser) for browser in browsers]
    for socket in sockets:
        await socket.connect()
    await subscribe(sockets[0], "run", {**HERE, "run": "r1"})
    await frame_of(sockets[0], "snapshot")
    for topic, more in (
        ("runs", {}),
        ("run", {"run": "r1"}),
        ("action", {"run": "r1", "action": "a0"}),
        ("log", {"run": "r1", "action": "a0", "attempt": 1}),
    ):
        await subscribe(sockets[1], topic, {**HERE, **more})
        frame = await sockets[1].receive_json_from(timeout=60)
        assert (frame["type"], frame["code"]) == ("error", "not_found")
        answer = await AsyncClient().get(
            "/api/v1/runs/r1", {**HERE}, **bearer(await token_of(bo, "operator"))
        )
        assert answer.status_code == 404
    await platform.actions.give([action("secret-name", parent="a0")])
    await frame_of(sockets[0], "update")
    assert await sockets[1].receive_nothing(0.05)
    for socket in sockets:
        await socket.disconnect()


async def test_who_keeps_asking_for_hidden_things_loses_the_socket() -> None:
    socket = socket_of(await browser_of(await person_with("bo", ("viewer", "bank"))))
    await socket.connect()
    for _ in range(20):
        await subscribe(socket, "runs", HERE)
    while (message := await socket.receive_output(60))["type"] != "websocket.close":
        pass
    assert message["code"] == 4400


# --- in mid-session -----------------------------------------------------------------------------


async def test_who_loses_a_project_is_cut_off(platform: FakePlatform) -> None:
    person = await person_with("ana", ("viewer", "shop"), ("viewer", "bank"))
    socket = socket_of(await browser_of(person))
    await socket.connect()
    await subscribe(socket, "run", {**HERE, "run": "r1"})
    await frame_of(socket, "snapshot")
    await Grant.objects.filter(person=person, project="shop").aget()
    grant = await Grant.objects.aget(person=person, project="shop")
    await grant.adelete()
    frame = await frame_of(socket, "error")
    assert (frame["id"], frame["code"]) == ("run", "denied")
    await platform.actions.give([action("later", parent="a0")])
    assert await socket.receive_nothing(0.05)
    await socket.disconnect()


async def test_who_is_no_operator_any_more_is_told_what_is_left() -> None:
    person = await person_with("ana", ("operator", "shop"))
    socket = socket_of(await browser_of(person))
    await socket.connect()
    await subscribe(socket, "run", {**HERE, "run": "r1"})
    await frame_of(socket, "snapshot")
    grant = await Grant.objects.aget(person=person)
    grant.role = "viewer"
    await grant.asave()
    frame = await frame_of(socket, "may")
    assert frame["id"] == "run"
    assert "run.see" in frame["actions"]
    assert "run.abort" not in frame["actions"]
    await socket.disconnect()


async def test_who_is_deactivated_is_signed_out_everywhere() -> None:
    person = await person_with("ana", ("operator", "shop"))
    token = await token_of(person, "operator")
    browser = await browser_of(person)
    socket = socket_of(browser)
    await socket.connect()
    admin = await browser_of(await person_with("ad", ("admin", "")))
    await admin.post(f"/people/{person.pk}/active", {"active": "0"})
    assert (await frame_of(socket, "error"))["code"] == "signed_out"
    assert (await browser.get(RUNS)).status_code == 302
    assert (await AsyncClient().get("/api/v1/projects", **bearer(token))).status_code == 401
    await socket.disconnect()


# --- giving and taking --------------------------------------------------------------------------


async def test_an_admin_gives_and_takes_roles() -> None:
    admin = await browser_of(await person_with("ad", ("admin", "")))
    person = await person_with("vi")
    viewer = await browser_of(person)
    await admin.post(f"/people/{person.pk}/grants", {"role": "viewer", "project": "shop"})
    assert (await viewer.get(RUNS)).status_code == 200
    grant = await Grant.objects.aget(person=person)
    assert (grant.given_by, grant.origin) == ("ad", "hand")
    page = text(await admin.get("/people"))
    assert f"/people/{person.pk}/grants/{grant.pk}/take" in page
    await admin.post(f"/people/{person.pk}/grants/{grant.pk}/take")
    assert (await viewer.get(RUNS)).status_code == 404
    noted = [e.action async for e in AuditEntry.objects.filter(thing__startswith="vi: viewer")]
    assert noted == ["grant.give", "grant.take"]


@pytest.mark.parametrize("act", ["lower", "take", "close"])
async def test_the_last_admin_cannot_remove_themselves(act: str) -> None:
    person = await person_with("ad", ("admin", ""))
    admin = await browser_of(person)
    grant = await Grant.objects.aget(person=person)
    address, form = {
        "lower": ("grants", {"role": "viewer", "project": ""}),
        "take": (f"grants/{grant.pk}/take", {}),
        "close": ("active", {"active": "0"}),
    }[act]
    response = await admin.post(f"/people/{person.pk}/{address}", form, follow=True)
    assert "needs one admin" in text(response)
    assert (await AuditEntry.objects.order_by("-pk").afirst()).result == "refused"  # type: ignore[union-attr]
    await person_with("second", ("admin", ""))
    await admin.post(f"/people/{person.pk}/{address}", form)
    assert (await admin.get("/people")).status_code in (302, 403)


async def test_an_admin_of_one_project_manages_nobody() -> None:
    person = await person_with("pa", ("admin", "shop"))
    browser = await browser_of(person)
    response = await browser.post(f"/people/{person.pk}/grants", {"role": "admin"})
    assert response.status_code == 403
    assert await Grant.objects.acount() == 1


# --- settings -----------------------------------------------------------------------------------


def test_groups_are_mapped_by_the_setting() -> None:
    mapped = mapping.group_roles(
        "ROLE_GROUPS", "cn=ops,ou=x=operator@shop; ops=admin ;everyone=viewer;"
    )
    assert mapping.roles_of(["cn=ops,ou=x", "everyone"], mapped) == {
        "shop": Role.OPERATOR,
        "": Role.VIEWER,
    }


@pytest.mark.parametrize("given", ["ops", "ops=king", "=viewer", "ops=viewer;x"])
def test_a_mapping_that_makes_no_sense_stops_the_start(given: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="ROLE_GROUPS"):
        mapping.group_roles("ROLE_GROUPS", given)


async def test_groups_replace_what_groups_gave_and_leave_what_hands_gave(settings: Any) -> None:
    settings.ROLE_GROUPS = mapping.group_roles("X", "ops=operator@shop;bank=viewer@bank")
    person = await person_with("ana", ("viewer", "shop"))
    await sync_to_async(groups.apply)(person, ["ops", "bank", "other"])
    await sync_to_async(groups.apply)(person, ["bank"])
    left = {(g.project, g.role, g.origin) async for g in Grant.objects.filter(person=person)}
    assert left == {("shop", "viewer", "hand"), ("bank", "viewer", "group")}
    noted = [e.action async for e in AuditEntry.objects.filter(action__startswith="grant.")]
    assert noted == ["grant.give", "grant.give", "grant.take"]


async def test_a_default_role_is_everybodys(settings: Any) -> None:
    settings.DEFAULT_ROLE = "viewer"
    nobody = await browser_of(await person_with("no"))
    assert (await nobody.get(RUNS)).status_code == 200
    assert (await nobody.post(f"{RUN}/abort")).status_code == 403


async def test_the_account_of_the_shell_is_admin_everywhere() -> None:
    from django.core.management import call_command

    await sync_to_async(call_command)("local_account")
    local = await browser_of(await Person.objects.aget(username="local"))
    assert (await local.get("/people")).status_code == 200

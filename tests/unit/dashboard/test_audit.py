"""The audit log: what goes in, that nothing goes out, and how admins search it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dashboard.access import audit
from dashboard.access.models import AppendOnly
from dashboard.models import AuditEntry, Person
from remote_client.errors import Unavailable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import run

ABORT = "/v2/domain/development/project/shop/runs/r1/abort"


async def write(**fields: Any) -> None:
    await sync_to_async(audit.write)(**{"person": "ana", "action": "x", **fields})


async def noted(action: str) -> AuditEntry:
    return await AuditEntry.objects.aget(action=action)


async def test_a_change_is_written_with_who_what_where_and_how_it_went(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.runs_there["r1"] = run("r1")
    response = await browser.post(ABORT, {"reason": "too slow"})
    entry = await noted("run.abort")
    assert (entry.person, entry.thing, entry.result) == ("ana", "shop/development/r1", "done")
    assert entry.detail == "reason: too slow"
    assert entry.address == "127.0.0.1"
    assert entry.request_id == response.headers["X-Request-ID"]


async def test_what_the_platform_refuses_is_written_as_failed(
    browser: AsyncClient, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.runs_there["r1"] = run("r1")

    async def fail(*args: Any) -> None:
        raise Unavailable("gone")

    monkeypatch.setattr(platform, "abort", fail)
    assert (await browser.post(ABORT)).status_code == 503
    assert (await noted("run.abort")).result == "failed"


async def test_signing_in_and_out_and_failing_to_are_written(person: Person) -> None:
    stranger = AsyncClient()
    for form in (
        {"username": "ana", "password": "wrong"},
        {"username": "hunter2 my password", "password": "x"},
        {"username": "ana", "password": "a long password"},
    ):
        await stranger.post("/sign-in", form)
    await stranger.post("/sign-out")
    entries = [
        (entry.action, entry.person, entry.result)
        async for entry in AuditEntry.objects.order_by("pk")
    ]
    assert entries == [
        ("person.make", "", "done"),
        ("sign-in", "ana", "refused"),
        ("sign-in", "", "refused"),
        ("sign-in", "ana", "done"),
        ("sign-out", "ana", "done"),
    ]
    everything = [str(vars(entry)) async for entry in AuditEntry.objects.all()]
    assert "hunter2" not in "".join(everything)
    assert "a long password" not in "".join(everything)


@pytest.mark.django_db(transaction=True)
def test_entries_are_neither_changed_nor_deleted() -> None:
    audit.write(person="ana", action="x")
    entry = AuditEntry.objects.get()
    entry.person = "bo"
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly):
        entry.delete()
    with pytest.raises(AppendOnly):
        AuditEntry.objects.update(person="bo")
    with pytest.raises(AppendOnly):
        AuditEntry.objects.filter(person="ana").delete()
    with pytest.raises(AppendOnly):
        AuditEntry.objects.bulk_update([entry], ["person"])
    assert AuditEntry.objects.get().person == "ana"


@pytest.mark.django_db
def test_long_and_strange_texts_are_made_fit() -> None:
    audit.write(person="a" * 999, action="x", thing="b\x00\x1b[31m\n" * 999)
    entry = AuditEntry.objects.get()
    assert len(entry.person) == 150
    assert len(entry.thing) == 500
    assert entry.thing.isprintable()


async def test_admins_search_by_person_action_thing_and_time(browser: AsyncClient) -> None:
    await write(person="bo", action="run.abort", thing="shop/development/r7")
    await write(person="bo", action="grant.give", thing="vi: viewer in shop")
    at = datetime(2026, 1, 2, 3, tzinfo=UTC)
    await AuditEntry.objects.acreate(at=at, person="cy", action="old", result="done")

    async def found(**asked: str) -> list[str]:
        page = (await browser.get("/audit", asked)).context["page"]
        usual = ("sign-in", "person.make")
        return [entry.action for entry in page.entries if entry.action not in usual]

    assert await found(person="bo") == ["grant.give", "run.abort"]
    assert await found(action="run.abort") == ["run.abort"]
    assert await found(thing="SHOP") == ["grant.give", "run.abort"]
    assert await found(until="2026-01-02T03:00") == ["old"]
    assert await found(since="2026-01-02T03:01", person="cy") == []
    assert (await browser.get("/audit", {"since": "yesterday"})).status_code == 400


async def test_it_comes_in_pages_of_a_hundred(browser: AsyncClient) -> None:
    await AuditEntry.objects.abulk_create(
        AuditEntry(person="bo", action=f"n{number}", result="done") for number in range(150)
    )
    first = (await browser.get("/audit", {"person": "bo"})).context["page"]
    assert [first.entries[0].action, first.entries[-1].action] == ["n149", "n50"]
    last = (await browser.get(first.older_url)).context["page"]
    assert [last.entries[0].action, last.entries[-1].action] == ["n49", "n0"]
    assert (last.older_url, bool(last.newest_url)) == ("", True)


async def test_it_is_exported_as_json_lines(browser: AsyncClient) -> None:
    await write(person="bo", thing="größe")
    response = await browser.get("/audit.jsonl", {"person": "bo"})
    assert response.streaming
    body = b"".join([chunk async for chunk in response.streaming_content])
    entries = [json.loads(line) for line in body.decode().splitlines()]
    assert [(entry["person"], entry["thing"]) for entry in entries] == [("bo", "größe")]
    assert set(entries[0]) >= {"at", "action", "result", "address", "request_id"}
    assert await noted("audit.export")


@pytest.mark.parametrize(
    ("https", "forwarded", "address"),
    [
        (False, "203.0.113.9", "127.0.0.1"),
        (True, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (True, "nonsense", "127.0.0.1"),
    ],
)
async def test_the_address_is_the_one_that_the_own_proxy_saw(
    person: Person, settings: Any, https: bool, forwarded: str, address: str
) -> None:
    settings.FLIGHTBOARD_HTTPS = https
    form = {"username": "ana", "password": "wrong"}
    await AsyncClient().post("/sign-in", form, headers={"x-forwarded-for": forwarded})
    assert (await noted("sign-in")).address == address

"""The search: what the reader may see, each kind by itself, as a page, as JSON and by the API."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.test import AsyncClient

from dashboard.search import finding
from remote_client import Page
from remote_client.errors import Unavailable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import bearer, browser_of, person_with, token_of
from tests.unit.dashboard.things import run

HERE = "project=shop&domain=development"


@pytest.fixture
def stocked(platform: FakePlatform) -> FakePlatform:
    platform.pages[""] = Page([run("r1", "failed", label="etl.nightly")], "")
    platform.names["tasks"] = ["etl.nightly", "train.main"]
    platform.names["triggers"] = [("etl.nightly", "at-two")]
    platform.names["secrets"] = ["etl-password"]
    return platform


async def groups(browser: AsyncClient, query: str) -> dict[str, list[dict[str, Any]]]:
    answer = (await browser.get(f"/search.json?{query}")).json()
    return {group["key"]: group["items"] for group in answer["groups"]}


async def test_every_kind_is_found_with_its_address(
    browser: AsyncClient, stocked: FakePlatform
) -> None:
    found = await groups(browser, f"q=etl&{HERE}")
    base = "/v2/domain/development/project/shop"
    assert [item["url"] for item in found["tasks"]] == [f"{base}/tasks/etl.nightly"]
    assert [item["url"] for item in found["triggers"]] == [f"{base}/triggers/etl.nightly/at-two"]
    assert [item["label"] for item in found["secrets"]] == ["etl-password"]


async def test_projects_are_found_in_each_domain(
    browser: AsyncClient, stocked: FakePlatform
) -> None:
    found = await groups(browser, "q=shop&kind=projects")
    assert set(found) == {"projects"}
    assert [item["label"] for item in found["projects"]] == [
        "shop / development",
        "shop / production",
    ]


async def test_who_may_not_list_secrets_is_told_none(
    stocked: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    viewer = await browser_of(await person_with("ben", ("viewer", "shop")))
    assert "secrets" not in await groups(viewer, f"q=etl&{HERE}")
    assert "secrets" not in {kind for kind, _ in stocked.names_asked}


async def test_a_project_that_one_may_not_see_is_neither_found_nor_asked(
    stocked: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    stranger = await browser_of(await person_with("ben", ("admin", "other")))
    found = await groups(stranger, f"q=etl&{HERE}")
    assert not any(found.values())
    assert not stocked.names_asked


async def test_a_kind_that_fails_keeps_no_other_back(
    browser: AsyncClient, stocked: FakePlatform
) -> None:
    stocked.names["tasks"] = Unavailable("No way there.")
    answer = (await browser.get(f"/search.json?q=etl&{HERE}")).json()
    notes = {group["key"]: group["note"] for group in answer["groups"]}
    assert notes["tasks"] == "No way there."
    assert (await groups(browser, f"q=etl&{HERE}"))["triggers"]


async def test_a_kind_that_hangs_is_left_out_in_time(
    browser: AsyncClient, stocked: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*args: object) -> list[str]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(stocked, "task_names", never)
    monkeypatch.setattr(finding, "PATIENCE_S", 0.05)
    page = (await browser.get(f"/search?q=etl&{HERE}")).content.decode()
    assert "takes too long" in page
    assert "at-two" in page


async def test_the_page_escapes_what_was_typed(browser: AsyncClient, stocked: FakePlatform) -> None:
    page = (await browser.get("/search", {"q": "<script>alert(1)</script>"})).content.decode()
    assert "<script>alert" not in page
    assert "Nothing matches" in page


@pytest.mark.parametrize("text", ['"', "phase:", "owner:", "(", "label:=", "\\", "x" * 5000])
async def test_no_text_breaks_it(browser: AsyncClient, stocked: FakePlatform, text: str) -> None:
    assert (await browser.get("/search", {"q": text})).status_code == 200


async def test_the_api_finds_the_same(
    stocked: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    token = await token_of(await person_with("ben", ("viewer", "shop")))
    answer = await AsyncClient().get(f"/api/v1/search?q=etl&{HERE}", **bearer(token))
    found = {group["key"] for group in answer.json()["groups"] if group["items"]}
    assert {"tasks", "triggers"} <= found
    refused = await AsyncClient().get(
        "/api/v1/search?q=etl&project=hidden&domain=development", **bearer(token)
    )
    assert refused.status_code == 404

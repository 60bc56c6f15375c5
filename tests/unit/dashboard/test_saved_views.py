"""Saved views: kept, used, shared, changed, deleted and restored."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dashboard.access.rights import read_rights
from dashboard.models import Person
from dashboard.pages import Scope
from dashboard.saved_views import keeping
from dashboard.saved_views.keeping import Content
from dashboard.saved_views.models import SavedView
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import bearer, browser_of, person_with, token_of
from tests.unit.dashboard.things import run

HERE = "/v2/domain/development/project/shop"
RUNS, VIEWS = f"{HERE}/runs", f"{HERE}/views"
WHERE = "project=shop&domain=development"
MINE = {"name": "Failed ones", "q": "phase:failed", "sort": "-duration", "columns": "phase,owner"}


@pytest.fixture
async def bo(person: Person, platform: FakePlatform) -> AsyncClient:
    """The browser of an operator of the same project."""
    return await browser_of(await person_with("bo", ("operator", "shop")))


async def saved(browser: AsyncClient, **more: Any) -> SavedView:
    await browser.post(VIEWS, {**MINE, **more})
    return await SavedView.objects.alatest("id")


async def names(browser: AsyncClient) -> list[str]:
    page = (await browser.get(RUNS, {"q": ""})).context["page"]
    return [view.name for view in page.menu.views]


async def test_a_view_opens_the_list_as_it_was_saved(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.runs_there = {"r1": run("r1", "failed"), "r2": run("r2", "succeeded")}
    answer = await browser.post(VIEWS, MINE)
    page = (await browser.get(answer.headers["Location"])).context["page"]
    assert (page.query, page.sort) == ("phase:failed", "-duration")
    assert page.list.columns == "phase what owner"
    assert [row.name for row in page.list.rows] == ["r1"]
    assert page.menu.current.name == "Failed ones"
    assert not page.menu.is_changed


async def test_what_differs_from_the_view_can_be_kept_in_it(browser: AsyncClient) -> None:
    view = await saved(browser)
    page = (await browser.get(RUNS, {"view": view.pk, "q": "phase:aborted"})).context["page"]
    assert page.menu.is_changed
    await browser.post(f"{VIEWS}/{view.pk}", {"q": "phase:aborted", "sort": "", "columns": ""})
    page = (await browser.get(RUNS, {"view": view.pk})).context["page"]
    assert page.query == "phase:aborted"
    assert not page.menu.is_changed


async def test_names_are_needed_once_and_short(browser: AsyncClient) -> None:
    await saved(browser)
    again = await browser.post(VIEWS, MINE)
    assert again.status_code == 400
    assert "already" in again.content.decode()
    assert (await browser.post(VIEWS, {**MINE, "name": "  "})).status_code == 400
    assert (await browser.post(VIEWS, {**MINE, "name": "x" * 81})).status_code == 400
    assert await SavedView.objects.acount() == 1


async def test_ones_own_views_are_nobody_elses(browser: AsyncClient, bo: AsyncClient) -> None:
    view = await saved(browser)
    assert await names(browser) == ["Failed ones"]
    assert await names(bo) == []
    assert (await bo.get(RUNS, {"view": view.pk})).status_code == 404
    assert (await bo.post(f"{VIEWS}/{view.pk}/delete")).status_code == 404


async def test_shared_views_are_for_all_who_see_the_project(
    browser: AsyncClient, bo: AsyncClient
) -> None:
    view = await saved(browser, shared="on")
    stranger = await browser_of(await person_with("eve", ("viewer", "other")))
    assert await names(bo) == ["Failed ones"]
    assert (await stranger.get(RUNS, {"view": view.pk})).status_code == 404
    viewer = await browser_of(await person_with("vera", ("viewer", "shop")))
    assert await names(viewer) == ["Failed ones"]
    assert (await viewer.post(f"{VIEWS}/{view.pk}/delete")).status_code == 403
    assert (await viewer.post(VIEWS, {**MINE, "shared": "on"})).status_code == 403
    assert (await bo.post(f"{VIEWS}/{view.pk}", {"name": "Ours"})).status_code == 302
    assert await names(browser) == ["Ours"]


async def test_sharing_everywhere_takes_the_role_everywhere(
    browser: AsyncClient, bo: AsyncClient
) -> None:
    everywhere = {**MINE, "shared": "on", "everywhere": "on"}
    assert (await bo.post(VIEWS, everywhere)).status_code == 403
    assert (await browser.post(VIEWS, everywhere)).status_code == 302
    elsewhere = f"{HERE.replace('development', 'production')}/runs"
    page = (await bo.get(elsewhere, {"q": ""})).context["page"]
    assert [view.name for view in page.menu.views] == ["Failed ones"]


async def test_a_deletion_can_be_undone(browser: AsyncClient) -> None:
    view = await saved(browser)
    answer = await browser.post(f"{VIEWS}/{view.pk}/delete")
    body = (await browser.get(answer.headers["Location"])).content.decode()
    assert "is deleted." in body
    assert await names(browser) == []
    await browser.post(f"{VIEWS}/{view.pk}/restore")
    assert await names(browser) == ["Failed ones"]


async def test_a_list_opens_with_the_view_of_ones_choice(browser: AsyncClient) -> None:
    view = await saved(browser)
    await browser.post(f"{VIEWS}/{view.pk}/opening", {"on": "1"})
    opened = await browser.get(RUNS)
    assert opened.headers["Location"] == f"{RUNS}?view={view.pk}"
    assert (await browser.get(RUNS, {"q": ""})).status_code == 200
    await browser.post(f"{VIEWS}/{view.pk}/opening")
    assert (await browser.get(RUNS)).status_code == 200


async def test_a_deleted_view_opens_nothing(browser: AsyncClient) -> None:
    view = await saved(browser)
    await browser.post(f"{VIEWS}/{view.pk}/opening", {"on": "1"})
    await browser.post(f"{VIEWS}/{view.pk}/delete")
    assert (await browser.get(RUNS)).status_code == 200
    assert (await browser.get(RUNS, {"view": view.pk})).status_code == 404


async def test_a_view_of_a_project_goes_with_the_role_there(person: Person) -> None:
    scope = Scope(project="shop", domain="development")
    bo = await person_with("bo", ("operator", "shop"))
    create = sync_to_async(keeping.create)
    await create(person, scope, "Ours", Content("phase:failed"), is_shared=True)
    await create(person, None, "All", Content(), is_shared=True)
    rights = await sync_to_async(read_rights)(bo)
    seen = await sync_to_async(keeping.visible)(bo, rights)
    assert [view.name for view in seen] == ["All", "Ours"]
    await bo.grants.all().adelete()
    seen = await sync_to_async(keeping.visible)(bo, await sync_to_async(read_rights)(bo))
    assert [view.name for view in seen] == ["All"]


async def test_the_api_keeps_views(
    browser: AsyncClient, person: Person, platform: FakePlatform
) -> None:
    options = {"content_type": "application/json", **bearer(await token_of(person, "admin"))}
    client = AsyncClient()
    body = {"name": "Slow", "query": "longer:1h", "is_shared": True}
    made = (await client.post(f"/api/v1/views?{WHERE}", body, **options)).json()
    assert (made["query"], made["project"], made["is_shared"]) == ("longer:1h", "shop", True)
    at = f"/api/v1/views/{made['id']}"
    assert (await client.patch(at, {"name": "Slower"}, **options)).json()["query"] == "longer:1h"
    listed = (await client.get(f"/api/v1/views?{WHERE}", **options)).json()["items"]
    assert [view["name"] for view in listed] == ["Slower"]
    assert (await client.delete(at, **options)).status_code == 204
    assert (await client.patch(at, {"name": "x"}, **options)).status_code == 404
    assert (await client.post(f"{at}/restore", **options)).json()["name"] == "Slower"
    assert (
        await client.post(f"/api/v1/views?{WHERE}", {"name": " "}, **options)
    ).status_code == 422

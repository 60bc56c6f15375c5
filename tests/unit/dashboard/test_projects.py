"""Projects: the list, one project, creating, changing, archiving and restoring."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dashboard.models import AuditEntry
from dashboard.projects.changing import slug
from remote_client import Page
from tests.unit.dashboard import things
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import bearer, browser_of, person_with, token_of

LIST, NEW, SHOP = "/v2/projects", "/v2/new-project", "/v2/projects/shop"


async def page(browser: AsyncClient, address: str = LIST, status: int = 200) -> str:
    response = await browser.get(address)
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


async def entries() -> list[tuple[str, str, str, str]]:
    fields = ("action", "thing", "result", "detail")
    found = AuditEntry.objects.filter(action__startswith="project").order_by("pk")
    return await sync_to_async(list)(found.values_list(*fields))


async def test_the_list_is_searched_by_name_id_and_label(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.projects_there["lab"] = things.project("lab")
    await platform.update_project("lab", labels={"team": "ml"}, description="for trials")
    html = await page(browser)
    assert SHOP in html
    assert "team=ml" in html
    for search in ("lab", "team=ml", "trials"):
        html = await page(browser, f"{LIST}?q={search}")
        assert "/v2/projects/lab" in html
        assert SHOP not in html
    assert "None of the 2 projects" in await page(browser, f"{LIST}?q=nothing")


async def test_a_project_is_created_with_an_id_of_its_name(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    form = {"name": "Machine Learning!", "description": "d", "labels": "team=ml\n"}
    response = await browser.post(NEW, form)
    assert response["Location"] == "/v2/projects/machine-learning"
    made = platform.projects_there["machine-learning"]
    assert (made.name, made.labels) == ("Machine Learning!", {"team": "ml"})
    assert await entries() == [("project.create", "machine-learning", "done", "")]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": ""}, "1 to 64 characters"),
        ({"name": "x", "id": "Not An Id"}, "small letters"),
        ({"name": "x", "id": "-x"}, "no hyphen at the ends"),
        ({"name": "Shop"}, "already"),
        ({"name": "x", "description": "d" * 301}, "At most 300"),
        ({"name": "x", "labels": "no sign"}, "name=value"),
        ({"name": "???"}, "An id has"),
    ],
)
async def test_what_is_wrong_is_told(
    browser: AsyncClient, platform: FakePlatform, form: dict[str, str], words: str
) -> None:
    response = await browser.post(NEW, form)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert list(platform.projects_there) == ["shop"]


def test_slugs() -> None:
    assert slug("  Grüße & more ") == "gr-e-more"
    assert slug("a" * 62 + " b") == "a" * 62
    assert slug("!") == ""


async def test_it_is_changed(browser: AsyncClient, platform: FakePlatform) -> None:
    assert 'value="Shop"' in await page(browser, f"{SHOP}/edit")
    form = {"name": "The shop", "description": "of things", "labels": "a=b"}
    await browser.post(f"{SHOP}/edit", form)
    shop = platform.projects_there["shop"]
    assert (shop.name, shop.description, shop.labels) == ("The shop", "of things", {"a": "b"})


async def test_it_is_archived_by_typing_its_id_and_restored(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    response = await browser.post(f"{SHOP}/archive", {"id": "shp"})
    assert response.status_code == 422
    assert platform.projects_there["shop"].state == "active"
    await browser.post(f"{SHOP}/archive", {"id": "shop"})
    assert platform.projects_there["shop"].state == "archived"
    assert SHOP not in await page(browser)
    assert SHOP in await page(browser, f"{LIST}?archived=1")
    assert "Restore" in await page(browser, SHOP)
    await browser.post(f"{SHOP}/restore")
    assert SHOP in await page(browser)
    assert [detail for _, _, _, detail in await entries()] == ["archived", "restored"]


async def test_its_page_tells_domains_runs_and_who_has_a_role(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    await person_with("otto", ("operator", "shop"))
    await person_with("elsa", ("viewer", "elsewhere"))
    platform.pages[""] = Page([things.run("r7", "failed")], "")
    html = await page(browser, SHOP)
    for words in ("runs/r7", "<strong>otto</strong> operator here", "production/project/shop/runs"):
        assert words in html
    assert "elsa" not in html


async def test_a_project_that_is_not_there_or_not_for_me_is_the_same(
    platform: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    stranger = await browser_of(await person_with("elsa", ("admin", "elsewhere")))
    for project in ("shop", "none"):
        for address in ("", "/edit"):
            html = await page(stranger, f"{LIST}/{project}{address}", 404)
            assert f"no project &#x27;{project}&#x27;" in html
    await page(stranger, NEW, 403)


async def test_an_admin_of_the_project_changes_it_and_creates_none(
    platform: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    browser = await browser_of(await person_with("pat", ("admin", "shop")))
    assert "Archive this project" in await page(browser, SHOP)
    assert "New project" not in await page(browser)
    viewer = await browser_of(await person_with("vi", ("viewer", "shop")))
    html = await page(viewer, SHOP)
    for control in ("Archive this project", ">Edit<", "/secrets"):
        assert control not in html


async def test_the_api_creates_changes_and_archives(
    platform: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    token = await token_of(await person_with("api", ("admin", "")), "admin")
    client = AsyncClient()
    options: dict[str, Any] = {"content_type": "application/json", **bearer(token)}
    answer = await client.post("/api/v1/projects/lab", {"name": "Lab"}, **options)
    assert (answer.status_code, answer.json()["id"]) == (201, "lab")
    again = await client.post("/api/v1/projects/lab", {}, **options)
    assert again.status_code == 409
    answer = await client.patch(
        "/api/v1/projects/lab", {"description": "new", "is_archived": True}, **options
    )
    lab = answer.json()
    assert (lab["name"], lab["description"], lab["state"]) == ("Lab", "new", "archived")
    answer = await client.get("/api/v1/projects/lab", **bearer(token))
    assert answer.json()["state"] == "archived"

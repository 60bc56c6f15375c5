"""Apps: listed, shown, started, stopped, deleted; and a platform that serves none."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dashboard.models import AuditEntry
from tests.unit.dashboard.fake_cluster_settings import app
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import bearer, browser_of, person_with, token_of

LIST = "/v2/domain/development/project/shop/apps"


async def page(browser: AsyncClient, address: str = LIST, status: int = 200) -> str:
    response = await browser.get(address)
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


async def test_a_platform_without_apps_says_so(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.apps_there = None
    html = await page(browser)
    assert "This platform serves no apps" in html
    assert "flyte serve" in html
    await page(browser, f"{LIST}/chat", 404)


async def test_the_list_is_searched_and_filtered(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    assert "No apps yet" in await page(browser)
    platform.apps_there = {
        "chat": app("chat"),
        "board": app("board", status=4, kind="Streamlit", message="asked to"),
    }
    html = await page(browser)
    for words in ("Active", "Stopped", "1 of 3", "https://chat.example.com", "asked to"):
        assert words in html
    assert 'data-key="board"' not in await page(browser, f"{LIST}?q=fast")
    assert 'data-key="chat"' not in await page(browser, f"{LIST}?status=stopped")


async def test_its_page_tells_what_became_of_it(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    links = (("Docs", "https://docs.example.com"), ("Bad", "javascript:alert(1)"))
    platform.apps_there = {"chat": app("chat", links=links, endpoint="javascript:alert(2)")}
    html = await page(browser, f"{LIST}/chat")
    assert "running" in html
    assert "https://docs.example.com" in html
    assert 'href="javascript' not in html
    assert "FastAPI" in await page(browser, f"{LIST}/chat?tab=spec")
    assert "desiredState" in await page(browser, f"{LIST}/chat?tab=json")


async def test_it_is_stopped_started_and_deleted(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.apps_there = {"chat": app("chat")}
    await browser.post(f"{LIST}/chat/switch", {"active": "0"})
    assert platform.apps_there["chat"].desired_state == "stopped"
    assert ">Start<" in await page(browser, f"{LIST}/chat")
    await browser.post(f"{LIST}/chat/switch", {"active": "1"})
    assert "answers nobody any more" in await page(browser, f"{LIST}/chat/delete")
    await browser.post(f"{LIST}/chat/delete")
    assert platform.apps_there == {}
    entries = AuditEntry.objects.filter(action__startswith="app.").order_by("pk")
    written = entries.values_list("action", "thing", "detail")
    assert await sync_to_async(list)(written) == [
        ("app.switch", "shop/development/chat", "stop"),
        ("app.switch", "shop/development/chat", "start"),
        ("app.delete", "shop/development/chat", ""),
    ]


async def test_a_viewer_sees_no_control(
    platform: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    platform.apps_there = {"chat": app("chat")}
    viewer = await browser_of(await person_with("vi", ("viewer", "shop")))
    html = await page(viewer, f"{LIST}/chat")
    assert ">Stop<" not in html
    assert "Delete…" not in html


async def test_the_api_answers_501_where_there_are_none(
    platform: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    token = await token_of(await person_with("api", ("admin", "")), "admin")
    address = "/api/v1/apps?project=shop&domain=development"
    platform.apps_there = {"chat": app("chat")}
    answer = await AsyncClient().get(address, **bearer(token))
    assert [item["name"] for item in answer.json()["items"]] == ["chat"]
    platform.apps_there = None
    assert (await AsyncClient().get(address, **bearer(token))).status_code == 501

"""What is not there is said plainly, with the right status and a way on."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Watchdog
from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE

MISSING = [
    (f"{SCOPE}/runs/nosuchrun", "nosuchrun"),
    ("/v2/domain/development/project/nosuchproject/runs", "nosuchproject"),
    ("/v2/domain/nosuchdomain/project/flytesnacks/runs", "nosuchdomain"),
    ("/no/such/page", ""),
]


@pytest.mark.parametrize(("path", "named"), MISSING)
async def test_a_missing_thing_is_a_page_that_says_so(
    context: BrowserContext, dashboard: DashboardProcess, path: str, named: str
) -> None:
    watchdog: Watchdog = context.watchdog  # type: ignore[attr-defined]
    watchdog.expected = lambda text: "404" in text
    page = await context.new_page()
    answer = await page.goto(f"{dashboard.url}{path}")
    assert answer is not None
    assert answer.status == 404
    body = page.locator("main")
    await expect(body).to_contain_text(named)
    await expect(body.get_by_role("link").first).to_be_visible()
    assert "Traceback" not in await page.content()


async def test_a_page_without_a_sign_in_asks_for_it_and_comes_back(
    new_context: object, dashboard: DashboardProcess
) -> None:
    context: BrowserContext = await new_context(signed_in=False)  # type: ignore[operator]
    page: Page = await context.new_page()
    answer = await page.goto(f"{dashboard.url}{SCOPE}/runs")
    assert answer is not None
    assert answer.status == 200
    assert "/sign-in" in page.url
    assert "next=" in page.url
    await expect(page.get_by_label("User name")).to_be_visible()


async def test_a_one_time_link_signs_in_once_only(
    new_context: object, dashboard: DashboardProcess
) -> None:
    link = dashboard.sign_in_link()
    for is_first in (True, False):
        context: BrowserContext = await new_context(signed_in=False)  # type: ignore[operator]
        context.watchdog.expected = lambda text: "410" in text  # type: ignore[attr-defined]
        page = await context.new_page()
        await page.goto(link)
        assert (await page.get_by_text("Signed in as").count() == 1) is is_first

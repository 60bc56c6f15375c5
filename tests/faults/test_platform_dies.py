"""The platform is killed under an open page: the page says so, comes back, and is true again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, expect_live, has_reloaded, mark, open_run
from tests.contract.platform_process import PlatformProcess
from tests.flyte_command import FlyteCommand

# The issue's own figure: a page says within ten seconds that it lost the platform.
LOST_WITHIN = 10_000
BACK_WITHIN = 60_000


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    """A platform of this module's own, to be killed."""
    process = PlatformProcess(tmp_path_factory.mktemp("mortal-platform"))
    process.start()
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture(scope="module")
def dashboard(
    platform: PlatformProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DashboardProcess]:
    """A dashboard on the platform that will be killed."""
    process = DashboardProcess(tmp_path_factory.mktemp("dashboard"), platform.endpoint)
    process.start()
    try:
        yield process
    finally:
        process.stop()


async def _what_it_shows(page: Page) -> list[str]:
    """Phase and name of each row of the tree, and the run's own phase."""
    await page.locator("[data-tree]").wait_for()
    return await page.evaluate(
        """() => [document.querySelector(".run-phase .phase").textContent.trim(),
            ...Array.from(document.querySelectorAll(".tree-item"), (item) =>
                item.dataset.key + " " + item.querySelector(".tree-row").dataset.phase)]"""
    )


async def test_an_open_page_tells_of_the_loss_and_recovers_by_itself(
    page: Page, platform: PlatformProcess, dashboard: DashboardProcess, flyte_cli: FlyteCommand
) -> None:
    run = await asyncio.to_thread(flyte_cli.run, "fanout", "--step_s", "0.3")
    await open_run(page, dashboard, run.name)
    await expect_live(page)
    await expect(page.locator(".tree-row[data-phase=succeeded]").first).to_be_visible(
        timeout=BACK_WITHIN
    )
    await mark(page)
    platform.kill()
    await expect(page.locator("#live")).not_to_have_attribute(
        "data-state", "live", timeout=LOST_WITHIN
    )
    await asyncio.to_thread(platform.start)
    await expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=BACK_WITHIN)
    await expect(page.locator(".run-phase .phase-succeeded").first).to_be_visible(
        timeout=BACK_WITHIN
    )
    await expect(page.locator(".tree-row[data-phase=succeeded].kind-action")).to_have_count(
        22, timeout=BACK_WITHIN
    )
    assert not await has_reloaded(page)
    shown = await _what_it_shows(page)
    await page.reload()
    assert await _what_it_shows(page) == shown


async def test_a_page_opened_while_the_platform_is_down_says_so_and_comes_back(
    new_context: Callable[..., object], platform: PlatformProcess, dashboard: DashboardProcess
) -> None:
    context: BrowserContext = await new_context()  # type: ignore[misc,assignment]
    context.watchdog.expected = lambda text: "503" in text  # type: ignore[attr-defined]
    page = await context.new_page()
    platform.kill()
    answer = await page.goto(f"{dashboard.url}{SCOPE}/runs")
    assert answer is not None
    assert answer.status == 503
    assert answer.headers["retry-after"].isdigit()
    await expect(page.locator("main")).to_contain_text("not reachable")
    await asyncio.to_thread(platform.start)
    await expect(page.locator("[data-rows]")).to_be_visible(timeout=BACK_WITHIN)

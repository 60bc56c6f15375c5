"""Every page, light and dark, wide and narrow: nothing is cut, no phase is told by colour alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.conftest import NARROW, WIDE
from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, is_wider_than_the_window


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_no_page_scrolls_sideways_and_phases_carry_word_and_icon(
    new_context: Callable[..., Any],
    dashboard: DashboardProcess,
    demo_runs: dict[str, str],
    scheme: str,
    viewport: dict[str, int],
) -> None:
    context: BrowserContext = await new_context(viewport=viewport, color_scheme=scheme)
    page = await context.new_page()
    run_url = f"{SCOPE}/runs/{demo_runs['broken']}"
    for path in ("/v2/projects", f"{SCOPE}/runs", run_url, f"{run_url}?i=a0&tab=logs"):
        await page.goto(f"{dashboard.url}{path}")
        await expect(page.locator("main h1").first).to_be_visible()
        assert not await is_wider_than_the_window(page), path
    await page.goto(f"{dashboard.url}{run_url}")
    phase = page.locator(".run-phase .phase").first
    await expect(phase.locator("svg")).to_be_visible()
    await expect(phase.locator(".phase-word")).to_be_visible()


async def test_dark_and_light_differ_and_the_choice_is_kept(
    new_context: Callable[..., Any], dashboard: DashboardProcess
) -> None:
    context: BrowserContext = await new_context(color_scheme="light")
    page = await context.new_page()
    await page.goto(f"{dashboard.url}/v2/projects")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(ground)
    await page.get_by_role("button", name="Switch between light and dark").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = await page.evaluate(ground)
    assert dark != light
    await page.reload()
    assert await page.evaluate(ground) == dark


async def test_the_keyboard_alone_opens_a_run(
    new_context: Callable[..., Any], dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    context: BrowserContext = await new_context()
    page = await context.new_page()
    await page.goto(f"{dashboard.url}{SCOPE}/runs")
    await expect(page.locator("tr.run-row").first).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.locator("dialog#help")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog#help")).to_be_hidden()
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/runs/*")
    await expect(page.locator("h1.run-task")).to_be_visible()
    await page.keyboard.press("g")
    await page.keyboard.press("r")
    await page.wait_for_url("**/runs")


async def test_the_keyboard_alone_finds_a_failed_run_reads_its_error_and_reruns_it(
    new_context: Callable[..., Any], dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    context: BrowserContext = await new_context()
    page = await context.new_page()
    await page.goto(dashboard.url)
    await expect(page.locator("h1").first).to_be_visible()
    await page.keyboard.press("Control+k")
    await expect(page.locator("dialog[open] input")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.goto(f"{dashboard.url}{SCOPE}/runs?q=")
    await page.keyboard.press("/")
    await expect(page.get_by_label("Filter the runs")).to_be_focused()
    await page.keyboard.type("phase:failed task:broken*")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=*failed*")
    await page.keyboard.press("j")
    await expect(page.locator("tr.run-row a.row-link").first).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/runs/*")
    first = page.url
    await expect(page.locator(".failure-headline")).to_contain_text("ValueError")
    rerun = page.get_by_role("button", name="Rerun", exact=True)
    for _ in range(60):
        if await rerun.evaluate("button => button === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await expect(rerun).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: url != first)
    await expect(page.locator(".toast-success")).to_contain_text("once more")

"""The frame in a real browser: picker, zone, palette, keys, what ended elsewhere, patterns."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import NARROW
from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, expect_live, open_run, open_runs
from tests.flyte_command import FlyteCommand

ENDED = 60_000


# --- where one is ---------------------------------------------------------------------------------


async def test_without_script_the_picker_and_the_rail_are_links(
    new_context: Callable[..., Any], dashboard: DashboardProcess
) -> None:
    context: BrowserContext = await new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{dashboard.url}{SCOPE}/runs")
    await page.locator(".picker summary").click()
    await page.get_by_role("link", name="production").click()
    await page.wait_for_url("**/v2/domain/production/project/flytesnacks/runs")
    await page.locator(".rail-more summary").click()
    await page.locator(".rail-rest").get_by_role("link", name="Projects").click()
    await page.wait_for_url("**/v2/projects")
    # A page of no project still leads to the last one.
    await page.locator(".rail").get_by_role("link", name="Runs").click()
    await page.wait_for_url("**/v2/domain/production/project/flytesnacks/runs")
    await page.get_by_role("button", name="Search").first.click()
    await page.wait_for_url("**/search")


async def test_the_picker_finds_a_project_by_the_keyboard(
    page: Page, dashboard: DashboardProcess
) -> None:
    await page.goto(f"{dashboard.url}{SCOPE}/runs")
    await page.locator(".picker summary").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#picker-search")).to_be_focused()
    await page.keyboard.type("snacks")
    found = page.locator("[data-picker-found] a")
    await expect(found.filter(has_text="flytesnacks / staging")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(found.first).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(".picker")).not_to_have_attribute("open", "")


async def test_times_are_local_or_utc_by_choice_and_say_so(
    new_context: Callable[..., Any], dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    context: BrowserContext = await new_context(timezone_id="Asia/Kolkata")
    page = await context.new_page()
    await page.goto(f"{dashboard.url}{SCOPE}/runs/{demo_runs['hello']}")
    moment = page.locator(".facts time.moment").first
    await expect(page.locator("[data-zone-name]")).to_have_text("GMT+5:30")
    local = await moment.text_content()
    await page.locator(".zone").click()
    await expect(page.locator("[data-zone-name]")).to_have_text("UTC")
    utc = await moment.text_content()
    assert utc != local
    at = await moment.get_attribute("datetime")
    assert at is not None
    assert at[11:19] in (utc or "")
    await expect(moment).to_have_attribute("title", re.compile(r"UTC"))
    await page.reload()
    await expect(page.locator("[data-zone-name]")).to_have_text("UTC")
    assert await moment.text_content() == utc


async def test_the_rail_becomes_a_bar_at_the_foot(
    new_context: Callable[..., Any], dashboard: DashboardProcess
) -> None:
    context: BrowserContext = await new_context(viewport=NARROW)
    page = await context.new_page()
    await page.goto(f"{dashboard.url}{SCOPE}/runs")
    box = await page.locator(".rail").bounding_box()
    assert box is not None
    assert box["width"] == NARROW["width"]
    assert box["y"] + box["height"] == NARROW["height"]
    await page.locator(".rail-more summary").click()
    await expect(
        page.locator(".rail-rest").get_by_role("link", name="Projects")
    ).to_be_in_viewport()


# --- palette and keys -----------------------------------------------------------------------------


async def test_the_palette_finds_a_failed_run_by_its_error(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_runs(page, dashboard)
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox")).to_be_focused()
    await page.keyboard.type("broken.main")
    run = page.locator('#palette [aria-label="Runs"] [role="option"]').first
    await expect(run).to_contain_text("broken.main")
    while await run.get_attribute("aria-selected") != "true":
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/runs/{demo_runs['broken']}")


async def test_the_palette_does_what_the_frame_does(
    page: Page, dashboard: DashboardProcess
) -> None:
    await page.goto(f"{dashboard.url}{SCOPE}/runs")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("light and dark")  # at once, while the palette's code is on its way
    await expect(page.get_by_role("option").first).to_contain_text("light and dark")
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("data-theme", re.compile("dark|light"))
    await expect(page.locator("#palette")).to_be_hidden()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("patterns")
    await expect(page.get_by_role("option").first).to_contain_text("Patterns")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/patterns")


async def test_the_help_sheet_tells_what_the_keys_do(
    page: Page, dashboard: DashboardProcess
) -> None:
    await page.goto(f"{dashboard.url}{SCOPE}/runs")
    await page.keyboard.press("?")
    sheet = page.locator("dialog#help")
    await expect(sheet).to_contain_text("Next row")
    await expect(sheet).to_contain_text("Runs")
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("p")
    await page.wait_for_url("**/v2/projects")


async def test_keys_mean_nothing_while_one_types_or_when_switched_off(
    page: Page, dashboard: DashboardProcess
) -> None:
    await page.goto(f"{dashboard.url}{SCOPE}/runs")
    await page.keyboard.press("/")
    await expect(page.locator("[data-search]").first).to_be_focused()
    await page.keyboard.type("?gp")
    await expect(page.locator("[data-search]").first).to_have_value("?gp")
    await page.keyboard.press("Escape")
    await page.locator(".bar-tools .menu summary").click()
    await page.locator("[data-keys-switch]").click()
    await expect(page.locator("[data-keys-switch]")).to_have_attribute("aria-pressed", "false")
    await page.keyboard.press("?")
    await page.keyboard.press("Control+k")
    await expect(page.locator("#palette")).to_be_visible()
    await expect(page.locator("#help")).to_be_hidden()


# --- what ended elsewhere -------------------------------------------------------------------------

NOTIFICATIONS = """
    window.told = [];
    window.Notification = class {
        static requested = 0;
        static get permission() { return localStorage.getItem("test:permission") ?? "default"; }
        static async requestPermission() {
            Notification.requested += 1;
            localStorage.setItem("test:permission", "granted");
            return "granted";
        }
        constructor(title, options) { window.told.push([title, options.tag]); }
    };
"""
"""Stands in for the browser's own notifications, which a headless browser never shows."""


@pytest_asyncio.fixture(loop_scope="session")
async def slow_run(
    context: BrowserContext, dashboard: DashboardProcess, flyte_cli: FlyteCommand
) -> AsyncIterator[str]:
    """A run that goes on until it is aborted."""
    run = await asyncio.to_thread(flyte_cli.run, "fanout", "--step_s", "300")
    yield run.name
    await abort(context, dashboard, run.name)


async def test_a_run_that_is_waited_for_tells_its_end_in_one_tab_of_any_page(
    context: BrowserContext, dashboard: DashboardProcess, slow_run: str
) -> None:
    await context.add_init_script(NOTIFICATIONS)
    page, other = await context.new_page(), await context.new_page()
    await open_run(page, dashboard, slow_run)
    button = page.locator('.topbar [data-action="notify"]')
    await expect(button).to_be_visible()
    assert await page.evaluate("Notification.requested") == 0
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")
    assert await page.evaluate("Notification.requested") == 1
    await page.goto(f"{dashboard.url}/patterns")
    await other.goto(f"{dashboard.url}/v2/projects")
    await abort(context, dashboard, slow_run)
    links = f'.toast a[href$="/runs/{slow_run}"]'
    await first_shown(page.locator(links), other.locator(links))
    told = await page.evaluate("window.told") + await other.evaluate("window.told")
    assert told == [["fanout.main was aborted", f"flytesnacks/development/{slow_run}"]]
    assert await page.locator(links).count() + await other.locator(links).count() == 1


async def first_shown(*things: Locator) -> None:
    waits = [asyncio.ensure_future(thing.wait_for(timeout=ENDED)) for thing in things]
    _, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in pending:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)


async def test_what_is_waited_for_can_be_taken_back(
    page: Page, dashboard: DashboardProcess, slow_run: str
) -> None:
    await page.add_init_script(NOTIFICATIONS)
    await open_run(page, dashboard, slow_run)
    await page.locator('.topbar [data-action="notify"]').click()
    await page.locator(".bar-tools .menu summary").click()
    await page.get_by_role("button", name="Runs that I wait for").click()
    await expect(page.locator("#waiting code")).to_have_text(slow_run)
    await page.locator("#waiting").get_by_role("button", name="Don't wait").click()
    await expect(page.locator("#waiting")).to_contain_text("None.")
    await expect(page.locator('.topbar [data-action="notify"]')).to_have_attribute(
        "aria-pressed", "false"
    )


# --- no way to the server -------------------------------------------------------------------------


async def test_a_page_says_since_when_its_browser_is_offline(
    page: Page, context: BrowserContext, dashboard: DashboardProcess
) -> None:
    context.watchdog.expected = lambda text: "DISCONNECTED" in text  # type: ignore[attr-defined]
    await page.goto(f"{dashboard.url}/patterns", wait_until="networkidle")
    await context.set_offline(True)
    await expect(page.locator("#live")).to_contain_text("offline since")
    await expect(page.locator("#notice")).to_be_visible()
    await context.set_offline(False)
    await expect(page.locator("#notice")).to_be_hidden()


# --- patterns -------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_patterns_page_shows_every_phase_in_both_themes(
    new_context: Callable[..., Any], dashboard: DashboardProcess, scheme: str
) -> None:
    context: BrowserContext = await new_context(color_scheme=scheme)
    page = await context.new_page()
    await page.goto(f"{dashboard.url}/patterns")
    for theme in ("light", "dark"):
        shown = page.locator(f'#pattern-phases [data-theme="{theme}"] .phase')
        await expect(shown).to_have_count(11)
    grounds = [
        await page.locator(f'#pattern-phases [data-theme="{theme}"]').evaluate(
            "element => getComputedStyle(element).backgroundColor"
        )
        for theme in ("light", "dark")
    ]
    assert grounds[0] != grounds[1]


async def abort(context: BrowserContext, dashboard: DashboardProcess, run: str) -> None:
    """Abort the run from its page, unless it has ended."""
    page = await context.new_page()
    await open_run(page, dashboard, run)
    await expect_live(page)
    opener = page.locator('[data-opens="abort"]')
    if await opener.count():
        await opener.click()
        await page.locator("dialog#abort button[type=submit]").click()
        await expect(page.locator(".run-phase")).to_contain_text("Aborted", timeout=ENDED)
    await page.close()

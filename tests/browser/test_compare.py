"""Two real runs side by side, found, held against each other, and swapped by the page's links."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, is_wider_than_the_window, open_run
from tests.flyte_command import FlyteCommand

ENDED = 60_000


async def test_what_changed_between_two_runs_is_seen(
    page: Page, dashboard: DashboardProcess, flyte_cli: FlyteCommand
) -> None:
    old = await asyncio.to_thread(flyte_cli.run, "hello", "--name", "Ada")
    new = await asyncio.to_thread(flyte_cli.run, "hello", "--name", "<b>Bo</b>")
    for run in (old, new):
        await open_run(page, dashboard, run.name)
        await expect(page.locator(".run-phase .phase-succeeded").first).to_be_visible(timeout=ENDED)

    await page.goto(f"{dashboard.url}{SCOPE}/compare?run={old.name}")
    await expect(page.get_by_text("Add another one")).to_be_visible()
    await page.locator(".suggestions a", has_text=new.name).click()
    await expect(page.locator(".sides thead th")).to_have_count(2)
    name = page.locator(".sides tr", has=page.get_by_role("rowheader", name="name"))
    await expect(name.locator("td")).to_have_text(["Ada", "<b>Bo</b>"])
    assert await page.locator(".sides b").count() == 0
    await expect(page.get_by_text("same task specification")).to_be_visible()

    await page.get_by_role("link", name="Logs of main").click()
    await expect(page.locator(".diff-gone .diff-text", has_text="Ada")).to_be_visible()
    await expect(page.locator(".diff-new .diff-text", has_text="<b>Bo</b>")).to_be_visible()

    await page.get_by_role("link", name="Put first").click()
    await expect(page.locator(".sides thead th code").first).to_have_text(new.name)
    await page.get_by_role("link", name=f"Remove {old.name}").click()
    await expect(page.locator(".sides thead th")).to_have_count(1)


async def test_ticked_runs_of_the_list_are_compared(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await page.goto(f"{dashboard.url}{SCOPE}/runs?q=")
    chosen = (demo_runs["hello"], demo_runs["flaky"])
    for run in chosen:
        await page.get_by_role("checkbox", name=f"Choose run {run}").check()
    await page.get_by_role("button", name="Compare").click()
    await expect(page.locator(".sides thead th")).to_have_count(2)
    heads = await page.locator(".sides thead th > a > code").all_text_contents()
    assert set(heads) == set(chosen)


async def test_it_fits_a_narrow_window(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await page.set_viewport_size({"width": 400, "height": 800})
    chosen = "&".join(f"run={demo_runs[name]}" for name in ("broken", "fanout", "flaky"))
    await page.goto(f"{dashboard.url}{SCOPE}/compare?{chosen}")
    await expect(page.locator(".sides thead th")).to_have_count(3)
    assert not await is_wider_than_the_window(page)

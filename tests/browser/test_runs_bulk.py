"""Many runs aborted and rerun from the list, a result for each; and what home tells meanwhile."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import expect_live, has_reloaded, mark, open_runs
from tests.flyte_command import FlyteCommand

ENDED = 60_000


async def choose(page: Page, *runs: str) -> None:
    for run in runs:
        await page.get_by_label(f"Choose run {run}").check()


async def test_running_ones_are_aborted_and_ended_ones_left(
    page: Page, dashboard: DashboardProcess, flyte_cli: FlyteCommand, demo_runs: dict[str, str]
) -> None:
    first = (await asyncio.to_thread(flyte_cli.run, "fanout", "--step_s", "60")).name
    second = (await asyncio.to_thread(flyte_cli.run, "chatty", "--lines", "100000")).name
    await page.goto(f"{dashboard.url}/")
    await expect_live(page)
    running = page.locator('section[aria-labelledby="running-title"]')
    await expect(running.locator(f'[data-key="{first}"]')).to_be_visible()
    await mark(page)

    listing = await page.context.new_page()
    await open_runs(listing, dashboard, "?q=")
    await expect(listing.locator(f'tr[data-key="{first}"][data-phase="running"]')).to_be_visible()
    await choose(listing, first, second, demo_runs["hello"])
    await listing.get_by_role("button", name="Abort…").click()
    await expect(listing.locator(".bulk-says")).to_contain_text("Aborts 2 runs and their")
    await expect(listing.locator(".bulk-says")).to_contain_text("running action")
    await listing.get_by_label("Reason").fill("the wrong gates")
    await listing.get_by_role("button", name="Abort 2 runs").click()
    await expect(listing.get_by_text("3 runs: all answered.")).to_be_visible()
    result = listing.locator(".bulk-run")
    await expect(result.filter(has_text=first)).to_contain_text("is being aborted")
    await expect(result.filter(has_text=second)).to_contain_text("is being aborted")
    await expect(result.filter(has_text=demo_runs["hello"])).to_contain_text("had ended already")
    await result.filter(has_text=first).get_by_role("link").click()
    await expect(listing.locator(".run-phase .phase-aborted").first).to_be_visible(timeout=ENDED)
    await expect(listing.locator("main")).to_contain_text("the wrong gates")
    await expect(running.locator(f'[data-key="{first}"]')).to_have_count(0, timeout=ENDED)
    assert not await has_reloaded(page)


async def test_chosen_runs_start_again(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_runs(page, dashboard, "?q=")
    await choose(page, demo_runs["hello"], demo_runs["broken"])
    await page.get_by_role("button", name="Rerun…").click()
    await expect(page.locator(".bulk-says")).to_have_text(
        "Starts 2 runs again, each with its inputs and settings."
    )
    await page.get_by_role("button", name="Rerun 2 runs").click()
    await expect(page.get_by_text("2 runs: all answered.")).to_be_visible()
    again = page.locator(".bulk-run", has_text=demo_runs["hello"]).locator(".bulk-what a")
    name = await again.text_content()
    await again.click()
    await expect(page.locator(".run-phase .phase-succeeded").first).to_be_visible(timeout=ENDED)
    assert name != demo_runs["hello"]


async def test_home_tells_the_failures_of_the_day_once(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await page.goto(f"{dashboard.url}/")
    failures = page.locator('section[aria-labelledby="failures-title"]')
    group = failures.locator(".failure-card", has_text='column "price" missing')
    await expect(group).to_have_count(1)
    await expect(group).to_contain_text("broken.main")
    await expect(page.locator('section[aria-labelledby="mine-title"]')).to_be_visible()
    await group.locator(".row-link").click()
    await expect(page.locator(".failure-headline")).to_contain_text("price")

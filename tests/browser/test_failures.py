"""What went wrong is told first, and truly."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import expect_live, open_run, tree_row
from tests.flyte_command import FlyteCommand

ENDED = 60_000


async def test_a_failed_run_names_its_root_cause_on_top(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_run(page, dashboard, demo_runs["broken"])
    failure = page.locator("[data-part=failure] .failure")
    await expect(failure).to_be_visible(timeout=ENDED)
    await expect(failure.locator(".failure-headline")).to_contain_text(
        "column \"price\" missing in the row of 'meal'"
    )
    await expect(failure.locator(".failure-where")).to_contain_text("fit")
    await failure.get_by_text("Whole message").click()
    await expect(failure.locator("pre.trace").first).to_contain_text("price_of")
    await page.reload()
    await expect(failure.locator(".failure-headline")).to_contain_text("price")
    await failure.locator(".failure-where a").click()
    await expect(page.locator("#panel-title")).to_contain_text("fit")


async def test_a_retried_run_shows_each_attempt_with_its_own_error_and_log(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_run(page, dashboard, demo_runs["flaky"])
    await expect(page.locator(".run-phase .phase-succeeded").first).to_be_visible(timeout=ENDED)
    attempts = page.locator("li.attempt")
    await expect(attempts).to_have_count(3)
    for number in (1, 2):
        await expect(attempts.nth(number - 1).locator(".attempt-error")).to_contain_text(
            f"did not answer (attempt {number})"
        )
    await attempts.nth(0).get_by_role("link", name="Log").click()
    await expect(page.locator(".log-text", has_text="attempt 1: calling")).to_be_visible()


async def test_an_abort_asks_for_a_reason_and_ends_the_whole_tree(
    page: Page, dashboard: DashboardProcess, flyte_cli: FlyteCommand
) -> None:
    run = await asyncio.to_thread(flyte_cli.run, "fanout", "--step_s", "30")
    await open_run(page, dashboard, run.name)
    await expect_live(page)
    await expect(page.locator(".tree-item")).to_have_count(22, timeout=ENDED)  # and the group
    await page.get_by_role("link", name="Abort…").click()
    dialog = page.locator("dialog#abort")
    await expect(dialog).to_be_visible()
    await expect(dialog.locator("#abort-says")).to_contain_text("Aborts this run and its")
    await dialog.get_by_label("Reason").fill("gate <b>closed</b>")
    await dialog.get_by_role("button", name="Abort the run").click()
    await expect(page.locator(".run-phase .phase-aborted").first).to_be_visible(timeout=ENDED)
    await expect(page.locator("[data-part=failure]")).to_contain_text("gate <b>closed</b>")
    await expect(tree_row(page, "a0")).to_have_attribute("data-phase", "aborted")
    await expect(page.locator(".tree-row[data-phase=running]")).to_have_count(0, timeout=ENDED)
    await expect(page.get_by_role("link", name="Abort…")).to_have_count(0)

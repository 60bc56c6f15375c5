"""The list of runs in a browser: filters, order, columns, views, export, and pushed rows."""

from __future__ import annotations

import asyncio
import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import NARROW
from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, expect_live, has_reloaded, mark, open_runs
from tests.flyte_command import FlyteCommand

ROWS = "tr.run-row"


async def tasks_of(page: Page) -> list[str]:
    return await page.locator(f"{ROWS} .task").all_text_contents()


async def test_filters_are_chosen_shown_and_taken_away(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_runs(page, dashboard)
    await page.get_by_text("Filter", exact=True).click()
    await page.get_by_label("Failed").check()
    await page.get_by_label("Task", exact=True).fill("broken*")
    await page.get_by_role("button", name="last week").click()
    await page.wait_for_url(
        re.compile(r"q=phase%3Afailed\+task%3Abroken\*\+since%3A7d|q=phase.*since")
    )
    assert set(await tasks_of(page)) == {"broken.main"}
    await expect(page.locator(f"{ROWS} .why").first).to_contain_text("ValueError")
    chips = page.get_by_role("list", name="Filters that are on")
    await expect(chips.locator(".chip")).to_have_count(3)
    await page.get_by_label("Remove the filter phase:failed").click()
    await expect(chips.locator(".chip")).to_have_count(2)
    await page.get_by_role("link", name="Clear all").click()
    await expect(page.locator(ROWS).nth(1)).to_be_visible()


async def test_a_typed_query_finds_and_a_wrong_one_is_told_and_kept(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    page.context.watchdog.expected = lambda text: "400" in text  # type: ignore[attr-defined]
    await open_runs(page, dashboard)
    field = page.get_by_label("Filter the runs")
    await page.keyboard.press("/")
    await expect(field).to_be_focused()
    await page.keyboard.type("price phase:failed")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=price*")
    assert set(await tasks_of(page)) == {"broken.main"}
    await field.fill("fase:failed")
    await field.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="fase")).to_contain_text("phase")
    await expect(field).to_have_value("fase:failed")
    await field.fill("task:nothing-like-it")
    await field.press("Enter")
    await expect(page.get_by_role("heading", name="No run here matches")).to_be_visible()


async def test_heads_sort_and_columns_are_remembered(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_runs(page, dashboard, "?q=")
    await page.locator("th.c-what a").click()
    await expect(page.locator("th.c-what")).to_have_attribute("aria-sort", "ascending")
    tasks = await tasks_of(page)
    assert tasks == sorted(tasks)
    await page.locator("th.c-what a").click()
    await expect(page.locator("th.c-what")).to_have_attribute("aria-sort", "descending")
    assert await tasks_of(page) == sorted(tasks, reverse=True)
    await page.get_by_label("Columns and export").click()
    await page.get_by_role("checkbox", name="Attempts").check()
    await page.get_by_role("checkbox", name="Version").uncheck()
    await page.get_by_role("button", name="Show these").click()
    await expect(page.locator("th.c-attempts")).to_be_visible()
    await open_runs(page, dashboard, "?q=")
    await expect(page.locator("th.c-attempts")).to_be_visible()
    await expect(page.locator("th.c-version")).to_be_hidden()


async def test_a_view_is_saved_shared_and_opened_by_somebody_else(
    new_context: Callable[..., Any], dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    page = await (await new_context()).new_page()
    await open_runs(page, dashboard, "?q=phase:failed")
    await page.get_by_text("Views", exact=True).click()
    await page.get_by_label("Save what is shown as").fill("What broke")
    await page.get_by_label("Shared with all").check()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("heading", name="What broke")).to_be_visible()
    address = page.url
    assert "view=" in address
    dashboard.manage("shell", "-c", _MAKE_NADIA)
    other: BrowserContext = await new_context(signed_in=False)
    theirs = await other.new_page()
    await theirs.goto(f"{dashboard.url}/sign-in")
    await theirs.get_by_label("User name").fill("nadia")
    await theirs.get_by_label("Password").fill("a long password")
    await theirs.get_by_role("button", name="Sign in").click()
    await theirs.wait_for_url(lambda url: "/sign-in" not in url)
    await theirs.goto(address)
    await expect(theirs.get_by_role("heading", name="What broke")).to_be_visible()
    phases = await theirs.locator(ROWS).evaluate_all("all => all.map(r => r.dataset.phase)")
    assert set(phases) == {"failed"}
    await expect(theirs.locator("td.c-choose").first).to_be_hidden()
    await page.goto(f"{dashboard.url}{SCOPE}/views")
    await page.get_by_role("button", name="Delete What broke").click()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("link", name="What broke")).to_be_visible()
    await page.get_by_role("button", name="Delete What broke").click()
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()


_MAKE_NADIA = """
from dashboard.models import Grant, Person
nadia = Person.objects.create_user("nadia", password="a long password")
Grant.objects.create(person=nadia, role="viewer", project="flytesnacks")
"""


async def test_what_is_found_comes_as_csv_and_json(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str], tmp_path: Path
) -> None:
    await open_runs(page, dashboard, "?q=phase:failed+task:broken*")
    await page.get_by_label("Columns and export").click()
    for kind in ("CSV", "JSON"):
        async with page.expect_download() as started:
            await page.get_by_role("link", name=f"Export as {kind}").click()
        download = await started.value
        assert download.suggested_filename.startswith("runs-flytesnacks-development-")
        await download.save_as(tmp_path / f"runs.{kind.lower()}")
    rows = list(csv.DictReader((tmp_path / "runs.csv").read_text().splitlines()))
    found = json.loads((tmp_path / "runs.json").read_text())
    assert demo_runs["broken"] in {row["run"] for row in rows}
    assert [row["run"] for row in rows] == [each["run"] for each in found["runs"]]
    assert {row["phase"] for row in rows} == {"failed"}
    assert found["runs"][0]["error"].startswith("ValueError")


async def test_a_filtered_list_gets_the_rows_that_match_and_loses_those_that_do_no_more(
    page: Page, dashboard: DashboardProcess, flyte_cli: FlyteCommand, demo_runs: dict[str, str]
) -> None:
    await open_runs(page, dashboard, "?q=phase:running,queued,initializing+task:chatty*")
    await mark(page)
    run = await asyncio.to_thread(flyte_cli.run, "chatty", "--lines", "120")
    row = page.locator(f'{ROWS}[data-key="{run.name}"]')
    await expect(row).to_be_visible(timeout=30_000)
    await expect(row).to_have_count(0, timeout=60_000)
    assert not await has_reloaded(page)


async def test_new_runs_wait_while_a_row_is_in_focus(
    page: Page, dashboard: DashboardProcess, flyte_cli: FlyteCommand, demo_runs: dict[str, str]
) -> None:
    await open_runs(page, dashboard, "?q=")
    await page.keyboard.press("j")
    await expect(page.locator(f"{ROWS} .row-link").first).to_be_focused()
    run = await asyncio.to_thread(flyte_cli.run, "hello")
    await expect(page.locator("[data-pill]")).to_have_text("1 new ↑", timeout=30_000)
    await page.locator("[data-pill]").click()
    await expect(page.locator(ROWS).first).to_have_attribute("data-key", run.name)


async def test_it_works_without_a_script(
    new_context: Callable[..., Any], dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    page = await (await new_context(java_script_enabled=False, viewport=NARROW)).new_page()
    await page.goto(f"{dashboard.url}{SCOPE}/runs?q=")
    await page.locator(".filter-menu > summary").click()
    await page.get_by_label("Failed").check()
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_label("Filter the runs")).to_have_value("phase:failed")
    box = page.get_by_label(f"Choose run {demo_runs['broken']}")
    await box.check()
    await expect(page.get_by_role("button", name="Abort…")).to_be_visible()
    await page.get_by_role("button", name="Abort…").click()
    await expect(page.get_by_text("there is nothing to abort")).to_be_visible()


async def test_a_page_that_was_reached_by_keys_alone_chooses_and_pages(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_runs(page, dashboard, "?q=")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    chosen = page.locator("td.c-choose input:checked")
    await expect(chosen).to_have_count(2)
    boxes = page.locator("td.c-choose input")
    await boxes.nth(4).click(modifiers=["Shift"])
    await expect(chosen).to_have_count(5)
    every = page.get_by_label("Choose every run of this page")
    await every.check()
    await expect(chosen).to_have_count(await boxes.count())
    await page.get_by_role("button", name="Choose none").click()
    await expect(chosen).to_have_count(0)
    await expect(every).not_to_be_checked()
    await expect_live(page)

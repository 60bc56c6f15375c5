"""An action's panel on real runs: values by type, files, reports, code, events, a question."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.async_api import Page, expect

from examples.values import picture
from tests.browser.dashboard_process import ROOT, DashboardProcess
from tests.browser.pages import has_reloaded, is_wider_than_the_window, mark, open_run
from tests.contract.platform_process import PlatformProcess
from tests.flyte_command import FlyteCommand

ENDED = 60_000
HOSTILE = "<b>not markup</b> & <script>alert('nor this')</script>"


async def open_ended(
    page: Page, dashboard: DashboardProcess, run: str, task: str, tab: str
) -> None:
    """Open a tab of an action by its task's name, once the whole run has succeeded."""
    await open_run(page, dashboard, run)
    await expect(page.locator(".run-phase .phase-succeeded").first).to_be_visible(timeout=ENDED)
    row = page.locator(".tree-row", has=page.get_by_text(task, exact=True))
    await row.first.locator("a.row-link").click()
    await expect(page.locator("#panel-title")).to_have_text(task)
    await page.locator(f'.tabs [data-tab="{tab}"]').click()
    await expect(page.locator(f'.tabs [data-tab="{tab}"]')).to_have_attribute(
        "aria-current", "page"
    )


async def test_each_type_has_its_form_and_hostile_text_stays_text(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_ended(page, dashboard, demo_runs["values"], "scalars", "outputs")
    values = page.locator("dl.values")
    for text in ("9007199254740993", "0.1", "True", HOSTILE, "2026-01-01 06:30:00 UTC"):
        await expect(values.locator(".leaf").get_by_text(text, exact=True)).to_be_visible()
    await expect(values.locator(".leaf", has_text="1 h 1.5 s")).to_be_visible()
    assert await values.locator("b, script").count() == 0
    assert not await is_wider_than_the_window(page)


async def test_a_tree_folds_and_its_paths_can_be_copied(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await open_ended(page, dashboard, demo_runs["values"], "trees", "outputs")
    passengers = page.locator("details[data-fold=\"o0['passengers']\"]")
    await expect(passengers).not_to_have_attribute("open", "")
    await passengers.locator("summary").first.click()
    await passengers.locator("details > summary").first.click()
    member = passengers.locator("li li .member", has_text="seat").first
    await member.hover()
    await member.locator("button").click()
    await expect(member.locator("button")).to_have_class(re.compile("is-done"))
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == "o0['passengers'][0]['seat']"
    as_json = page.locator('[data-value="o1"] .copy-word', has_text="JSON")
    await as_json.click()
    await expect(as_json).to_have_class(re.compile("is-done"))
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert json.loads(copied) == {"squares": [n * n for n in range(12)]}


async def test_a_picture_is_seen_and_downloaded_byte_by_byte(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str], tmp_path: Path
) -> None:
    await open_ended(page, dashboard, demo_runs["values"], "files", "outputs")
    image = page.locator('[data-value="o0"] img.picture')
    await expect(image).to_be_visible()
    assert await image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 96
    async with page.expect_download() as download:
        await page.locator('[data-value="o0"]').get_by_role("link", name="Download").click()
    kept = tmp_path / "kept.png"
    await (await download.value).save_as(kept)
    assert (await download.value).suggested_filename == "sunrise.png"
    assert kept.read_bytes() == picture()


async def test_a_folder_lists_its_files_and_shows_one(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_ended(page, dashboard, demo_runs["values"], "files", "outputs")
    entries = page.locator('[data-value="o2"] table.entries')
    await expect(entries.get_by_role("link", name="gates/four.json")).to_be_visible()
    await entries.get_by_role("link", name="flights.csv").click()
    await expect(page.get_by_role("cell", name="<b>5</b>")).to_be_visible()
    await page.get_by_role("link", name="Outputs of the action").click()
    await expect(page.locator("dl.values")).to_be_visible()


async def test_a_table_shows_its_rows_page_by_page(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_ended(page, dashboard, demo_runs["values"], "table", "outputs")
    await expect(page.get_by_text("Rows 1 to 50 of 1200")).to_be_visible()
    await expect(page.get_by_role("cell", name="FB100", exact=True)).to_be_visible()
    await mark(page)
    await page.get_by_role("link", name="Next rows").click()
    await expect(page.get_by_text("Rows 51 to 100 of 1200")).to_be_visible()
    await expect(page.get_by_role("cell", name="FB150", exact=True)).to_be_attached()
    assert not await has_reloaded(page)
    assert await page.locator("table.data b").count() == 0


async def test_a_report_runs_as_nobody(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    # The SDK's own page asks for a font of another host, and must not get it.
    page.context.watchdog.expected = lambda text: "fonts.googleapis.com" in text  # type: ignore[attr-defined]
    await open_ended(page, dashboard, demo_runs["values"], "report", "report")
    frame = page.frame_locator("iframe.report-frame")
    await expect(frame.locator("#said")).to_have_text("ran no-cookie no-parent")
    assert await page.title() != "taken"


async def test_a_page_among_the_files_runs_as_nobody_too(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_ended(page, dashboard, demo_runs["values"], "files", "outputs")
    await page.locator('[data-value="o1"] a.file-open').click()
    frame = page.frame_locator('[data-value="o1"] iframe')
    await expect(frame.get_by_role("heading", name="Notes")).to_be_visible()
    src = await page.locator('[data-value="o1"] iframe').get_attribute("src")
    response = await page.request.get(f"{dashboard.url}{src}")
    assert "sandbox allow-scripts" in response.headers["content-security-policy"]


async def test_the_code_opens_at_the_task(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_ended(page, dashboard, demo_runs["values"], "table", "code")
    await expect(page.locator(".code-line.is-entry")).to_contain_text("async def table(")
    source = (ROOT / "examples" / "values.py").read_text()
    shown = await page.locator(".code-text").evaluate(
        "box => [...box.querySelectorAll('.code-line')].map(line =>"
        " line.textContent.replace(/^\\d+/, '').replace(/\\n$/, '')).join('\\n')"
    )
    assert shown.rstrip() == source.rstrip()


async def test_events_and_the_task_are_told(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await open_ended(page, dashboard, demo_runs["values"], "scalars", "events")
    await expect(page.locator(".event-table")).to_contain_text("Ended with a result.")
    await page.locator('.tabs [data-tab="task"]').click()
    await expect(page.locator(".interface").first).to_contain_text("seat")
    await expect(page.locator(".summary-wide")).to_contain_text("mod values instance scalars")


async def test_a_question_is_answered_in_the_page_and_the_report_follows(
    page: Page,
    dashboard: DashboardProcess,
    platform: PlatformProcess,
    new_context: Callable[..., object],
) -> None:
    page.context.watchdog.expected = lambda text: "fonts.googleapis.com" in text  # type: ignore[attr-defined]
    run = await asyncio.to_thread(submit, platform.endpoint)
    await open_run(page, dashboard, run, "?tab=report")
    said = page.frame_locator("iframe.report-frame").locator("#said")
    await expect(said).to_have_text("waiting", timeout=ENDED)
    other = await page.context.new_page()
    await open_run(other, dashboard, run)
    await other.locator(".tree-row.kind-condition a.row-link").click()
    question = other.locator(".condition")
    await expect(question).to_contain_text("<b>Ship</b> the release?")
    await expect(question.locator("time.countdown")).to_contain_text("in ")
    await other.get_by_label("A whole number").fill("42")
    await other.get_by_role("button", name="Answer", exact=True).click()
    await expect(other.locator(".condition-answer")).to_have_text("42", timeout=ENDED)
    await expect(other.get_by_text("go was answered.")).to_be_visible()
    await expect(said).to_have_text("answered 42", timeout=ENDED)
    await expect(page.locator(".run-phase .phase-succeeded").first).to_be_visible(timeout=ENDED)


async def test_one_action_is_aborted_and_nothing_else(
    page: Page, dashboard: DashboardProcess, flyte_cli: FlyteCommand
) -> None:
    run = await asyncio.to_thread(flyte_cli.run, "fanout", "--gates", "1", "--step_s", "30")
    await open_run(page, dashboard, run.name)
    row = page.locator(".tree-row", has=page.get_by_text("measure", exact=True)).first
    await row.locator("a.row-link").click(timeout=ENDED)
    await page.get_by_role("link", name="Abort this action").click()
    sheet = page.locator("dialog#action-abort")
    await sheet.get_by_label("Reason").fill("too <b>slow</b>")
    await sheet.get_by_role("button", name="Abort the action").click()
    await expect(page.locator(".said.is-abort")).to_contain_text("too <b>slow</b>", timeout=ENDED)
    await expect(page.locator(".panel .phase-aborted").first).to_be_visible(timeout=ENDED)


def submit(endpoint: str) -> str:
    """The name of a run that waits for an answer."""
    done = subprocess.run(
        [sys.executable, "tests/browser/asking_program.py", endpoint],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()[-1]

"""A run that the real `flyte` command submits moves in a real browser, with no reload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from playwright.async_api import Page, expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.log_page import read_through
from tests.browser.pages import (
    has_reloaded,
    mark,
    open_run,
    open_runs,
    seen_phases,
    tree_row,
    watch_phases,
)
from tests.contract.platform_process import PlatformProcess
from tests.flyte_command import FlyteCommand

SUBMITTED = 30_000
ENDED = 60_000


async def test_it_shows_a_new_run_and_every_phase_of_it_without_a_reload(
    page: Page, dashboard: DashboardProcess, flyte_cli: FlyteCommand
) -> None:
    await open_runs(page, dashboard)
    await mark(page)
    run = await asyncio.to_thread(flyte_cli.run, "fanout", "--step_s", "0.2")
    row = page.locator(f'tr.run-row[data-key="{run.name}"]')
    await expect(row).to_be_visible(timeout=SUBMITTED)
    assert not await has_reloaded(page)

    await row.locator("a.row-link").click()
    await expect(page.locator("h1.run-task")).to_contain_text("main")
    await mark(page)
    await watch_phases(page)
    await expect(page.locator(".run-phase .phase-succeeded").first).to_be_visible(timeout=ENDED)
    await expect(page.locator(".tree-row[data-phase=succeeded].kind-action")).to_have_count(22)
    assert not await has_reloaded(page)
    phases = await seen_phases(page)
    assert phases["a0"][-2:] == ["running", "succeeded"]
    assert sum("running" in of_one for of_one in phases.values()) > 10
    assert "Succeeded" in await page.title()


async def test_it_shows_the_log_grow_line_by_line_and_in_order(
    page: Page, dashboard: DashboardProcess, flyte_cli: FlyteCommand
) -> None:
    run = await asyncio.to_thread(flyte_cli.run, "chatty", "--lines", "300")
    await open_run(page, dashboard, run.name, "?i=a0&tab=logs")
    await mark(page)
    await expect(page.locator(".log-text", has_text="00299 of 300")).to_be_visible(timeout=ENDED)
    assert not await has_reloaded(page)
    await expect(page.locator("[data-follow]")).to_contain_text("end ·", timeout=ENDED)
    read = await read_through(page)
    assert sorted(read) == list(range(1, len(read) + 1))
    texts = [text for _, text in sorted(read.items())]
    assert "Grüße · こんにちは · Здравствуйте · مرحبا · 🛫 departures" in texts
    assert "<b>not markup</b> & <script>alert('nor this')</script>" in texts
    assert any(len(text) > 10_000 for text in texts)
    assert not any("\x1b" in text for text in texts)
    counted = [int(text.split()[-3]) for text in texts if text.endswith("of 300")]
    assert counted == list(range(300))


async def test_the_console_link_that_flyte_prints_opens_the_run(
    page: Page, platform: PlatformProcess, dashboard: DashboardProcess, flyte_cli: FlyteCommand
) -> None:
    run = await asyncio.to_thread(flyte_cli.run, "hello", "--name", "Ada")
    # The SDK turns port 8090 into 8080; on other ports it prints the platform's own port.
    link = run.link.replace(f":{platform.port}/", f":{dashboard.port}/")
    answer = await page.goto(link)
    assert answer is not None
    assert answer.status == 200
    await expect(page.locator(".run-phase .phase-succeeded").first).to_be_visible(timeout=ENDED)
    await page.get_by_role("link", name="Outputs", exact=True).click()
    await expect(page.get_by_text("Hello, Ada!", exact=True)).to_be_visible()
    await page.get_by_role("link", name="Inputs", exact=True).click()
    await expect(page.locator("code.leaf").get_by_text("Ada", exact=True)).to_be_visible()


async def test_two_browsers_share_one_stream_of_actions_and_one_of_the_log(
    new_context: Callable[..., object],
    platform: PlatformProcess,
    dashboard: DashboardProcess,
    flyte_cli: FlyteCommand,
) -> None:
    run = await asyncio.to_thread(flyte_cli.run, "chatty", "--lines", "2000")
    before = platform.streams()["opened"]
    pages = []
    for _ in range(2):
        context = await new_context()  # type: ignore[misc]
        pages.append(await context.new_page())
    for each in pages:
        await open_run(each, dashboard, run.name, "?i=a0&tab=logs")
    for each in pages:
        await expect(each.locator("#live")).to_have_attribute("data-state", "live")
        await expect(each.locator(".log-text", has_text="of 2000").first).to_be_attached()
    after = platform.streams()["opened"]
    for method in ("RunService/WatchActions", "DataProxyService/TailLogs"):
        opened = [after[key] - before.get(key, 0) for key in after if key.endswith(method)]
        assert opened == [1], (method, before, after)
    await expect(tree_row(pages[0], "a0")).to_have_attribute("data-phase", "running")

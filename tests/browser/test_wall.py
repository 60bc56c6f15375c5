"""A wall on real runs: failures come up, it says when it is stale, and its link ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.axe import assert_accessible, is_of_axe
from tests.browser.dashboard_process import DashboardProcess
from tests.flyte_command import FlyteCommand

BASE = "/v2/domain/development/project/flytesnacks"
ENDED = 60_000

PUSH = """async () => {
  const wall = await import(document.querySelector('script[src*="js/wall"]').src);
  const item = (n) => `<li data-key="r${n}"><b>task ${n}</b></li>`;
  const list = (n) => `<ol>${item(n)}${item(n + 1)}</ol>`;
  const counts = [];
  for (let n = 0; n < 2000; n++) {
    const parts = { failures: list(n), running: list(n) };
    wall.apply({ type: "update", at: new Date().toISOString(), parts });
    if (n === 10 || n === 1999) counts.push(document.querySelectorAll("*").length);
  }
  return counts;
}"""


async def made_link(page: Page, dashboard: DashboardProcess) -> str:
    await page.goto(f"{dashboard.url}{BASE}/wall/links")
    await page.get_by_label("Label").fill("hall")
    await page.get_by_role("button", name="Make a link").click()
    return await page.locator(".new-token code").first.inner_text()


async def test_a_failure_comes_up_on_a_linked_wall_until_the_link_is_revoked(
    page: Page,
    new_context: Callable[..., Any],
    dashboard: DashboardProcess,
    demo_runs: dict[str, str],
    flyte_cli: FlyteCommand,
) -> None:
    url = await made_link(page, dashboard)
    screen = await new_context(signed_in=False, viewport={"width": 1920, "height": 1080})
    wall = await screen.new_page()
    await wall.goto(url)
    failures = wall.locator(".wall-failures li")
    await expect(failures.first).to_be_visible(timeout=ENDED)
    known = await failures.first.get_attribute("data-key")
    run = await asyncio.to_thread(flyte_cli.run, "broken")
    assert run.name not in str(known)
    await expect(failures.first).to_have_attribute(
        "data-key", f"flytesnacks/development/{run.name}", timeout=ENDED
    )
    await expect(failures.first).to_contain_text("ValueError", timeout=ENDED)
    size = "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
    assert await wall.evaluate(size) == [1080, 1920]
    await page.get_by_role("button", name="Revoke hall").first.click()
    await expect(wall.locator("#age")).to_contain_text("This link was revoked", timeout=15_000)


async def test_a_wall_is_accessible_and_flat_in_memory(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    page.context.watchdog.expected = is_of_axe  # type: ignore[attr-defined]
    await page.goto(f"{dashboard.url}{BASE}/wall")
    await expect(page.locator("#age")).to_contain_text("as of")
    await assert_accessible(page)
    first, last = await page.evaluate(PUSH)
    assert first == last


async def test_a_wall_that_hears_nothing_says_so_by_its_own_clock(
    page: Page, dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    await page.clock.install()
    await page.route_web_socket("**/ws", lambda socket: None)  # open, and silent for ever
    await page.goto(f"{dashboard.url}{BASE}/wall")
    await expect(page.locator("#age")).to_contain_text("as of")
    await page.clock.run_for(35_000)
    await expect(page.locator("#age")).to_contain_text("stale since")

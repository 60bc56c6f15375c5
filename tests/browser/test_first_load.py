"""What a first visit costs over the wire: the list of runs, home, and every other page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, expect_live
from tests.browser.test_accessibility import PAGES

KIB = 1024


@pytest.mark.parametrize(
    ("path", "most_kib", "most_requests"),
    [(f"{SCOPE}/runs?q=", 80, 8), ("/", 80, 12)],
    ids=["runs", "home"],
)
async def test_a_first_visit_is_light(
    new_context: Callable[..., Any],
    dashboard: DashboardProcess,
    demo_runs: dict[str, str],
    path: str,
    most_kib: int,
    most_requests: int,
) -> None:
    """Nothing is in the browser's cache; bytes are those on the wire, heads included."""
    page = await (await new_context()).new_page()
    protocol = await page.context.new_cdp_session(page)
    await protocol.send("Network.enable")
    asked: dict[str, str] = {}
    sizes: dict[str, float] = {}
    protocol.on(
        "Network.requestWillBeSent", lambda e: asked.update({e["requestId"]: e["request"]["url"]})
    )
    protocol.on(
        "Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]})
    )
    await page.goto(f"{dashboard.url}{path}", wait_until="networkidle")
    await expect(page.locator("tr.run-row").first).to_be_visible()
    await expect_live(page)
    told = "\n".join(f"{sizes.get(key, 0):8.0f} {url}" for key, url in asked.items())
    assert len(asked) <= most_requests, told
    assert sum(sizes.values()) <= most_kib * KIB, told
    assert len(sizes) >= 3, told


@pytest.mark.timeout(600)
async def test_no_page_is_heavy(
    new_context: Callable[..., Any], dashboard: DashboardProcess, demo_runs: dict[str, str]
) -> None:
    """Every page with an empty cache. That none asks another host, each test's browser watches."""
    context = await new_context()
    context.watchdog.expected = lambda text: "404" in text
    page = await context.new_page()
    protocol = await page.context.new_cdp_session(page)
    await protocol.send("Network.enable")
    await protocol.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    protocol.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
    heavy = {}
    for name, path in PAGES.items():
        sizes.clear()
        await page.goto(f"{dashboard.url}{path.format(**demo_runs)}", wait_until="load")
        await expect(page.locator("h1").first).to_be_attached()
        await page.wait_for_load_state("networkidle")
        if sum(sizes) > 150 * KIB:
            heavy[name] = round(sum(sizes) / KIB)
    assert not heavy

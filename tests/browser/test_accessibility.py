"""Every page in both themes, wide and narrow: axe-core finds nothing serious.

A new page goes into `PAGES`: its name, and its address with `{run}` for a run of that example.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.axe import assert_accessible, is_of_axe
from tests.browser.conftest import NARROW, WIDE
from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE

PAGES: dict[str, str] = {
    "home": "/",
    "projects": "/v2/projects",
    "runs": f"{SCOPE}/runs",
    "filtered runs": f"{SCOPE}/runs?q=phase:failed+since:7d&columns=phase,labels,ended",
    "no run that matches": f"{SCOPE}/runs?q=task:no-such",
    "saved views": f"{SCOPE}/views",
    "many to abort": f"{SCOPE}/bulk/abort?run={{broken}}&run=gone",
    "a failed run": f"{SCOPE}/runs/{{broken}}",
    "a log": f"{SCOPE}/runs/{{chatty}}?i=a0&tab=logs",
    "outputs": f"{SCOPE}/runs/{{pipeline}}?i=a0&tab=outputs",
    "all kinds of values": f"{SCOPE}/runs/{{values}}?i=a0&tab=outputs",
    "an action's task": f"{SCOPE}/runs/{{values}}?tab=task",
    "an action's code": f"{SCOPE}/runs/{{values}}?tab=code",
    "an action's events": f"{SCOPE}/runs/{{values}}?tab=events",
    "runs side by side": f"{SCOPE}/compare?run={{broken}}&run={{flaky}}&log=#log",
    "a run's timeline": f"{SCOPE}/runs/{{fanout}}?view=timeline",
    "a run's graph": f"{SCOPE}/runs/{{pipeline}}?view=graph",
    "a report": f"{SCOPE}/runs/{{hello}}?tab=report",
    "tasks": f"{SCOPE}/tasks",
    "a task": f"{SCOPE}/tasks/pipeline.main",
    "a rerun with changes": f"{SCOPE}/runs/{{pipeline}}/rerun/edit",
    "triggers": f"{SCOPE}/triggers",
    "a trigger": f"{SCOPE}/triggers/nightly.main/hourly",
    "a new trigger": f"{SCOPE}/triggers/new?task=nightly.main",
    "apps": f"{SCOPE}/apps",
    "secrets": f"{SCOPE}/secrets",
    "settings": f"{SCOPE}/settings",
    "a project": "/v2/projects/flytesnacks",
    "the wall": f"{SCOPE}/wall",
    "search": "/search?q=broken",
    "patterns": "/patterns",
    "people": "/people",
    "audit": "/audit",
    "tokens": "/tokens",
    "no such page": "/no/such/page",
}
"""Name of the page → its address; `{broken}` and the like are the runs of the examples."""


@pytest.mark.parametrize("name", PAGES)
async def test_no_page_keeps_anybody_out(
    new_context: Callable[..., Any],
    dashboard: DashboardProcess,
    demo_runs: dict[str, str],
    name: str,
) -> None:
    context: BrowserContext = await new_context(color_scheme="light")
    context.watchdog.expected = lambda text: is_of_axe(text) or "404" in text  # type: ignore[attr-defined]
    page = await context.new_page()
    await page.goto(f"{dashboard.url}{PAGES[name].format(**demo_runs)}")
    await expect(page.locator("h1").first).to_be_attached()
    faults = []
    for scheme, viewport in product(("light", "dark"), (WIDE, NARROW)):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.set_viewport_size(viewport)  # type: ignore[arg-type]
        try:
            await assert_accessible(page)
        except AssertionError as fault:
            faults.append(f"{scheme}, {viewport['width']} wide: {fault}")
    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_opens_over_a_page_keeps_nobody_out(
    new_context: Callable[..., Any], dashboard: DashboardProcess, scheme: str
) -> None:
    context: BrowserContext = await new_context(color_scheme=scheme)
    context.watchdog.expected = is_of_axe  # type: ignore[attr-defined]
    page = await context.new_page()
    await page.goto(f"{dashboard.url}{SCOPE}/runs")
    await page.keyboard.press("?")
    await expect(page.locator("dialog#help")).to_be_visible()
    await assert_accessible(page)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await expect(page.locator("dialog#palette")).to_be_visible()
    await assert_accessible(page)
    await page.keyboard.press("Escape")
    await page.locator(".picker summary").click()
    await expect(page.locator("#picker-search")).to_be_focused()
    await assert_accessible(page, ".topbar")


async def test_the_sign_in_page_keeps_nobody_out(
    new_context: Callable[..., Any], dashboard: DashboardProcess
) -> None:
    for scheme in ("light", "dark"):
        context: BrowserContext = await new_context(signed_in=False, color_scheme=scheme)
        context.watchdog.expected = is_of_axe  # type: ignore[attr-defined]
        page = await context.new_page()
        await page.goto(f"{dashboard.url}/sign-in")
        await assert_accessible(page)

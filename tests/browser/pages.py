"""What the browser tests do with a page: open it, mark it, watch its phases."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.browser.dashboard_process import DashboardProcess

SCOPE = "/v2/domain/development/project/flytesnacks"


async def open_runs(page: Page, dashboard: DashboardProcess, query: str = "") -> None:
    """Open the runs list and wait until it is live."""
    await page.goto(f"{dashboard.url}{SCOPE}/runs{query}")
    await expect_live(page)


async def open_run(page: Page, dashboard: DashboardProcess, run: str, query: str = "") -> None:
    """Open a run's page and wait until it is drawn."""
    await page.goto(f"{dashboard.url}{SCOPE}/runs/{run}{query}")
    await expect(page.locator("h1.run-task")).to_be_visible()


async def expect_live(page: Page) -> None:
    await expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=15_000)


async def mark(page: Page) -> None:
    """Leave a mark that a reload would wipe out."""
    await page.evaluate("window.flightboardMark = true")


async def has_reloaded(page: Page) -> bool:
    return not await page.evaluate("window.flightboardMark === true")


def tree_row(page: Page, key: str) -> Locator:
    return page.locator(f'.tree-item[data-key="{key}"] > .tree-row')


async def watch_phases(page: Page) -> None:
    """Note every phase that each row of the tree shows from now on."""
    await page.evaluate(
        """() => {
            const seen = window.seenPhases = {};
            const look = () => document.querySelectorAll(".tree-item").forEach((item) => {
                const row = item.querySelector(":scope > .tree-row");
                if (!row) return;
                const phases = seen[item.dataset.key] ??= [];
                if (phases.at(-1) !== row.dataset.phase) phases.push(row.dataset.phase);
            });
            look();
            new MutationObserver(look).observe(document.querySelector("[data-tree]"),
                {childList: true, subtree: true, attributes: true});
        }"""
    )


async def seen_phases(page: Page) -> dict[str, list[str]]:
    """What `watch_phases` noted: key of the row → its phases in order."""
    phases: dict[str, list[str]] = await page.evaluate("window.seenPhases")
    return phases


async def is_wider_than_the_window(page: Page) -> bool:
    """The page scrolls sideways, which it never may."""
    wide: bool = await page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wide

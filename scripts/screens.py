"""Takes the pictures of docs/screens: each page, light and dark, 1280 and 400 px wide.

`screens.py LINK` with a one-time sign-in link of a running dashboard (`make run` prints one).
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import product
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, ViewportSize, async_playwright

SCREENS = Path(__file__).resolve().parent.parent / "docs" / "screens"
SCOPE = "/v2/domain/development/project/flytesnacks"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES: dict[str, ViewportSize] = {
    "1280": {"width": 1280, "height": 860},
    "400": {"width": 400, "height": 860},
}


async def main(link: str) -> None:
    """Sign in once, then go through every page in every theme and size."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium")
        )
        signed_in = await browser.new_context()
        page = await signed_in.new_page()
        await page.goto(link)
        state = await signed_in.storage_state()
        base = f"http://{urlsplit(link).netloc}"
        paths = {**await _pages_with_runs(page, base), "projects": "/v2/projects"}
        for scheme, (width, size) in product(SCHEMES, SIZES.items()):
            context = await browser.new_context(
                viewport=size, color_scheme=scheme, storage_state=state
            )
            for name, path in paths.items():
                await _shoot(context, base + path, SCREENS / f"{name}-{scheme}-{width}.png")
            await context.clear_cookies()
            await _shoot(context, f"{base}/sign-in", SCREENS / f"sign-in-{scheme}-{width}.png")
            await context.close()
        await browser.close()


async def _pages_with_runs(page: Page, base: str) -> dict[str, str]:
    """The pages to take, with the newest run of each example that they need."""
    await page.goto(f"{base}{SCOPE}/runs")
    hrefs: list[tuple[str, str]] = await page.locator("tr.run-row a.row-link").evaluate_all(
        "links => links.map(a => [a.querySelector('.task').textContent, a.getAttribute('href')])"
    )
    newest: dict[str, str] = {}
    for task, href in hrefs:
        newest.setdefault(task.split(".")[0], href)
    return {
        "runs": f"{SCOPE}/runs",
        "run-failed": newest["broken"],
        "run-fanout": newest["fanout"],
        "run-retried": newest["flaky"],
        "outputs": newest["pipeline"] + "?i=a0&tab=outputs",
        "logs": newest["chatty"] + "?i=a0&tab=logs",
        "not-found": f"{SCOPE}/runs/nosuchrun",
    }


async def _shoot(context: BrowserContext, url: str, target: Path) -> None:
    page = await context.new_page()
    await page.goto(url, wait_until="networkidle")
    await page.screenshot(path=target)
    await page.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

"""Takes the pictures of docs/screens: every page, light and dark, 1280 and 400 px wide.

`screens.py LINK [NAME…]` with a one-time sign-in link of a running dashboard (`make run` prints
one) and, to take some pages only, their names. A new page is a line in `PAGES`.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from itertools import product
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from PIL import Image
from playwright.async_api import BrowserContext, Page, ViewportSize, async_playwright

SCREENS = Path(__file__).resolve().parent.parent / "docs" / "screens"
SCOPE = "/v2/domain/development/project/flytesnacks"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES: dict[str, ViewportSize] = {
    "1280": {"width": 1280, "height": 860},
    "400": {"width": 400, "height": 860},
}
COLOURS = 128
"""A page of this kind has fewer that one could tell apart, and its picture takes a third."""

PAGES: dict[str, str] = {
    "home": "/",
    "runs": f"{SCOPE}/runs?q=",
    "runs-failed": f"{SCOPE}/runs?q=phase:failed",
    "run-failed": "{broken}",
    "run-fanout": "{fanout}",
    "run-timeline": "{fanout}?view=timeline",
    "run-graph": "{pipeline}?view=graph",
    "run-retried": "{flaky}",
    "outputs": "{pipeline}?i=a0&tab=outputs",
    "values": "{values}?i=a0&tab=outputs",
    "report": "{values}?i=a0&tab=report",
    "code": "{values}?i=a0&tab=code",
    "compare": f"{SCOPE}/compare?run={{name:broken}}&run={{name:flaky}}",
    "logs": "{chatty}?i=a0&tab=logs",
    "tasks": f"{SCOPE}/tasks",
    "task": f"{SCOPE}/tasks/{{task:pipeline}}",
    "launch": "{launch:nightly}",
    "rerun": "{rerun:values}",
    "triggers": f"{SCOPE}/triggers",
    "trigger": f"{SCOPE}/triggers/{{task:nightly}}/hourly",
    "trigger-new": f"{SCOPE}/triggers/new?task={{task:nightly}}",
    "apps": f"{SCOPE}/apps",
    "secrets": f"{SCOPE}/secrets",
    "settings": f"{SCOPE}/settings",
    "wall": f"{SCOPE}/wall",
    "projects": "/v2/projects",
    "project": "/v2/projects/flytesnacks",
    "people": "/people",
    "audit": "/audit",
    "tokens": "/tokens",
    "search": "/search?q=main",
    "patterns": "/patterns",
    "not-found": f"{SCOPE}/runs/nosuchrun",
}
"""Name of the picture → address. `{broken}` is the newest run of that example, `{task:x}` its
task's name, `{rerun:x}` the form that runs it again, `{name:x}` the run's name and `{launch:x}` the
form that launches the newest version of the task."""

OVERLAYS = {"palette": "Control+k", "help": "?"}
"""Name of the picture → the key that opens it over the list of runs."""

PRESENT = (200, 404)


async def main(link: str, *names: str) -> None:
    """Sign in once, then go through every page in every theme and size."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium")
        )
        signed_in = await browser.new_context()
        page = await signed_in.new_page()
        await page.goto(link)
        base = f"http://{urlsplit(link).netloc}"
        newest = await _newest_runs(page, base)
        paths = _addresses(newest, await _launch_forms(page, base, newest))
        state = await signed_in.storage_state()
        for scheme, (width, size) in product(SCHEMES, SIZES.items()):
            context = await browser.new_context(
                viewport=size, color_scheme=scheme, storage_state=state
            )
            await _shoot_all(context, base, paths, f"{scheme}-{width}", names)
            await context.close()
        await browser.close()


async def _newest_runs(page: Page, base: str) -> dict[str, tuple[str, str]]:
    """Example → address of its newest run, and the name of its task."""
    newest: dict[str, tuple[str, str]] = {}
    for example in sorted(set(re.findall(r"\{(?:\w+:)?(\w+)\}", " ".join(PAGES.values())))):
        await page.goto(f"{base}{SCOPE}/runs?q=task:{example}*")
        link = page.locator("tr.run-row a.row-link").first
        if await link.count():
            task = await link.locator(".task").text_content() or ""
            newest[example] = (await link.get_attribute("href") or "", task)
    return newest


async def _launch_forms(
    page: Page, base: str, newest: dict[str, tuple[str, str]]
) -> dict[str, str]:
    """`launch:example` → address of the form, for those whose task is deployed."""
    forms: dict[str, str] = {}
    for example, (_, task) in newest.items():
        await page.goto(f"{base}{SCOPE}/tasks/{task}")
        link = page.locator("main a[href$='/launch']").first
        if await link.count():
            forms[f"launch:{example}"] = await link.get_attribute("href") or ""
    return forms


def _addresses(newest: dict[str, tuple[str, str]], forms: dict[str, str]) -> dict[str, str]:
    """The pages whose runs are there."""
    known = {example: url for example, (url, _) in newest.items()}
    known |= {f"task:{example}": task for example, (_, task) in newest.items()}
    known |= {f"rerun:{example}": f"{url}/rerun/edit" for example, (url, _) in newest.items()}
    known |= {f"name:{example}": url.rpartition("/")[2] for example, (url, _) in newest.items()}
    known |= forms
    paths = {}
    for name, path in PAGES.items():
        wanted = re.findall(r"\{([\w:]+)\}", path)
        if all(each in known for each in wanted):
            paths[name] = re.sub(r"\{([\w:]+)\}", lambda found: known[found[1]], path)
        else:
            sys.stderr.write(f"{name}: no run of {', '.join(wanted)}; submit the examples first\n")
    return paths


async def _shoot_all(
    context: BrowserContext, base: str, paths: dict[str, str], kind: str, names: tuple[str, ...]
) -> None:
    for name, path in paths.items():
        if not names or name in names:
            await _shoot(context, f"{base}{path}", SCREENS / f"{name}-{kind}.png")
    for name, key in OVERLAYS.items():
        if not names or name in names:
            url = f"{base}{PAGES['runs']}"
            await _shoot(context, url, SCREENS / f"{name}-{kind}.png", key)
    if not names or "sign-in" in names:
        await context.clear_cookies()
        await _shoot(context, f"{base}/sign-in", SCREENS / f"sign-in-{kind}.png")


async def _shoot(context: BrowserContext, url: str, target: Path, key: str = "") -> None:
    page = await context.new_page()
    answer = await page.goto(url, wait_until="networkidle")
    status = answer.status if answer else 0
    if status not in PRESENT or (status == 404 and "nosuchrun" not in url):
        sys.stderr.write(f"{target.stem}: {status} at {url}\n")
    else:
        if key:
            await page.keyboard.press(key)
            await page.locator("dialog[open]").wait_for()
        await page.screenshot(path=target)
        _make_small(target)
    await page.close()


def _make_small(target: Path) -> None:
    with Image.open(target) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
            target, optimize=True
        )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *sys.argv[2:]))

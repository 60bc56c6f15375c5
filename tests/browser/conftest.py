"""A real Chromium, signed in to a real dashboard on the session's platform."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.browser.dashboard_process import ROOT, DashboardProcess
from tests.contract.platform_process import PlatformProcess

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 400, "height": 800}
# Without these, Chromium asks its maker's hosts at every start.
QUIET = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path) or "tests/faults/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            # A browser, a dashboard and a platform share two cores: a test that lost a race is
            # tried once more, and the closing line counts it. Nothing else is forgiven.
            item.add_marker(pytest.mark.flaky(reruns=1))
            if inspect.iscoroutinefunction(getattr(item, "function", None)):
                # One loop for all: the browser belongs to the loop that started it.
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def dashboard(
    platform: PlatformProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DashboardProcess]:
    """The dashboard of the session's platform."""
    home = tmp_path_factory.mktemp("dashboard")
    process = DashboardProcess(home, platform.endpoint, platform.data_dir)
    process.start()
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture(scope="session")
def demo_runs(platform: PlatformProcess) -> dict[str, str]:
    """The runs that `make run` submits: name of the example → name of its run."""
    done = subprocess.run(
        [sys.executable, "scripts/submit_examples.py", platform.endpoint],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(line.split() for line in done.stdout.splitlines() if len(line.split()) == 2)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=QUIET
        )
        yield browser
        await browser.close()


class Watchdog:
    """Notes what no page may do: an error in the console, a request to another host."""

    def __init__(self, own_netloc: str) -> None:
        self.own_netloc = own_netloc
        self.expected: Callable[[str], bool] = lambda text: False
        self.faults: list[str] = []

    def observe(self, context: BrowserContext) -> None:
        context.on("console", lambda message: self._console(message.type, message.text))
        context.on("weberror", lambda error: self._note(f"uncaught: {error.error}"))
        context.on("request", lambda request: self._request(request.url))

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self._note(f"console {kind}: {text}")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.own_netloc:
            self._note(f"asks another host: {url}")

    def _note(self, text: str) -> None:
        if not self.expected(text):
            self.faults.append(text)


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(
    chromium: Browser, dashboard: DashboardProcess
) -> AsyncIterator[Callable[..., object]]:
    """Opens browsers that share nothing; each is watched, and a fault fails the test."""
    opened: list[tuple[BrowserContext, Watchdog]] = []

    async def open_one(signed_in: bool = True, **options: object) -> BrowserContext:
        if signed_in:
            options["storage_state"] = await signed_in_state(chromium, dashboard)
        context = await chromium.new_context(**{"viewport": WIDE, **options})
        watchdog = Watchdog(urlsplit(dashboard.url).netloc)
        watchdog.observe(context)
        context.watchdog = watchdog  # type: ignore[attr-defined]
        opened.append((context, watchdog))
        return context

    yield open_one
    faults = [fault for _, watchdog in opened for fault in watchdog.faults]
    for context, _ in opened:
        await context.close()
    assert not faults, faults


async def signed_in_state(chromium: Browser, dashboard: DashboardProcess) -> object:
    """The cookies of a browser that opened the one-time link; made once for each dashboard."""
    if dashboard.browser_state is None:
        context = await chromium.new_context()
        page = await context.new_page()
        await page.goto(dashboard.first_link)
        dashboard.browser_state = await context.storage_state()
        await context.close()
    return dashboard.browser_state


@pytest_asyncio.fixture(loop_scope="session")
async def context(new_context: Callable[..., object]) -> BrowserContext:
    return await new_context()  # type: ignore[misc,return-value]


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> Page:
    """A page of a signed-in browser, 1280 wide."""
    return await context.new_page()

"""Several dashboard processes behind nginx, with PostgreSQL and Redis: one portal to its people."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, expect_live, has_reloaded, mark
from tests.flyte_command import FlyteCommand
from tests.servers.conftest import Fleet

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_ONCE = 6_000
"""Well below what a process needs that only asks the database (15 s)."""


@pytest_asyncio.fixture(loop_scope="session")
async def context(chromium: Browser, fleet: Fleet) -> AsyncIterator[BrowserContext]:
    """A browser whose person signed in at one of the processes."""
    made = await chromium.new_context()
    page = await made.new_page()
    await page.goto(await asyncio.to_thread(fleet.sign_in_link))
    await page.close()
    yield made
    await made.close()


def sockets_of(worker: DashboardProcess) -> float:
    """As the process itself tells at its own port."""
    with urllib.request.urlopen(f"{worker.url}/metrics", timeout=10) as answer:
        found = re.search(r"^flightboard_sockets_open (\S+)$", answer.read().decode(), re.M)
    assert found is not None
    return float(found[1])


async def open_live(context: BrowserContext, address: str) -> Page:
    page = await context.new_page()
    await page.goto(address)
    await expect_live(page)
    return page


async def test_one_sign_in_counts_everywhere_and_sockets_are_spread(
    context: BrowserContext, fleet: Fleet
) -> None:
    pages = [await open_live(context, f"{fleet.url}{SCOPE}/runs") for _ in range(4)]
    held = [sockets_of(worker) for worker in fleet.workers]
    assert sum(held) == 4
    assert min(held) >= 1, "one process got all the sockets"
    for page in pages:
        await page.close()


async def test_the_balancer_keeps_metrics_to_itself(context: BrowserContext, fleet: Fleet) -> None:
    page = await context.new_page()
    answer = await page.goto(f"{fleet.url}/metrics")
    assert answer is not None
    assert answer.status == 404


async def test_a_role_taken_in_one_process_is_gone_at_once_in_the_other(
    context: BrowserContext,
    chromium: Browser,
    fleet: Fleet,
) -> None:
    ottos = await chromium.new_context()
    signing_in = await ottos.new_page()
    await signing_in.goto(await asyncio.to_thread(fleet.sign_in_link, "otto"))
    await signing_in.close()
    # Two pages, so that each process holds a socket of his.
    pages = [await open_live(ottos, f"{fleet.url}{SCOPE}/runs") for _ in range(2)]
    assert min(sockets_of(worker) for worker in fleet.workers) >= 1

    admin = await context.new_page()
    await admin.goto(f"{fleet.url}/people")
    row = admin.locator(".person", has=admin.get_by_role("heading", name=re.compile("^otto")))
    await row.get_by_role("button", name=re.compile("^Take")).first.click()
    for page in pages:
        await expect(page.locator("#live")).not_to_have_attribute(
            "data-state", "live", timeout=AT_ONCE
        )
    await ottos.close()


async def test_pages_go_on_by_another_process_when_theirs_ends(
    context: BrowserContext, fleet: Fleet, flyte_cli: FlyteCommand
) -> None:
    run = await asyncio.to_thread(flyte_cli.run, "fanout", "--step_s", "1")
    address = f"{fleet.url}{SCOPE}/runs/{run.name}"
    pages = [await open_live(context, address) for _ in range(2)]
    for page in pages:
        await mark(page)
    first = fleet.workers[0]
    await asyncio.to_thread(first.stop)
    try:
        for page in pages:
            await expect(page.locator(".run-phase .phase-succeeded").first).to_be_visible(
                timeout=60_000
            )
            assert not await has_reloaded(page)
    finally:
        await asyncio.to_thread(first.start_server)

"""A run of five thousand actions: found, opened and filtered, and never shipped whole."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser import big_run
from tests.browser.conftest import WIDE, signed_in_state
from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, expect_live, has_reloaded, mark
from tests.quirks.quirks import Quirks
from tests.quirks.rows import SUCCEEDED
from tests.quirks.server import QuirksServer

SIZE = 5_000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def big() -> AsyncIterator[QuirksServer]:
    """A platform with the big run."""
    async with QuirksServer(Quirks(buffer=10_000)) as server:
        big_run.build(server.world, SIZE)
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def board(
    big: QuirksServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DashboardProcess]:
    process = DashboardProcess(tmp_path_factory.mktemp("big"), big.endpoint)
    await asyncio.to_thread(process.start)
    yield process
    await asyncio.to_thread(process.stop)


@pytest_asyncio.fixture(loop_scope="session")
async def tab(chromium: Browser, board: DashboardProcess) -> AsyncIterator[Page]:
    """A page whose own errors fail the test."""
    state = await signed_in_state(chromium, board)
    context = await chromium.new_context(viewport=WIDE, storage_state=state)  # type: ignore[arg-type]
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield await context.new_page()
    await context.close()
    assert not faults, faults


async def open_big(tab: Page, board: DashboardProcess, query: str = "") -> None:
    await tab.goto(f"{board.url}{SCOPE}/runs/{big_run.RUN}{query}")
    await expect_live(tab)


def line(tab: Page, label: str) -> Locator:
    return tab.locator(".tree-row", has=tab.get_by_role("link", name=label, exact=True))


async def test_five_thousand_actions_are_a_few_lines_with_their_counts(
    tab: Page, board: DashboardProcess
) -> None:
    await open_big(tab, board)
    await expect(line(tab, "fit")).to_contain_text("×5000")
    await expect(tab.locator('[data-phase-filter="failed"]')).to_contain_text("3")
    assert await tab.locator(".tree-item").count() < 300
    await expect(line(tab, "fit[0]")).to_be_visible()
    await expect(tab.get_by_text("Show 100 more of 5000")).to_be_attached()


async def test_the_next_hundred_come_on_demand_and_are_there_after_a_reload(
    tab: Page, board: DashboardProcess
) -> None:
    await open_big(tab, board)
    await expect(line(tab, "fit[150]")).to_have_count(0)
    await mark(tab)
    await tab.get_by_text("Show 100 more of 5000").click()
    await expect(line(tab, "fit[150]")).to_be_attached()
    assert not await has_reloaded(tab)
    await tab.reload()
    await expect(line(tab, "fit[150]")).to_be_attached()


async def test_an_action_is_found_by_its_number_and_stays_when_the_search_ends(
    tab: Page, board: DashboardProcess
) -> None:
    await open_big(tab, board)
    await tab.keyboard.press("/")
    await expect(tab.locator("#tree-find")).to_be_focused()
    await tab.keyboard.type("fit[4321]")
    await expect(line(tab, "fit[4321]")).to_be_visible()
    await expect(tab.locator(".tree-item")).to_have_count(3)
    await line(tab, "fit[4321]").get_by_role("link").click()
    await expect(tab.locator("#panel-title")).to_have_text("fit[4321]")
    await tab.locator(".tree-filters").get_by_text("Show all").click()
    await expect(line(tab, "fit[0]")).to_be_attached()
    await expect(line(tab, "fit[4321]")).to_be_in_viewport()
    await expect(tab.locator(".is-selected > .tree-row")).to_contain_text("fit[4321]")


async def test_a_phase_is_filtered_for_and_the_address_says_so(
    tab: Page, board: DashboardProcess
) -> None:
    await open_big(tab, board)
    await tab.locator('[data-phase-filter="failed"]').click()
    await expect(tab.locator(".kind-action[data-phase=failed]")).to_have_count(3)
    await expect(line(tab, "fit[1234]")).to_be_visible()
    assert "phase=failed" in tab.url
    await tab.reload()
    await expect(tab.locator(".kind-action[data-phase=failed]")).to_have_count(3)
    await expect(tab.locator('[data-phase-filter="failed"]')).to_have_attribute(
        "aria-current", "true"
    )


async def test_what_is_found_leaves_when_it_no_longer_fits(
    tab: Page, board: DashboardProcess, big: QuirksServer
) -> None:
    await open_big(tab, board, "?phase=running")
    await expect(line(tab, "fit[4990]")).to_be_visible()
    big.world.report(big_run.KEY, SUCCEEDED, big_run.name_of(4990))
    await expect(line(tab, "fit[4990]")).to_have_count(0)
    await expect(line(tab, "fit[4991]")).to_be_visible()


async def test_an_update_keeps_the_readers_place(
    tab: Page, board: DashboardProcess, big: QuirksServer
) -> None:
    await open_big(tab, board, f"?i={big_run.name_of(4995)}")
    row = line(tab, "fit[4995]")
    await expect(row).to_have_attribute("data-phase", "running")
    await row.hover()
    before = await row.bounding_box()
    for n in range(4980, 4990):
        big.world.report(big_run.KEY, SUCCEEDED, big_run.name_of(n))
    big.world.report(big_run.KEY, SUCCEEDED, big_run.name_of(4995))
    await expect(row).to_have_attribute("data-phase", "succeeded")
    assert await row.bounding_box() == before


async def test_a_branch_is_shut_by_the_keyboard_and_stays_shut_after_a_reload(
    tab: Page, board: DashboardProcess
) -> None:
    await open_big(tab, board)
    await line(tab, "fit").get_by_role("link").focus()
    await tab.keyboard.press("ArrowLeft")
    await expect(line(tab, "fit[0]")).to_have_count(0)
    await tab.keyboard.press("ArrowUp")
    await tab.reload()
    await expect(line(tab, "fit")).to_be_visible()
    await expect(line(tab, "fit[0]")).to_have_count(0)
    await line(tab, "fit").get_by_role("link").click()
    await expect(line(tab, "fit[0]")).to_be_visible()


async def test_the_timeline_zooms_and_its_address_keeps_what_is_shown(
    tab: Page, board: DashboardProcess
) -> None:
    await open_big(tab, board, "?view=timeline")
    bar = line(tab, "fit[0]").locator(".bar").first
    await expect(bar).to_be_attached()
    await expect(line(tab, "fit").locator(".bar-density")).to_be_attached()
    width = float((await bar.get_attribute("width") or "0").rstrip("%"))
    await tab.get_by_role("button", name="Zoom in").click()
    await tab.keyboard.press("+")
    await expect(bar).not_to_have_attribute("width", f"{width:.3f}%")
    wider = float((await bar.get_attribute("width") or "0").rstrip("%"))
    assert wider > width * 3
    shown = re.search(r"span=\d+-\d+", tab.url)
    assert shown
    marks = await tab.locator(".axis-marks text").all_text_contents()
    await tab.reload()
    await expect(tab.locator(".axis-marks text").first).to_have_text(marks[0])
    assert shown[0] in tab.url
    await tab.keyboard.press("0")
    assert "span=" not in tab.url


async def test_the_graph_opens_a_cluster_and_its_boxes_lead_to_their_actions(
    tab: Page, board: DashboardProcess
) -> None:
    await open_big(tab, board, "?view=graph")
    box = tab.locator('.graph-node[data-key="fanout:a0:fit"]')
    await expect(box).to_be_visible()
    await expect(box).to_have_class(re.compile("is-cluster"))
    assert await tab.locator(".graph-node").count() < 60
    await box.get_by_role("button", name="Open fit").click()
    child = tab.locator('.graph-node[data-key="f00017"]')
    await expect(child).to_be_attached()
    assert await tab.locator(".graph-lines path").count() > 100
    await child.get_by_role("link").focus()
    await expect(child).to_be_in_viewport()
    await tab.keyboard.press("Enter")
    await expect(tab.locator("#panel-title")).to_have_text("fit[17]")
    await tab.keyboard.press("ArrowLeft")
    await expect(box.get_by_role("link")).to_be_focused()


async def test_without_scripts_branches_pages_and_filters_are_links(
    chromium: Browser, board: DashboardProcess
) -> None:
    state = await signed_in_state(chromium, board)
    context = await chromium.new_context(
        viewport=WIDE,
        storage_state=state,  # type: ignore[arg-type]
        java_script_enabled=False,
    )
    page = await context.new_page()
    await page.goto(f"{board.url}{SCOPE}/runs/{big_run.RUN}?fold=none")
    await expect(line(page, "fit[0]")).to_have_count(0)
    await page.get_by_role("link", name="Open fit", exact=True).click()
    await expect(line(page, "fit[0]")).to_be_visible()
    await page.get_by_text("Show 100 more of 5000").click()
    await expect(line(page, "fit[150]")).to_be_visible()
    await page.locator('[data-phase-filter="failed"]').click()
    await expect(page.locator(".kind-action[data-phase=failed]")).to_have_count(3)
    await context.close()

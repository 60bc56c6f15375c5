"""Secrets, triggers and projects in a real browser, on runs of the real SDK."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from remote_client import ClientSet, Run
from tests.browser.axe import assert_accessible, is_of_axe
from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import (
    SCOPE,
    expect_live,
    has_reloaded,
    is_wider_than_the_window,
    mark,
)
from tests.browser.test_roles import give, sign_in_as
from tests.contract.platform_process import PlatformProcess
from tests.flyte_command import FlyteCommand

PROGRAM = Path(__file__).with_name("administration_program.py")
NARROW = {"width": 400, "height": 800}


@pytest.fixture
def office(flyte_cli: FlyteCommand) -> FlyteCommand:
    """The command, with this test's program beside it."""
    shutil.copy(PROGRAM, flyte_cli.folder / "office.py")
    return flyte_cli


async def outcome(platform: PlatformProcess, name: str) -> Any:
    """What the run returned; raises when it failed."""
    async with await ClientSet.for_endpoint.aio(platform.endpoint, insecure=True) as client:
        run = await Run.get.aio(name, client=client, project="flytesnacks", domain="development")
        await run.wait.aio(quiet=True)
        return (await run.outputs.aio())[0]


async def run_reader(office: FlyteCommand, platform: PlatformProcess) -> Any:
    printed = await asyncio.to_thread(office, "run", "office.py", "read")
    name = printed.partition("/runs/")[2].split()[0].strip("│").strip()
    return await outcome(platform, name[:20])


async def test_a_secret_is_made_read_by_a_run_replaced_and_deleted(
    page: Page, dashboard: DashboardProcess, platform: PlatformProcess, office: FlyteCommand
) -> None:
    await page.goto(f"{dashboard.url}{SCOPE}/secrets")
    await expect_live(page)
    await page.get_by_role("link", name="New secret").click()
    await page.get_by_label("Name", exact=True).fill("OFFICE_KEY")
    await page.get_by_label("Value", exact=True).fill("under the mat")
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.locator(".toast-success")).to_contain_text("OFFICE_KEY is kept")
    await expect(page.locator("tbody")).to_contain_text("this one")
    assert await run_reader(office, platform) == "under the mat"

    await page.get_by_role("link", name="OFFICE_KEY").click()
    await expect(page.locator("body")).not_to_contain_text("under the mat")
    await page.locator("#value").fill("in the drawer")
    await page.get_by_role("button", name="Replace the value").click()
    await expect(page.locator(".toast-success")).to_contain_text("has another value now")
    assert await run_reader(office, platform) == "in the drawer"

    await page.get_by_role("button", name="Delete OFFICE_KEY").click()
    await expect(page.locator(".toast-success")).to_contain_text("is deleted")
    await expect(page.locator("main")).not_to_contain_text("OFFICE_KEY is kept")


async def test_a_trigger_from_the_form_fires_and_its_run_appears(
    page: Page, dashboard: DashboardProcess, platform: PlatformProcess, office: FlyteCommand
) -> None:
    await asyncio.to_thread(office, "deploy", "office.py", "plain")
    await page.goto(f"{dashboard.url}{SCOPE}/triggers/new")
    await page.get_by_label("Task").select_option("belfry.ring")
    await page.get_by_role("button", name="Next").click()
    await page.get_by_label("Name", exact=True).fill("evensong")
    preview = page.locator("[data-preview-of]")
    await page.get_by_label("Cron expression").fill("0 18 * * 0")
    await expect(preview).to_contain_text("At 18:00 on Sunday")
    await page.get_by_label("Cron expression").fill("at six")
    await expect(preview).to_contain_text("five fields")
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=6)
    await page.locator("#every").fill("30")
    await page.locator("#unit").select_option("minutes")
    await page.locator("#start").fill(f"{start:%Y-%m-%dT%H:%M:%S}")
    await expect(preview).to_contain_text("Every 30 minutes")
    await page.get_by_label("Inputs, as JSON").fill('{"times": 3}')
    await page.get_by_role("button", name="Create trigger").click()
    await expect(page.locator(".toast-success")).to_contain_text("evensong is created")

    await page.goto(f"{dashboard.url}{SCOPE}/triggers")
    row = page.locator('tr[data-key="belfry.ring/evensong"]')
    await expect(row.locator(".t-last")).to_contain_text("Succeeded", timeout=30_000)
    name = (await row.locator(".t-last a").get_attribute("title") or "").removeprefix("Run ")
    assert await outcome(platform, name) == f"3 at {start.isoformat()}"

    await row.get_by_role("switch").click()
    await expect(row.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    await row.locator("[data-choose]").check()
    await page.get_by_role("button", name="Switch on").click()
    await expect(page.locator(".report")).to_contain_text("1 of 1 switched on")
    await page.get_by_role("button", name="Undo").click()
    await expect(row.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    await row.get_by_role("link", name="evensong").click()
    await page.get_by_role("link", name="History").click()
    await expect(page.locator("tbody tr")).to_have_count(4)
    await page.get_by_role("link", name="2", exact=True).click()
    await expect(page.locator("#differences")).to_contain_text("Status")


async def test_a_switch_in_one_page_shows_in_another(
    page: Page, dashboard: DashboardProcess, office: FlyteCommand, context: BrowserContext
) -> None:
    (office.folder / "bell.py").write_text(BELL)
    await asyncio.to_thread(office, "deploy", "bell.py", "env")
    other = await context.new_page()
    for each in (page, other):
        await each.goto(f"{dashboard.url}{SCOPE}/triggers?q=matins")
        await expect_live(each)
    await page.locator("tr", has_text="matins").get_by_role("switch").click()
    there = other.locator("tr", has_text="matins").get_by_role("switch")
    await expect(there).to_have_attribute("aria-checked", "false", timeout=15_000)

    await there.locator("xpath=ancestor::tr").get_by_role("link", name="matins").click()
    await expect_live(other)
    await mark(other)
    await expect(other.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    await page.locator("tr", has_text="matins").get_by_role("switch").click()
    await expect(other.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    assert not await has_reloaded(other)


BELL = """
import flyte
env = flyte.TaskEnvironment(name="bell")

@env.task(triggers=flyte.Trigger("matins", flyte.Cron("0 3 1 1 *", timezone="Europe/Berlin")))
async def toll() -> None: ...
"""


async def test_a_project_is_made_archived_and_restored(
    page: Page, dashboard: DashboardProcess
) -> None:
    await page.goto(f"{dashboard.url}/v2/projects")
    await page.get_by_role("link", name="New project").click()
    await page.get_by_label("Name", exact=True).fill("Bell Tower")
    await expect(page.locator("#id")).to_have_value("bell-tower")
    await page.get_by_role("button", name="Create project").click()
    await expect(page.get_by_role("heading", name="Bell Tower")).to_be_visible()
    await page.get_by_text("Archive this project").click()
    await page.get_by_label("Type bell-tower").fill("bell-tower")
    await page.get_by_role("button", name="Archive").click()
    await expect(page.locator(".badge", has_text="archived")).to_be_visible()
    await page.goto(f"{dashboard.url}/v2/projects")
    await expect(page.get_by_role("link", name="Bell Tower")).to_have_count(0)
    await page.get_by_role("link", name="Archived").click()
    await page.get_by_role("link", name="Bell Tower").click()
    await page.get_by_role("button", name="Restore").click()
    await page.goto(f"{dashboard.url}/v2/projects")
    await expect(page.get_by_role("link", name="Bell Tower")).to_be_visible()


async def test_a_viewer_is_offered_nothing_to_change(
    page: Page, dashboard: DashboardProcess, new_context: Callable[..., object]
) -> None:
    context: BrowserContext = await new_context(signed_in=False)  # type: ignore[misc,assignment]
    context.watchdog.expected = lambda text: "403" in text  # type: ignore[attr-defined]
    vera = await sign_in_as(context, dashboard, "vera")
    await page.goto(f"{dashboard.url}/people")
    await give(page, "vera", "viewer")
    for place in ("triggers", "apps", "settings"):
        await vera.goto(f"{dashboard.url}{SCOPE}/{place}")
        await expect(vera.get_by_role("heading", level=1)).to_be_visible()
        for control in ("New trigger", "Edit this level", "Switch on"):
            await expect(vera.get_by_text(control)).to_be_hidden()
    answer = await vera.goto(f"{dashboard.url}{SCOPE}/secrets")
    assert answer is not None
    assert answer.status == 403


PAGES = (
    *(f"{SCOPE}/{each}" for each in ("triggers", "triggers/new", "secrets")),
    *(f"{SCOPE}/{each}" for each in ("secrets/new", "apps", "settings", "settings/org/edit")),
    *("/v2/projects", "/v2/projects/flytesnacks", "/v2/new-project", "/people"),
)


async def test_nothing_is_wider_than_a_narrow_window(
    dashboard: DashboardProcess, new_context: Callable[..., object]
) -> None:
    context: BrowserContext = await new_context(viewport=NARROW)  # type: ignore[misc,assignment]
    page = await context.new_page()
    for address in PAGES:
        await page.goto(f"{dashboard.url}{address}")
        assert not await is_wider_than_the_window(page), address


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everybody_can_use_these_pages(
    dashboard: DashboardProcess,
    new_context: Callable[..., object],
    office: FlyteCommand,
    scheme: str,
) -> None:
    (office.folder / "bell.py").write_text(BELL)
    await asyncio.to_thread(office, "deploy", "bell.py", "env")
    await asyncio.to_thread(office, "deploy", "office.py", "plain")
    context: BrowserContext = await new_context(color_scheme=scheme)  # type: ignore[misc,assignment]
    context.watchdog.expected = is_of_axe  # type: ignore[attr-defined]
    page = await context.new_page()
    one = f"{SCOPE}/triggers/bell.toll/matins"
    own = (one, f"{one}/edit", f"{one}/delete", f"{one}?tab=history&revision=1", f"{one}?tab=json")
    faults = []
    for address in (*PAGES, f"{SCOPE}/triggers/new?task=belfry.ring", *own):
        await page.goto(f"{dashboard.url}{address}")
        try:
            await assert_accessible(page)
        except AssertionError as fault:
            faults.append(f"{address}: {fault}")
    assert not faults, "\n\n".join(faults)

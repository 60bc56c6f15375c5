"""What a role allows, in two real browsers: an admin gives and takes, the other page follows."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from playwright.async_api import BrowserContext, Page, expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, expect_live, has_reloaded, mark, open_run
from tests.flyte_command import FlyteCommand

HEARD = 10_000
"""A page hears within ten seconds that a role is gone."""


async def open_people(page: Page, dashboard: DashboardProcess) -> None:
    await page.goto(f"{dashboard.url}/v2/projects")
    await page.locator(".bar-tools details.menu summary").click()
    await page.get_by_role("link", name="People and roles").click()


async def give(page: Page, person: str, role: str, project: str = "") -> None:
    """As an admin does on the page of people."""
    row = page.locator(".person", has=page.get_by_role("heading", name=re.compile(f"^{person}")))
    await row.locator("select").select_option(role)
    await row.locator("input[name=project]").fill(project)
    await row.get_by_role("button", name="Give").click()
    await expect(page.locator(".toast-success")).to_contain_text(f"{person} is {role}")


async def sign_in_as(context: BrowserContext, dashboard: DashboardProcess, name: str) -> Page:
    link = await asyncio.to_thread(dashboard.manage, "local_account", "--username", name)
    page = await context.new_page()
    await page.goto(link)
    return page


async def test_an_operator_who_is_made_a_viewer_loses_the_abort_without_a_reload(
    page: Page,
    dashboard: DashboardProcess,
    flyte_cli: FlyteCommand,
    new_context: Callable[..., object],
) -> None:
    context: BrowserContext = await new_context(signed_in=False)  # type: ignore[misc,assignment]
    context.watchdog.expected = lambda text: "403" in text  # type: ignore[attr-defined]
    otto = await sign_in_as(context, dashboard, "otto")
    await open_people(page, dashboard)
    await give(page, "otto", "operator")
    run = await asyncio.to_thread(flyte_cli.run, "fanout", "--step_s", "20")
    await open_run(otto, dashboard, run.name)
    await expect_live(otto)
    abort = otto.get_by_role("link", name="Abort…")
    await expect(abort).to_be_visible()
    await mark(otto)

    await give(page, "otto", "viewer")
    await expect(abort).to_be_hidden(timeout=HEARD)
    await expect(otto.locator("dialog#abort")).to_have_count(0)
    await expect_live(otto)
    assert not await has_reloaded(otto)
    status = await otto.evaluate(
        """async () => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            const body = new URLSearchParams({ csrfmiddlewaretoken: token, reason: "x" });
            return (await fetch(location.pathname + "/abort", { method: "POST", body })).status;
        }"""
    )
    assert status == 403

    await page.goto(f"{dashboard.url}{SCOPE}/runs/{run.name}")
    await page.get_by_role("link", name="Abort…").click()
    await page.get_by_role("button", name="Abort the run").click()
    await expect(page.locator(".run-phase .phase-aborted").first).to_be_visible(timeout=30_000)
    await page.goto(f"{dashboard.url}/audit?action=run.abort&thing={run.name}")
    rows = page.locator("table.entries tbody tr")
    await expect(rows).to_have_count(2)
    await expect(rows.nth(0)).to_contain_text("done")
    await expect(rows.nth(1)).to_contain_text("otto")
    await expect(rows.nth(1)).to_contain_text("refused")


async def test_a_token_is_made_used_and_revoked(page: Page, dashboard: DashboardProcess) -> None:
    await page.goto(f"{dashboard.url}/tokens")
    await page.get_by_label("Name").fill("nightly report")
    await page.get_by_role("button", name="Make a token").click()
    token = await page.locator(".new-token code").first.text_content()
    assert token is not None
    address = f"{dashboard.url}/api/v1/projects"
    header = {"Authorization": f"Bearer {token}"}
    answer = await page.request.get(address, headers=header)
    assert "flytesnacks" in [item["id"] for item in (await answer.json())["items"]]
    await page.goto(f"{dashboard.url}/tokens")
    await expect(page.locator("body")).not_to_contain_text(token)
    await page.get_by_role("button", name=re.compile("^Revoke")).first.click()
    await expect(page.locator(".toast-success")).to_contain_text("no longer works")
    assert (await page.request.get(address, headers=header)).status == 401

"""One session of an operator: signs in by PKCE, launches a run, and loses the role over it."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from playwright.async_api import BrowserContext, expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, expect_live, has_reloaded, mark
from tests.browser.test_sign_in import (
    TOKEN_LIFETIME_S,
    board,  # noqa: F401 - fixtures, found by name
    context,  # noqa: F401
    sign_in_as,
    signing_platform,  # noqa: F401
)
from tests.contract.authorization_platform import GuardedPlatform
from tests.flyte_command import FlyteCommand

HEARD_MS = (TOKEN_LIFETIME_S + 15) * 1000
"""The server tells of changed groups with the next token, and a page hears of it in seconds."""


def make_viewer(platform: GuardedPlatform, person: str) -> None:
    """As an administrator of the authorization server does."""
    folder = platform.data_dir / "authorization"
    with sqlite3.connect(folder / "authorization.db") as database:
        groups = ('["flightboard-viewer"]', person)
        database.execute("UPDATE people SET groups = ? WHERE subject = ?", groups)


async def test_an_operator_launches_a_run_and_loses_the_abort_when_the_role_is_gone(
    context: BrowserContext,  # noqa: F811
    board: DashboardProcess,  # noqa: F811
    signing_platform: GuardedPlatform,  # noqa: F811
    tmp_path: Path,
) -> None:
    command = FlyteCommand(signing_platform.port, tmp_path)
    first = await asyncio.to_thread(command.run, "fanout", "--step_s", "30")
    page = await context.new_page()
    await sign_in_as(page, board, "otto", f"{SCOPE}/runs/{first.name}")

    await page.get_by_role("button", name="Rerun").click()
    await page.wait_for_url(lambda url: "/runs/" in url and first.name not in url)
    await expect(page.locator(".toast-success")).to_contain_text(first.name)
    await expect_live(page)
    abort = page.get_by_role("link", name="Abort…")
    await expect(abort).to_be_visible()
    await expect(page.locator(".facts")).to_contain_text("otto")
    await mark(page)

    make_viewer(signing_platform, "otto")
    await expect(abort).to_be_hidden(timeout=HEARD_MS)
    await expect(page.get_by_role("button", name="Rerun")).to_be_hidden()
    await expect_live(page)
    assert not await has_reloaded(page)
    for act in ("abort", "rerun"):
        status = await page.evaluate(
            """async (act) => {
                const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
                const body = new URLSearchParams({ csrfmiddlewaretoken: token, reason: "x" });
                const address = `${location.pathname}/${act}`;
                return (await fetch(address, { method: "POST", body })).status;
            }""",
            act,
        )
        assert status == 403

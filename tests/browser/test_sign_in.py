"""A real Chromium signs in: at the local platform's own server, and at one that isn't ours."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, expect_live
from tests.contract.authorization_platform import GuardedPlatform
from tests.oidc.provider import OidcProvider, start_provider

RUNS = f"{SCOPE}/runs"
TOKEN_LIFETIME_S = 8


@pytest.fixture(scope="module")
def signing_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedPlatform]:
    """A local platform at which people sign in; its tokens live for seconds."""
    flags = ("--authorization", "--token-lifetime", str(TOKEN_LIFETIME_S), "--clock-skew", "1")
    with GuardedPlatform(tmp_path_factory.mktemp("signing") / "data", *flags) as platform:
        yield platform


@pytest.fixture(scope="module")
def board(
    signing_platform: GuardedPlatform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DashboardProcess]:
    """A dashboard as `make run` starts it in front of that platform."""
    process = DashboardProcess(
        tmp_path_factory.mktemp("board"), f"localhost:{signing_platform.port}"
    )
    process.environment |= {
        "SIGN_IN_CLIENT_ID": "flightboard",
        "DEMO_PEOPLE": "vera=viewer,otto=operator,ada=admin",
        "ROLE_GROUPS": "flightboard-viewer=viewer;flightboard-operator=operator;"
        "flightboard-admin=admin",
    }
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    started = start_provider(tmp_path_factory.mktemp("oidc") / "log.txt")
    yield started
    started.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A browser in which nobody is signed in."""
    made = await chromium.new_context()
    yield made
    await made.close()


async def sign_in_as(page: Page, board: DashboardProcess, person: str, path: str = RUNS) -> None:
    """From a page that asks for it, by the person's button, through the server, and back."""
    await page.goto(f"{board.url}{path}")
    await _choose(page, person)
    await page.wait_for_url(f"{board.url}{path}")


async def _choose(page: Page, person: str) -> None:
    await page.get_by_role("button", name=re.compile(f"^{person}", re.IGNORECASE)).click()
    # The server's own page, unless it took the hint that the button gave.
    await page.wait_for_url(lambda url: "/sign-in" not in url)
    if "/oauth2/authorize" in page.url:
        await page.get_by_role("button", name=re.compile(f"^{person}", re.IGNORECASE)).click()


def newest_tokens(board: DashboardProcess) -> dict[str, str]:
    """What the dashboard keeps sealed of the newest sign-in, opened with its own key."""
    with sqlite3.connect(board.home / "dashboard.sqlite3") as database:
        sealed = database.execute("SELECT sealed FROM dashboard_signin ORDER BY id DESC").fetchone()
    key = (board.home / "token_key").read_text().strip()
    tokens: dict[str, str] = json.loads(Fernet(key).decrypt(sealed[0].encode()))
    return tokens


def revoke(platform: GuardedPlatform, board: DashboardProcess) -> None:
    """As somebody does at the server, without a word to the dashboard."""
    for token in (newest_tokens(board)["refresh"], newest_tokens(board)["access"]):
        answer = httpx.post(
            f"{platform.url}/oauth2/revoke", data={"token": token, "client_id": "flightboard"}
        )
        assert answer.status_code == 200


async def test_a_click_on_a_person_signs_in_and_leads_to_the_page_that_was_wanted(
    context: BrowserContext, board: DashboardProcess
) -> None:
    page = await context.new_page()
    await sign_in_as(page, board, "otto")
    await expect(page.locator(".bar-tools details.menu")).to_contain_text("Otto Marchetti")
    await expect_live(page)


async def test_a_page_stays_live_while_its_token_is_renewed(
    context: BrowserContext, board: DashboardProcess, signing_platform: GuardedPlatform
) -> None:
    page = await context.new_page()
    await sign_in_as(page, board, "vera")
    await expect_live(page)
    first, opened = newest_tokens(board)["access"], watches_opened(signing_platform)
    await until(page, lambda: newest_tokens(board)["access"] != first)
    # The platform ends what was opened with the first token, at that token's end.
    await until(page, lambda: watches_opened(signing_platform) > opened)
    await expect_live(page)


def watches_opened(platform: GuardedPlatform) -> int:
    """How many watches of runs the platform has seen so far."""
    return platform.streams()["opened"].get("flyteidl2.workflow.RunService/WatchRuns", 0)


async def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait for something that the page itself does not show."""
    deadline = time.monotonic() + 5 * TOKEN_LIFETIME_S
    while not is_so():
        assert time.monotonic() < deadline
        await page.wait_for_timeout(200)


async def test_a_token_revoked_at_the_server_ends_the_page_and_leads_back(
    context: BrowserContext, board: DashboardProcess, signing_platform: GuardedPlatform
) -> None:
    page = await context.new_page()
    await sign_in_as(page, board, "ada", f"{RUNS}?phase=failed")
    await expect_live(page)
    revoke(signing_platform, board)
    live = page.locator("#live")
    await expect(live).to_have_attribute("data-state", "signed-out", timeout=10_000)
    await page.get_by_role("link", name="Sign in again").click()
    await _choose(page, "ada")
    await page.wait_for_url(f"{board.url}{RUNS}?phase=failed")
    await expect_live(page)


async def test_signing_out_ends_the_other_tabs_too(
    context: BrowserContext, board: DashboardProcess
) -> None:
    page, other = await context.new_page(), await context.new_page()
    await sign_in_as(page, board, "otto")
    await other.goto(f"{board.url}{RUNS}")
    await expect_live(other)
    await page.locator(".bar-tools details.menu summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name=re.compile("^Otto"))).to_be_visible()
    state = other.locator("#live")
    await expect(state).to_have_attribute("data-state", "signed-out", timeout=10_000)


async def test_whoever_cancels_at_the_server_is_told_so(
    context: BrowserContext, board: DashboardProcess
) -> None:
    page = await context.new_page()
    await page.goto(f"{board.url}/sign-in")
    await page.get_by_role("button", name=re.compile("^Sign in at")).click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.locator("main")).to_contain_text("You were not signed in")
    await page.get_by_role("link", name="Sign in", exact=True).click()
    await expect(page.get_by_role("button", name=re.compile("^Vera"))).to_be_visible()


async def test_it_signs_in_at_a_server_that_is_not_ours(
    context: BrowserContext,
    signing_platform: GuardedPlatform,
    provider: OidcProvider,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    board = DashboardProcess(tmp_path_factory.mktemp("other"), signing_platform.endpoint)
    board.environment |= {
        "OIDC_ISSUER": provider.issuer,
        "OIDC_SCOPES": "openid,profile,groups",
        "ROLE_GROUPS": "crew-mia=operator",
    }
    board.start()
    try:
        page = await context.new_page()
        await page.goto(f"{board.url}{RUNS}")
        await expect(page.locator("main")).to_contain_text("only gate")
        await page.get_by_role("button", name=re.compile("^Sign in at 127.0.0.1")).click()
        await page.locator("[name=login]").fill("mia")
        await page.locator("[name=password]").fill("whatever")
        await page.locator("[type=submit]").click()
        await page.get_by_role("button", name="Continue").click()
        await page.wait_for_url(f"{board.url}{RUNS}")
        await expect(page.locator(".bar-tools details.menu")).to_contain_text("mia of the crew")
        await expect_live(page)
    finally:
        board.stop()


async def test_over_tls_only_the_persons_own_token_opens_the_platform(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("guarded")
    with GuardedPlatform(folder / "platform") as platform:
        board = DashboardProcess(folder / "board", f"localhost:{platform.port}")
        board.environment |= {
            "SIGN_IN_CLIENT_ID": "flightboard",
            "FLYTE_INSECURE": "false",
            "FLYTE_CA_CERT": str(platform.authority),
            "DEMO_PEOPLE": "ada=admin",
            "ROLE_GROUPS": "flightboard-admin=admin",
        }
        board.start()
        context = await chromium.new_context(ignore_https_errors=True)
        try:
            page = await context.new_page()
            await page.goto(board.sign_in_link())
            await expect(page.locator("main")).to_contain_text("does not accept Flightboard's own")
            await sign_in_as(page, board, "ada")
            await expect_live(page)
        finally:
            await context.close()
            board.stop()


async def test_no_token_stands_in_any_log_or_page(
    context: BrowserContext, board: DashboardProcess, signing_platform: GuardedPlatform
) -> None:
    page = await context.new_page()
    await sign_in_as(page, board, "vera")
    tokens = newest_tokens(board)
    texts = [await page.content(), board.log(), signing_platform.server_log.read_text()]
    database = (board.home / "dashboard.sqlite3").read_bytes()
    for token in tokens.values():
        assert token
        assert all(token not in text for text in texts)
        assert token.encode() not in database

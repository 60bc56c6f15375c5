"""Every way of signing in, against an authorization server that this project did not write."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from remote_client._client.auth import (
    AuthenticationError,
    AuthenticationTransientError,
    AuthOptions,
    ClientConfig,
    Clock,
    Credentials,
    FileTokenStore,
    HttpOptions,
    HttpSessions,
    OAuthError,
    StaticClientConfigStore,
    TokenAuthenticator,
    TokenKey,
    create_authenticator,
)
from tests.oidc.browser import approve, refuse
from tests.oidc.provider import SECRET, OidcProvider, start_provider
from tests.oidc.settings import PLATFORM, TestClock


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    started = start_provider(tmp_path_factory.mktemp("oidc") / "log.txt")
    yield started
    started.stop()


class CountingTransport(httpx.AsyncHTTPTransport):
    """The real network, which remembers what was asked and can be cut."""

    def __init__(self) -> None:
        super().__init__(trust_env=False)
        self.grants: list[str] = []
        self.cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("the cable is out")
        body = (await request.aread()).decode()
        self.grants += re.findall(r"grant_type=([^&]+)", body)
        return await super().handle_async_request(request)

    async def aclose(self) -> None:
        """Stays open: every sign-in has a session of its own over this one transport."""


@dataclass
class Setting:
    """One person or program at one machine."""

    provider: OidcProvider
    store: FileTokenStore
    clock: TestClock
    transport: CountingTransport

    def authenticator(self, auth_type: str, **said: Any) -> TokenAuthenticator:
        announced = self.provider.announced
        clock = said.pop("clock", None) or Clock(now=lambda: self.clock.time_s)
        methods = said.pop("methods", announced["token_endpoint_auth_methods_supported"])
        config = ClientConfig(
            token_endpoint=str(announced["token_endpoint"]),
            authorization_endpoint=str(announced["authorization_endpoint"]),
            device_authorization_endpoint=str(announced["device_authorization_endpoint"]),
            redirect_uri=str(announced["redirect_uri"]),
            client_id=str(announced["client_id"]),
            scopes=("openid", "all"),
            token_auth_methods=tuple(methods),  # type: ignore[call-overload]
        )
        made = create_authenticator(
            PLATFORM,
            auth_type,
            AuthOptions(token_store=self.store, **said),
            config_store=StaticClientConfigStore(config),
            sessions=HttpSessions(HttpOptions(transport=self.transport)),
            clock=clock,
        )
        assert isinstance(made, TokenAuthenticator)
        return made

    def stored(self) -> Credentials:
        kept = self.store.load(TokenKey(PLATFORM.address))
        assert kept is not None
        return kept


@pytest.fixture
async def setting(provider: OidcProvider, tmp_path: Any) -> AsyncIterator[Setting]:
    transport = CountingTransport()
    yield Setting(provider, FileTokenStore(tmp_path), TestClock(), transport)
    await httpx.AsyncHTTPTransport.aclose(transport)


class Browser:
    """Opens each link as a person's browser does: on its own, beside the program."""

    def __init__(self, does: Callable[[str], Awaitable[httpx.Response]]) -> None:
        self._does = does
        self.pages: list[asyncio.Task[httpx.Response]] = []

    async def open(self, link: str) -> bool:
        self.pages.append(asyncio.ensure_future(self._does(link)))
        return True

    async def last_page(self) -> str:
        return (await self.pages[-1]).text


async def token_of(authenticator: TokenAuthenticator) -> str:
    [(_, value)] = (await authenticator.get_grpc_call_auth_metadata()).pairs
    return value.removeprefix("Bearer ")


async def test_ten_callers_sign_in_with_one_browser_and_one_code(setting: Setting) -> None:
    browser = Browser(approve)
    made = setting.authenticator("Pkce", open_browser=browser.open)
    used = await made.get_grpc_call_auth_metadata()
    assert used.pairs == ()
    await asyncio.gather(*(made.refresh_credentials(used) for _ in range(10)))
    assert await setting.provider.is_good(await token_of(made))
    assert "Signed in" in await browser.last_page()
    assert setting.transport.grants == ["authorization_code"]
    assert len(browser.pages) == 1
    assert setting.stored().refresh_token


async def test_a_person_who_refuses_is_told_so_on_both_sides(setting: Setting) -> None:
    browser = Browser(refuse)
    made = setting.authenticator("Pkce", open_browser=browser.open)
    with pytest.raises(AuthenticationError, match="was refused"):
        await made.refresh_credentials()
    assert "was refused" in await browser.last_page()
    assert setting.transport.grants == []


async def test_a_client_that_the_server_does_not_know_ends_in_bounded_time(
    setting: Setting,
) -> None:
    browser = Browser(approve)
    made = setting.authenticator(
        "Pkce", open_browser=browser.open, client_id="nobody", login_timeout_s=1.0
    )
    with pytest.raises(AuthenticationError, match="Nobody finished the sign-in"):
        await made.refresh_credentials()
    assert "invalid_client" in await browser.last_page()


async def signed_in(setting: Setting) -> TokenAuthenticator:
    made = setting.authenticator("Pkce", open_browser=Browser(approve).open)
    await made.refresh_credentials()
    return made


async def test_ten_callers_at_the_end_of_a_token_cause_one_refresh(setting: Setting) -> None:
    made = await signed_in(setting)
    first, before = await token_of(made), setting.stored()
    setting.clock.time_s += 3600 - 30
    tokens = set(await asyncio.gather(*(token_of(made) for _ in range(10))))
    assert setting.transport.grants == ["authorization_code", "refresh_token"]
    assert len(tokens) == 1
    assert first not in tokens
    assert await setting.provider.is_good(tokens.pop())
    assert setting.stored().refresh_token != before.refresh_token, "refresh tokens rotate"


async def test_the_next_process_goes_on_with_the_stored_sign_in(setting: Setting) -> None:
    first = await token_of(await signed_in(setting))
    browser = Browser(approve)
    later = setting.authenticator("Pkce", open_browser=browser.open)
    assert await token_of(later) == first
    setting.clock.time_s += 7200
    assert await setting.provider.is_good(await token_of(later))
    assert browser.pages == []


async def test_two_processes_share_the_rotating_refresh_token(setting: Setting) -> None:
    one = await signed_in(setting)
    other = setting.authenticator("Pkce")
    await token_of(other)
    for _ in range(3):
        setting.clock.time_s += 3590
        tokens = [await token_of(one), await token_of(other)]
        assert tokens[0] == tokens[1]
    assert setting.transport.grants == ["authorization_code", *["refresh_token"] * 3]


async def test_a_cut_cable_while_refreshing_loses_no_stored_sign_in(setting: Setting) -> None:
    made = await signed_in(setting)
    before = setting.stored()
    setting.transport.cut = True
    setting.clock.time_s += 4000
    for _ in range(2):
        with pytest.raises(AuthenticationTransientError, match="cannot be reached"):
            await made.get_grpc_call_auth_metadata()
    assert setting.stored() == before
    setting.transport.cut = False
    assert await setting.provider.is_good(await token_of(made))
    assert setting.transport.grants == ["authorization_code", "refresh_token"]


async def test_a_sign_in_that_the_server_ended_is_forgotten_and_done_again(
    setting: Setting,
) -> None:
    browser = Browser(approve)
    made = setting.authenticator("Pkce", open_browser=browser.open)
    await made.refresh_credentials()
    refresh_token = setting.stored().refresh_token
    assert refresh_token is not None
    await setting.provider.revoke(refresh_token)
    await made.refresh_credentials()
    assert await setting.provider.is_good(await token_of(made))
    assert setting.transport.grants == [
        "authorization_code",
        "refresh_token",
        "authorization_code",
    ]
    assert setting.stored().refresh_token != refresh_token


class Device:
    """Waits for the person instead of the clock, and does what the person does."""

    def __init__(self, does: Callable[[str], Awaitable[httpx.Response]]) -> None:
        self._does = does
        self.lines: list[str] = []
        self.polled = 0

    def announce(self, line: str) -> None:
        self.lines.append(line)

    async def sleep(self, seconds: float) -> None:
        self.polled += 1
        if self.polled == 2:  # the first poll finds the person still looking for the glasses
            [link] = re.findall(r"http\S+", self.lines[-1])
            await self._does(link)

    @property
    def clock(self) -> Clock:
        return Clock(sleep=self.sleep)


async def test_signing_in_on_another_device(setting: Setting) -> None:
    device = Device(approve)
    made = setting.authenticator("DeviceFlow", announce=device.announce, clock=device.clock)
    used = await made.get_grpc_call_auth_metadata()
    await asyncio.gather(*(made.refresh_credentials(used) for _ in range(10)))
    assert await setting.provider.is_good(await token_of(made))
    assert len(device.lines) == 1
    assert len(setting.transport.grants) == device.polled == 2
    await made.refresh_credentials()
    assert setting.transport.grants[-1] == "refresh_token"
    assert await setting.provider.is_good(await token_of(made))


async def test_refusing_on_another_device(setting: Setting) -> None:
    device = Device(refuse)
    made = setting.authenticator("DeviceFlow", announce=device.announce, clock=device.clock)
    with pytest.raises(AuthenticationError, match="refused on the other device"):
        await made.refresh_credentials()


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_ten_calls_of_a_program_cause_one_token_request(
    setting: Setting, method: str
) -> None:
    made = setting.authenticator(
        "ClientSecret", client_id=f"machine {method}", client_secret=SECRET, methods=[method]
    )
    tokens = set(await asyncio.gather(*(token_of(made) for _ in range(10))))
    assert len(tokens) == 1
    assert await setting.provider.is_good(tokens.pop())
    assert setting.transport.grants == ["client_credentials"]


async def test_a_program_with_a_wrong_secret_is_told_so(setting: Setting) -> None:
    made = setting.authenticator(
        "ClientSecret", client_id="machine client_secret_basic", client_secret="wr0ng-secret"
    )
    with pytest.raises(OAuthError, match="client secret") as wrong:
        await made.get_grpc_call_auth_metadata()
    assert "wr0ng" not in str(wrong.value)

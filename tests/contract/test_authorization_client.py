"""remote_client's own ways of signing in, against the local platform's authorization server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from remote_client import AuthenticationError, AuthOptions, ClientSet, Project, RemoteError
from remote_client import User as Caller
from remote_client._client.auth import MemoryTokenStore
from tests.contract.authorization_platform import SERVICE, GuardedPlatform
from tests.contract.platform_calls import wait_for

_DEVICE_LINK = re.compile(r"https://\S+user_code=\S+")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedPlatform]:
    with GuardedPlatform(tmp_path_factory.mktemp("guarded") / "data") as platform:
        yield platform


@pytest.fixture
def short_lived(tmp_path: Path) -> Iterator[GuardedPlatform]:
    """Access tokens that end after two seconds, refresh tokens after six."""
    flags = ("--require-auth", "--token-lifetime", "2", "--refresh-lifetime", "6")
    with GuardedPlatform(tmp_path / "data", *flags, "--clock-skew", "0") as platform:
        yield platform


class Person:
    """Somebody at a browser, who counts how often they had to sign in."""

    def __init__(self, platform: GuardedPlatform, name: str) -> None:
        self.platform = platform
        self.name = name
        self.visits = 0

    async def open_link(self, link: str) -> bool:
        """What the browser does with a PKCE link, up to the program's own page."""
        self.visits += 1
        answer = await asyncio.to_thread(self.platform.click, link, self.name)
        async with httpx.AsyncClient(trust_env=False) as browser:
            await browser.get(answer.headers["location"])
        return True

    def read_line(self, line: str) -> None:
        """What the person does with a line that a device shows."""
        self.visits += 1
        found = _DEVICE_LINK.search(line)
        assert found, line
        self.platform.click(found[0], self.name)


async def _client(platform: GuardedPlatform, **options: Any) -> ClientSet:
    auth = AuthOptions(**{"token_store": MemoryTokenStore(), **options})
    return await ClientSet.for_endpoint(
        f"localhost:{platform.port}", ca_cert_file_path=platform.authority, auth=auth
    )


def _with_browser(person: Person) -> dict[str, Any]:
    # The announced port may be in use by another test; on loopback any will do.
    return {"open_browser": person.open_link, "redirect_uri": "http://127.0.0.1/callback"}


async def _caller(client: ClientSet) -> str:
    return (await Caller.get(client=client)).subject


async def test_a_browser_signs_a_person_in(guarded: GuardedPlatform) -> None:
    otto = Person(guarded, "otto")
    async with await _client(guarded, **_with_browser(otto)) as client:
        assert await _caller(client) == "otto"
        assert [each.id async for each in Project.listall(client=client)] == ["flytesnacks"]
    assert otto.visits == 1


async def test_a_sign_in_is_kept_for_the_next_client(guarded: GuardedPlatform) -> None:
    vera, store = Person(guarded, "vera"), MemoryTokenStore()
    for _ in range(2):
        options = _with_browser(vera) | {"token_store": store}
        async with await _client(guarded, **options) as client:
            assert await _caller(client) == "vera"
    assert vera.visits == 1


async def test_fifty_calls_at_once_ask_the_person_once(guarded: GuardedPlatform) -> None:
    ada = Person(guarded, "ada")
    async with await _client(guarded, **_with_browser(ada)) as client:
        callers = await asyncio.gather(*(_caller(client) for _ in range(50)))
    assert set(callers) == {"ada"}
    assert ada.visits == 1


async def test_a_person_who_refuses_is_understood(guarded: GuardedPlatform) -> None:
    async with await _client(guarded, **_with_browser(Person(guarded, "-"))) as client:
        with pytest.raises((AuthenticationError, RemoteError), match="refused"):
            await _caller(client)


async def test_another_screen_signs_a_person_in(guarded: GuardedPlatform) -> None:
    ada = Person(guarded, "ada")
    async with await _client(guarded, auth_type="DeviceFlow", announce=ada.read_line) as client:
        assert await _caller(client) == "ada"
    assert ada.visits == 1


async def test_a_service_signs_itself_in(guarded: GuardedPlatform) -> None:
    options = {"client_id": SERVICE, "client_secret": guarded.secret}
    async with await _client(guarded, **options) as client:
        assert await _caller(client) == SERVICE


async def test_a_service_with_a_wrong_secret_is_refused(guarded: GuardedPlatform) -> None:
    options = {"client_id": SERVICE, "client_secret": "guessed"}
    async with await _client(guarded, **options) as client:
        with pytest.raises((AuthenticationError, RemoteError), match="does not accept this client"):
            await _caller(client)


async def test_a_sign_in_that_was_revoked_is_asked_for_again(guarded: GuardedPlatform) -> None:
    otto, store = Person(guarded, "otto"), _Kept()
    options = _with_browser(otto) | {"token_store": store}
    async with await _client(guarded, **options) as client:
        await _caller(client)
        revoked = store.refresh_token
        guarded.post("/oauth2/revoke", token=revoked, client_id="flytectl")
        assert await _caller(client) == "otto"
    assert otto.visits == 2
    assert store.refresh_token != revoked


async def test_tokens_are_renewed_without_the_person(short_lived: GuardedPlatform) -> None:
    vera, store = Person(short_lived, "vera"), _Kept()
    options = _with_browser(vera) | {"token_store": store}
    async with await _client(short_lived, **options) as client:
        await _caller(client)
        first = store.access_token
        await asyncio.to_thread(wait_for, lambda: _is_over(short_lived, first), "its end", 10)
        assert await _caller(client) == "vera"
        assert store.access_token != first
    assert vera.visits == 1


async def test_a_sign_in_that_lay_too_long_is_asked_for_again(
    short_lived: GuardedPlatform,
) -> None:
    vera, store = Person(short_lived, "vera"), _Kept()
    options = _with_browser(vera) | {"token_store": store}
    async with await _client(short_lived, **options) as client:
        await _caller(client)
        token = store.refresh_token
        gone = lambda: not _refresh_counts(short_lived, token)  # noqa: E731
        await asyncio.to_thread(wait_for, gone, "the end of the refresh token", 20)
        assert await _caller(client) == "vera"
    assert vera.visits == 2


class _Kept(MemoryTokenStore):
    """Shows what it keeps."""

    @property
    def access_token(self) -> str:
        (kept,) = self._kept.values()
        return kept.access_token

    @property
    def refresh_token(self) -> str:
        (kept,) = self._kept.values()
        assert kept.refresh_token
        return kept.refresh_token


def _is_over(platform: GuardedPlatform, token: str) -> bool:
    calls = platform.calls(token)
    try:
        calls.list_runs()
    except grpc.RpcError as error:
        return error.code() is grpc.StatusCode.UNAUTHENTICATED
    finally:
        calls.close()
    return False


def _refresh_counts(platform: GuardedPlatform, token: str) -> bool:
    answer = platform.post(
        "/oauth2/introspect", token=token, client_id=SERVICE, client_secret=platform.secret
    )
    return bool(answer.json()["active"])

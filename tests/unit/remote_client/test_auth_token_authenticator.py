"""Credentials are renewed once for everybody, before their end, and survive every outage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest

from remote_client._client.auth import (
    AuthenticationError,
    AuthenticationTransientError,
    AuthOptions,
    ClientConfig,
    ClientConfigStore,
    Credentials,
    GrpcAuthMetadata,
    InvalidGrantError,
    MemoryTokenStore,
    OAuthError,
    StaticClientConfigStore,
    TokenAuthenticator,
    TokenKey,
)
from tests.oidc.settings import PLATFORM, TestClock, options

KEY = TokenKey(PLATFORM.address)


class Authenticator(TokenAuthenticator):
    """Signs in and refreshes as the test says, and counts both."""

    def __init__(self, said: AuthOptions, clock: TestClock, **more: Any) -> None:
        config = more.pop("config_store", StaticClientConfigStore(ClientConfig()))
        super().__init__(PLATFORM, said, config_store=config, clock=clock.clock, **more)
        self.time = clock
        self.sign_ins = self.refreshes = 0
        self.on_sign_in: Callable[[], Exception | None] = lambda: None
        self.on_refresh: Callable[[], Exception | None] = lambda: None
        self.refresh_token: str | None = "r1"
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def _sign_in(self) -> Credentials:
        self.sign_ins += 1
        await self.gate.wait()
        return self._made(f"signed-in-{self.sign_ins}", self.on_sign_in())

    async def _refresh(self, credentials: Credentials) -> Credentials:
        self.refreshes += 1
        self.begun.set()
        await self.gate.wait()
        return self._made(f"refreshed-{self.refreshes}", self.on_refresh())

    def _made(self, name: str, error: Exception | None) -> Credentials:
        if error is not None:
            raise error
        now = self.time.time_s
        return Credentials(
            access_token=name,
            refresh_token=self.refresh_token,
            issued_at=now,
            expires_at=now + 3600,
        )


class QuietAuthenticator(Authenticator):
    quiet = True


@dataclass
class Kept:
    """A store with a sign-in of an hour in it."""

    clock: TestClock = field(default_factory=TestClock)
    store: MemoryTokenStore = field(default_factory=MemoryTokenStore)

    def __post_init__(self) -> None:
        self.keep("stored", "r1", self.clock.time_s)

    def keep(self, name: str, refresh_token: str | None, issued_at: float) -> None:
        self.store.save(
            KEY,
            Credentials(
                access_token=name,
                refresh_token=refresh_token,
                issued_at=issued_at,
                expires_at=issued_at + 3600,
            ),
        )

    def authenticator(self, kind: type[Authenticator] = Authenticator) -> Authenticator:
        return kind(options(token_store=self.store), self.clock)


async def bearer(authenticator: TokenAuthenticator) -> str:
    pairs = (await authenticator.get_grpc_call_auth_metadata()).pairs
    return pairs[0][1] if pairs else ""


async def test_it_sends_nothing_before_the_first_sign_in_of_a_person() -> None:
    authenticator = Authenticator(options(), TestClock())
    assert await bearer(authenticator) == ""
    assert authenticator.sign_ins == 0


async def test_it_signs_in_before_the_first_call_where_nobody_is_asked() -> None:
    authenticator = QuietAuthenticator(options(), TestClock())
    assert await bearer(authenticator) == "Bearer signed-in-1"


@pytest.mark.parametrize("kind", [Authenticator, QuietAuthenticator])
async def test_ten_first_callers_cause_one_sign_in(kind: type[Authenticator]) -> None:
    authenticator = kind(options(), TestClock())

    async def call() -> str:
        used = await authenticator.get_grpc_call_auth_metadata()
        if not used.pairs:
            assert await authenticator.refresh_credentials(used)
        return await bearer(authenticator)

    assert await asyncio.gather(*(call() for _ in range(10))) == ["Bearer signed-in-1"] * 10
    assert authenticator.sign_ins == 1


async def test_a_caller_who_is_refused_late_takes_the_renewal_that_ended_meanwhile() -> None:
    authenticator = Kept().authenticator()
    early, late = [await authenticator.get_grpc_call_auth_metadata() for _ in range(2)]
    await authenticator.refresh_credentials(early)
    await authenticator.refresh_credentials(late)
    assert authenticator.refreshes == 1
    assert await bearer(authenticator) == "Bearer refreshed-1"


async def test_a_caller_who_is_refused_late_gets_the_error_of_the_sign_in_that_failed() -> None:
    authenticator = Authenticator(options(), TestClock())
    authenticator.on_sign_in = lambda: AuthenticationError("refused")
    early, late = [await authenticator.get_grpc_call_auth_metadata() for _ in range(2)]
    for used in (early, late):
        with pytest.raises(AuthenticationError, match="refused"):
            await authenticator.refresh_credentials(used)
    assert authenticator.sign_ins == 1
    with pytest.raises(AuthenticationError, match="refused"):
        await authenticator.refresh_credentials(await authenticator.get_grpc_call_auth_metadata())
    assert authenticator.sign_ins == 2


async def test_it_uses_what_is_stored_and_renews_it_before_its_end() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    assert await bearer(authenticator) == "Bearer stored"
    kept.clock.time_s += 3539
    assert await bearer(authenticator) == "Bearer stored"
    kept.clock.time_s += 2
    assert (
        await asyncio.gather(*(bearer(authenticator) for _ in range(10)))
        == ["Bearer refreshed-1"] * 10
    )
    assert (authenticator.refreshes, authenticator.sign_ins) == (1, 0)
    stored = kept.store.load(KEY)
    assert stored is not None
    assert stored.access_token == "refreshed-1"


async def test_a_network_error_while_renewing_loses_no_stored_sign_in() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    before = kept.store.load(KEY)
    authenticator.on_refresh = lambda: AuthenticationTransientError("no network")
    with pytest.raises(AuthenticationTransientError):
        await authenticator.refresh_credentials()
    assert kept.store.load(KEY) == before
    assert authenticator.sign_ins == 0
    authenticator.on_refresh = lambda: None
    await authenticator.refresh_credentials()
    assert await bearer(authenticator) == "Bearer refreshed-2"


async def test_a_token_that_still_works_is_used_while_the_server_is_out() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    authenticator.on_refresh = lambda: AuthenticationTransientError("no network")
    kept.clock.time_s += 3550
    assert [await bearer(authenticator) for _ in range(5)] == ["Bearer stored"] * 5
    assert authenticator.refreshes == 1, "an outage must not slow every call"
    kept.clock.time_s += 10
    await bearer(authenticator)
    assert authenticator.refreshes == 2
    kept.clock.time_s += 60
    with pytest.raises(AuthenticationTransientError):
        await bearer(authenticator)


async def test_only_a_refused_grant_deletes_the_stored_sign_in() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    authenticator.on_refresh = lambda: InvalidGrantError("gone")
    authenticator.on_sign_in = lambda: AuthenticationError("refused")
    with pytest.raises(AuthenticationError, match="refused"):
        await authenticator.refresh_credentials()
    assert kept.store.load(KEY) is None
    assert await bearer(authenticator) == ""


async def test_a_refused_grant_leads_to_a_new_sign_in() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    authenticator.on_refresh = lambda: InvalidGrantError("gone")
    await authenticator.refresh_credentials()
    assert await bearer(authenticator) == "Bearer signed-in-1"
    stored = kept.store.load(KEY)
    assert stored is not None
    assert stored.access_token == "signed-in-1"


async def test_a_server_that_takes_no_refresh_leads_to_a_new_sign_in() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    authenticator.on_refresh = lambda: OAuthError("not offered", "unsupported_grant_type")
    await authenticator.refresh_credentials()
    assert await bearer(authenticator) == "Bearer signed-in-1"


async def test_a_wrong_client_is_said_and_the_stored_sign_in_kept() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    authenticator.on_refresh = lambda: OAuthError("wrong client", "invalid_client")
    with pytest.raises(OAuthError, match="wrong client"):
        await authenticator.refresh_credentials()
    assert kept.store.load(KEY) is not None
    assert authenticator.sign_ins == 0


async def test_it_takes_what_another_process_renewed() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    await bearer(authenticator)
    kept.keep("renewed elsewhere", "r2", kept.clock.time_s + 1)
    await authenticator.refresh_credentials()
    assert await bearer(authenticator) == "Bearer renewed elsewhere"
    assert authenticator.refreshes == 0


async def test_it_loses_a_race_for_a_single_use_refresh_token_without_harm() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    await bearer(authenticator)

    def used_up_by_another_process() -> Exception:
        kept.keep("renewed elsewhere", "r2", kept.clock.time_s + 1)
        return InvalidGrantError("used")

    authenticator.on_refresh = used_up_by_another_process
    await authenticator.refresh_credentials()
    assert await bearer(authenticator) == "Bearer renewed elsewhere"
    assert authenticator.sign_ins == 0
    assert kept.store.load(KEY) is not None


async def test_it_does_not_ask_a_person_before_the_platform_refuses() -> None:
    kept = Kept()
    kept.keep("stored", None, kept.clock.time_s)
    authenticator = kept.authenticator()
    kept.clock.time_s += 4000
    used = await authenticator.get_grpc_call_auth_metadata()
    assert used.pairs == (("authorization", "Bearer stored"),)
    assert authenticator.sign_ins == 0
    await authenticator.refresh_credentials(used)
    assert authenticator.sign_ins == 1


async def test_it_renews_quietly_what_has_no_refresh_token() -> None:
    clock = TestClock()
    authenticator = QuietAuthenticator(options(), clock)
    authenticator.refresh_token = None
    await bearer(authenticator)
    clock.time_s += 3600
    assert await bearer(authenticator) == "Bearer signed-in-2"


async def test_it_uses_the_header_key_that_the_platform_announces() -> None:
    announced = StaticClientConfigStore(ClientConfig(header_key="flyte-authorization"))
    kept = Kept()
    authenticator = Authenticator(
        options(token_store=kept.store), kept.clock, config_store=announced
    )
    used = await authenticator.get_grpc_call_auth_metadata()
    assert used.pairs == (("flyte-authorization", "Bearer stored"),)
    overridden = Authenticator(
        options(token_store=kept.store, header_key="X-Token"), kept.clock, config_store=announced
    )
    used = await overridden.get_grpc_call_auth_metadata()
    assert used.pairs == (("x-token", "Bearer stored"),)


class Unreachable(ClientConfigStore):
    asked = 0

    async def get_client_config(self) -> ClientConfig | None:
        self.asked += 1
        empty = grpc.aio.Metadata()
        raise grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, empty, empty, "gone")


async def test_an_unreachable_platform_is_said_as_such() -> None:
    store = Unreachable()
    kept = Kept()
    authenticator = Authenticator(options(token_store=kept.store), kept.clock, config_store=store)
    with pytest.raises(grpc.aio.AioRpcError) as unreachable:
        await authenticator.get_grpc_call_auth_metadata()
    assert unreachable.value.code() is grpc.StatusCode.UNAVAILABLE
    assert kept.store.load(KEY) is not None


async def test_sign_out_forgets_here_and_in_the_store() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    await bearer(authenticator)
    await authenticator.sign_out()
    assert kept.store.load(KEY) is None
    assert await bearer(authenticator) == ""


async def test_closing_ends_a_sign_in_under_way_and_keeps_what_is_stored() -> None:
    kept = Kept()
    authenticator = kept.authenticator()
    authenticator.gate.clear()
    waiting = asyncio.create_task(authenticator.refresh_credentials())
    await authenticator.begun.wait()
    await authenticator.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert kept.store.load(KEY) is not None


async def test_each_identity_has_its_own_sign_in() -> None:
    store = MemoryTokenStore()
    clock = TestClock()
    ana, bob = (
        Authenticator(options(token_store=store, identity=name), clock) for name in ("ana", "bob")
    )
    await ana.refresh_credentials()
    assert await bearer(ana) == "Bearer signed-in-1"
    assert await bearer(bob) == ""


async def test_metadata_of_an_older_generation_is_news_for_nobody_else() -> None:
    authenticator = Authenticator(options(), TestClock())
    await authenticator.refresh_credentials()
    now = await authenticator.get_grpc_call_auth_metadata()
    assert await authenticator.refresh_credentials(GrpcAuthMetadata(generation=now.generation - 1))
    assert authenticator.sign_ins == 1

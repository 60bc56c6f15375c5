"""A client, a platform that wants a token, and the authorization server that gives it: all real."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from flyteidl2.auth.identity_pb2 import UserInfoRequest

from remote_client import ClientSet
from remote_client._client.auth import (
    AuthenticationError,
    AuthOptions,
    MemoryTokenStore,
    auth_metadata,
    open_auth,
)
from remote_client._client.endpoint import Endpoint
from tests.oidc.browser import approve
from tests.oidc.certificates import Certificate, make_certificate
from tests.oidc.grpc_server import (
    TAIL,
    TALK,
    UNARY,
    UPLOAD,
    BearerServer,
    bearer_server,
    open_channel,
)
from tests.oidc.provider import SECRET, OidcProvider, start_provider


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    started = start_provider(tmp_path_factory.mktemp("oidc") / "log.txt")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


class Browser:
    def __init__(self) -> None:
        self.pages: list[asyncio.Task[Any]] = []

    async def open(self, link: str) -> bool:
        self.pages.append(asyncio.ensure_future(approve(link)))
        return True


@dataclass
class Platform:
    """A platform that asks the authorization server about every token."""

    server: BearerServer
    provider: OidcProvider
    certificate: Certificate | None
    browser: Browser

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint("127.0.0.1", self.server.port, self.certificate is None)

    def options(self, **said: Any) -> AuthOptions:
        values = {
            "auth_type": "Pkce",
            "token_store": MemoryTokenStore(),
            "open_browser": self.browser.open,
            "ca_cert_file": self.certificate and self.certificate.chain_file,
        }
        return AuthOptions(**(values | said))

    @asynccontextmanager
    async def channel(self, options: AuthOptions) -> AsyncIterator[Any]:
        root = self.certificate.chain if self.certificate else None
        auth = open_auth(
            self.endpoint, options, lambda bare: open_channel(self.server, bare, root=root)
        )
        channel = open_channel(self.server, auth.interceptors, root=root)
        try:
            yield channel
        finally:
            await channel.close()
            await auth.aclose()

    async def client(self, options: AuthOptions) -> ClientSet:
        return await ClientSet.for_endpoint(
            self.endpoint.address,
            insecure=self.endpoint.insecure,
            auth=options,
            ca_cert_file_path=options.ca_cert_file,
        )


@pytest.fixture(params=["plaintext", "tls"])
async def platform(
    request: pytest.FixtureRequest, provider: OidcProvider, certificate: Certificate
) -> AsyncIterator[Platform]:
    tls = certificate if request.param == "tls" else None
    server = BearerServer(
        accepts=provider.is_good,
        header_key="flyte-authorization",
        announced=provider.announced | {"authorization_metadata_key": "Flyte-Authorization"},
    )
    pair = (certificate.key, certificate.chain) if tls else None
    async with bearer_server(server, certificate=pair):
        yield Platform(server, provider, tls, Browser())


def bearer(server: BearerServer) -> str:
    [value] = server.values("flyte-authorization")
    return value.removeprefix("Bearer ")


async def numbers() -> AsyncIterator[bytes]:
    for number in range(3):
        yield b"%d" % number


async def each_kind(channel: Any) -> list[Any]:
    return [
        await channel.unary_unary(UNARY)(b"u"),
        [message async for message in channel.unary_stream(TAIL)(b"")],
        await channel.stream_unary(UPLOAD)(numbers()),
        [message async for message in channel.stream_stream(TALK)(numbers())],
    ]


EACH_KIND = [b"u", [b"0", b"1", b"2"], b"0,1,2", [b"0", b"1", b"2"]]


async def test_ten_callers_of_every_kind_cause_one_sign_in(platform: Platform) -> None:
    async with platform.channel(platform.options()) as channel:
        results = await asyncio.gather(*(each_kind(channel) for _ in range(10)))
    assert results == [EACH_KIND] * 10
    assert len(platform.browser.pages) == 1
    assert platform.server.metadata_calls == {"oauth2": 1, "client": 1}
    assert platform.server.values("authorization") == []


async def test_a_token_that_the_platform_takes_no_more_is_renewed_on_the_way(
    platform: Platform,
) -> None:
    async with platform.channel(platform.options()) as channel:
        await channel.unary_unary(UNARY)(b"u")
        old = bearer(platform.server)

        async def takes(token: str) -> bool:
            return token != old and await platform.provider.is_good(token)

        platform.server.accepts = takes
        results = await asyncio.gather(*(each_kind(channel) for _ in range(5)))
    assert results == [EACH_KIND] * 5
    assert bearer(platform.server) != old
    assert len(platform.browser.pages) == 1, "the refresh token was enough"


async def test_a_program_signs_in_before_its_first_call(platform: Platform) -> None:
    options = platform.options(
        auth_type="client_credentials",
        client_id="machine client_secret_basic",
        client_secret=SECRET,
    )
    async with platform.channel(options) as channel:
        assert await each_kind(channel) == EACH_KIND
    assert len(platform.server.calls) == 4, "no call went out without a token"


async def test_a_client_set_signs_in_as_announced(platform: Platform) -> None:
    async with await platform.client(platform.options()) as client:
        answers = await asyncio.gather(
            *(client.identity_service.UserInfo(UserInfoRequest()) for _ in range(10))
        )
    assert {answer.subject for answer in answers} == {"ana"}
    assert len(platform.browser.pages) == 1


async def test_two_people_in_one_process_have_a_token_each(platform: Platform) -> None:
    seen = []
    for name in ("ana", "bob"):
        async with await platform.client(platform.options(identity=name)) as client:
            await client.identity_service.UserInfo(UserInfoRequest())
            seen.append(bearer(platform.server))
    assert len(set(seen)) == 2
    assert len(platform.browser.pages) == 2


async def test_clients_on_several_loops_share_one_sign_in(platform: Platform) -> None:
    options = platform.options(
        auth_type="ClientSecret",
        client_id="machine client_secret_basic",
        client_secret=SECRET,
    )
    subjects: list[str] = []

    async def one() -> None:
        async with await platform.client(options) as client:
            answer = await client.identity_service.UserInfo(UserInfoRequest())
            subjects.append(answer.subject)
            barrier.wait()  # nobody closes before everybody has called

    barrier = threading.Barrier(3)
    await asyncio.gather(*(asyncio.to_thread(asyncio.run, one()) for _ in range(3)))
    assert subjects == ["ana"] * 3
    assert platform.server.metadata_calls == {"oauth2": 1, "client": 1}
    tokens = {tuple(platform.server.values("flyte-authorization", n)) for n in range(3)}
    assert len(tokens) == 1


async def test_everyone_brings_their_own_credentials_through_one_client(
    platform: Platform,
) -> None:
    machine = platform.options(
        auth_type="ClientSecret", client_id="machine client_secret_basic", client_secret=SECRET
    )
    async with platform.channel(machine) as channel:
        await channel.unary_unary(UNARY)(b"u")
        token = bearer(platform.server)
    async with platform.channel(platform.options(auth_type="Passthrough")) as channel:
        call = channel.unary_unary(UNARY)

        async def as_somebody(token: str) -> bytes:
            with auth_metadata(("flyte-authorization", f"Bearer {token}")):
                return await call(b"mine")

        good, *bad = await asyncio.gather(
            as_somebody(token), as_somebody("made up"), call(b"nobody"), return_exceptions=True
        )
    assert good == b"mine"
    assert [error.code() for error in bad] == [grpc.StatusCode.UNAUTHENTICATED] * 2


async def test_a_platform_without_authentication_never_opens_a_browser(
    platform: Platform,
) -> None:
    platform.server.announced = None
    platform.server.is_open = True
    for options in (
        platform.options(),
        platform.options(auth_type="ClientSecret", client_id="a", client_secret="b"),
    ):
        async with platform.channel(options) as channel:
            assert await each_kind(channel) == EACH_KIND
    assert platform.browser.pages == []


async def test_a_platform_that_wants_a_token_and_does_not_say_how_is_named(
    platform: Platform,
) -> None:
    platform.server.announced = None
    async with platform.channel(platform.options()) as channel:
        with pytest.raises(AuthenticationError, match="does not say how to sign in"):
            await channel.unary_unary(UNARY)(b"u")
        with pytest.raises(AuthenticationError, match="does not say how to sign in"):
            async for _ in channel.unary_stream(TAIL)(b""):
                pass
    assert platform.browser.pages == []


async def test_no_error_holds_a_token(platform: Platform) -> None:
    platform.server.accepts = lambda token: False
    async with platform.channel(platform.options()) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary(UNARY)(b"u")
    token = bearer(platform.server)
    assert len(token) > 20
    assert token not in f"{refused.value!r}{refused.value.initial_metadata()}"

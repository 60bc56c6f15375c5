"""What a platform announces about signing in, and how OAuth requests travel."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import grpc
import pytest

from remote_client._client.auth import (
    AuthenticationTransientError,
    AuthOptions,
    ClientConfig,
    HttpOptions,
    HttpSessions,
    RemoteClientConfigStore,
    StaticClientConfigStore,
    TokenKey,
    create_authenticator,
    open_auth,
)
from remote_client._client.auth.proxy import ProxyHttpAuth, proxy_authenticator
from remote_client._client.auth.token_endpoint import request_tokens
from remote_client._client.endpoint import Endpoint
from tests.oidc.certificates import make_certificate
from tests.oidc.grpc_server import UNARY, BearerServer, bearer_server, channel_to, open_channel
from tests.oidc.http_server import Answer, as_json, http_server
from tests.oidc.settings import PLATFORM, config_at, options, token

ANNOUNCED: dict[str, Any] = {
    "issuer": "https://idp.example.com",
    "token_endpoint": "https://idp.example.com/token",
    "authorization_endpoint": "https://idp.example.com/authorize",
    "device_authorization_endpoint": "https://idp.example.com/device",
    "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
    "client_id": "flightboard",
    "redirect_uri": "http://localhost:53593/callback",
    "scopes": ["all", "offline"],
    "audience": "https://flyte.example.com",
    "authorization_metadata_key": "Flyte-Authorization",
}
EXPECTED = ClientConfig(
    issuer="https://idp.example.com",
    token_endpoint="https://idp.example.com/token",
    authorization_endpoint="https://idp.example.com/authorize",
    device_authorization_endpoint="https://idp.example.com/device",
    token_auth_methods=("none", "client_secret_post"),
    client_id="flightboard",
    redirect_uri="http://localhost:53593/callback",
    scopes=("all", "offline"),
    audience="https://flyte.example.com",
    header_key="flyte-authorization",
)


async def test_it_asks_the_platform_on_a_given_channel_or_on_one_of_its_own() -> None:
    async with bearer_server(BearerServer(announced=ANNOUNCED)) as server:
        async with channel_to(server) as channel:
            assert await RemoteClientConfigStore(channel).get_client_config() == EXPECTED
            assert await channel.unary_unary(UNARY)(b"", metadata=BEARER) == b""
        opened: list[Any] = []

        def fresh() -> Any:
            opened.append(open_channel(server))
            return opened[-1]

        assert await RemoteClientConfigStore(fresh).get_client_config() == EXPECTED
        with pytest.raises(Exception, match="closed"):
            await opened[0].unary_unary(UNARY)(b"")


BEARER = (("authorization", "Bearer good"),)


async def test_unimplemented_means_no_authentication() -> None:
    async with bearer_server() as server, channel_to(server) as channel:
        assert await RemoteClientConfigStore(channel).get_client_config() is None


async def test_an_unreachable_platform_is_not_one_without_authentication() -> None:
    async with grpc.aio.insecure_channel("127.0.0.1:1") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as unreachable:
            await RemoteClientConfigStore(channel).get_client_config()
    assert unreachable.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_what_the_caller_says_replaces_what_is_announced() -> None:
    changed = EXPECTED.with_override(client_id="mine", scopes=(), header_key="X-Mine")
    assert (changed.client_id, changed.scopes, changed.header_key) == ("mine", (), "x-mine")
    assert changed.audience == EXPECTED.audience
    assert await StaticClientConfigStore(changed).get_client_config() is changed


FORM = {"grant_type": "x"}


async def test_oauth_requests_use_the_ca_file_or_no_check_when_told_so(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    async with http_server(as_json(token("t")), certificate=certificate) as server:
        for http in (
            HttpOptions(ca_cert_file=certificate.chain_file),
            HttpOptions(insecure_skip_verify=True),
        ):
            async with HttpSessions(http).open() as session:
                assert (await request_tokens(session, server.url, FORM)).access_token == "t"
        async with HttpSessions().open() as session:
            with pytest.raises(AuthenticationTransientError, match="CERTIFICATE_VERIFY_FAILED"):
                await request_tokens(session, server.url, FORM)


async def test_oauth_requests_go_through_the_proxy() -> None:
    async with http_server(as_json(token("t"))) as proxy:
        made = create_authenticator(
            PLATFORM,
            "ClientSecret",
            options(client_id="a", client_secret="b", http_proxy_url=proxy.url),
            config_store=config_at("http://localhost"),
        )
        await made.get_grpc_call_auth_metadata()
        assert [seen.target for seen in proxy.seen] == ["http://localhost/token"]


def command_printing_runs(tmp_path: Path) -> tuple[str, ...]:
    """A command that prints p1, p2, … and so tells how often it ran."""
    code = (
        "import pathlib, sys; f = pathlib.Path(sys.argv[1]); "
        "n = len(f.read_text()) + 1 if f.exists() else 1; f.write_text('x' * n); print(f'p{n}')"
    )
    return (sys.executable, "-c", code, str(tmp_path / "runs"))


async def test_the_proxys_token_has_its_own_header_and_its_own_place(tmp_path: Path) -> None:
    said = options(proxy_command=command_printing_runs(tmp_path), client_id="a", client_secret="b")
    proxy = proxy_authenticator(PLATFORM, said)
    assert proxy is not None
    used = await proxy.get_grpc_call_auth_metadata()
    assert used.pairs == (("proxy-authorization", "Bearer p1"),)
    store = said.token_store
    assert store is not None
    kept = store.load(TokenKey(PLATFORM.address, "", "proxy"))
    assert kept is not None
    assert kept.access_token == "p1"
    assert store.load(TokenKey(PLATFORM.address)) is None


async def test_a_proxy_that_refuses_an_oauth_request_gets_a_new_token_once(tmp_path: Path) -> None:
    proxy = proxy_authenticator(PLATFORM, options(proxy_command=command_printing_runs(tmp_path)))
    assert proxy is not None
    async with http_server(Answer(407), as_json(token("t"))) as server:
        async with HttpSessions(HttpOptions(auth=ProxyHttpAuth(proxy))).open() as session:
            answer = await request_tokens(session, server.url, FORM, basic=("a", "b"))
        headers = [seen.headers["proxy-authorization"] for seen in server.seen]
        assert server.seen[1].headers["authorization"] == "Basic YTpi"
    assert answer.access_token == "t"
    assert headers == ["Bearer p1", "Bearer p2"]


async def test_calls_and_the_questions_before_them_carry_the_proxys_token(tmp_path: Path) -> None:
    said = options(
        auth_type="ExternalCommand",
        command=(sys.executable, "-c", "print('good')"),
        proxy_command=command_printing_runs(tmp_path),
    )
    async with bearer_server(BearerServer(announced=ANNOUNCED)) as server:
        server.header_key = "flyte-authorization"
        endpoint = Endpoint("127.0.0.1", server.port, True)
        asked: list[Any] = []

        def open_bare(interceptors: Any) -> Any:
            asked.append(interceptors)
            return open_channel(server, interceptors)

        auth = open_auth(endpoint, said, open_bare)
        async with channel_to(server, auth.interceptors) as channel:
            await channel.unary_unary(UNARY)(b"")
        await auth.aclose()
        assert server.values("proxy-authorization") == ["Bearer p1"]
        assert server.values("flyte-authorization") == ["Bearer good"]
    assert len(asked[0]) == 8, "request id and proxy"


def test_no_proxy_command_means_no_proxy_authentication() -> None:
    assert proxy_authenticator(PLATFORM, AuthOptions()) is None

"""A program signs in with its own id and secret."""

from __future__ import annotations

import asyncio
import base64

import pytest

from remote_client._client.auth import (
    AuthenticationError,
    ClientConfig,
    ClientCredentialsAuthenticator,
    OAuthError,
    StaticClientConfigStore,
)
from tests.oidc.http_server import HttpServer, as_json, http_server
from tests.oidc.settings import PLATFORM, TestClock, config_at, options, token

SECRET = "p+ss/w%rd:with colons"


def authenticator(
    server: HttpServer, clock: TestClock | None = None, **announced: object
) -> ClientCredentialsAuthenticator:
    return ClientCredentialsAuthenticator(
        PLATFORM,
        options(client_id="a client", client_secret=SECRET),
        config_store=config_at(server.url, **announced),
        clock=(clock or TestClock()).clock,
    )


async def test_ten_first_callers_cause_one_token_request() -> None:
    async with http_server(as_json(token("t"))) as server:
        made = authenticator(server, audience="aud")
        used = await asyncio.gather(*(made.get_grpc_call_auth_metadata() for _ in range(10)))
        [seen] = server.seen
    assert {each.pairs for each in used} == {(("authorization", "Bearer t"),)}
    assert seen.form == {"grant_type": "client_credentials", "scope": "all", "audience": "aud"}


async def test_it_encodes_id_and_secret_each_for_itself() -> None:
    async with http_server(as_json(token("t"))) as server:
        await authenticator(server).get_grpc_call_auth_metadata()
        sent = server.seen[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent) == b"a+client:p%2Bss%2Fw%25rd%3Awith+colons"


async def test_it_sends_them_in_the_form_to_a_server_that_takes_nothing_else() -> None:
    async with http_server(as_json(token("t"))) as server:
        made = authenticator(server, token_auth_methods=("client_secret_post",))
        await made.get_grpc_call_auth_metadata()
        [seen] = server.seen
    assert seen.form["client_secret"] == SECRET
    assert "authorization" not in seen.headers


async def test_it_buys_a_new_token_before_the_end_and_never_uses_a_refresh_token() -> None:
    clock = TestClock()
    answers = [as_json(token(name, expires_in=100, refresh="r")) for name in ("t1", "t2")]
    async with http_server(*answers) as server:
        made = authenticator(server, clock)
        await made.get_grpc_call_auth_metadata()
        clock.time_s += 81
        used = await made.get_grpc_call_auth_metadata()
        forms = [seen.form["grant_type"] for seen in server.seen]
    assert used.pairs[0][1] == "Bearer t2"
    assert forms == ["client_credentials"] * 2


async def test_a_wrong_secret_is_said_without_repeating_it() -> None:
    refusal = as_json({"error": "invalid_client", "error_description": f"not {SECRET}"}, 401)
    async with http_server(refusal) as server:
        with pytest.raises(OAuthError, match="client secret") as refused:
            await authenticator(server).get_grpc_call_auth_metadata()
    assert "colons" not in str(refused.value)


def test_it_needs_an_id_and_a_secret() -> None:
    with pytest.raises(ValueError, match="client_secret"):
        ClientCredentialsAuthenticator(PLATFORM, options(client_id="a"))


async def test_it_keeps_no_token_on_the_disk_unless_told_to(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLIGHTBOARD_TOKEN_DIR", str(tmp_path))
    async with http_server(as_json(token("t"))) as server:
        for number in range(2):
            made = ClientCredentialsAuthenticator(
                PLATFORM,
                options(client_id="a", client_secret="b", token_store=None),
                config_store=config_at(server.url),
            )
            await made.get_grpc_call_auth_metadata()
            assert len(server.seen) == number + 1


async def test_it_sends_no_secret_in_plaintext_over_a_network() -> None:
    config = ClientConfig(token_endpoint="http://idp.example.com/token", client_id="a")
    made = ClientCredentialsAuthenticator(
        PLATFORM,
        options(client_id="a", client_secret="b"),
        config_store=StaticClientConfigStore(config),
    )
    with pytest.raises(AuthenticationError, match="Nothing was sent"):
        await made.get_grpc_call_auth_metadata()


@pytest.mark.parametrize("url", ["", "http://[", "nonsense"])
async def test_it_says_what_the_platform_announces_wrongly(url: str) -> None:
    config = ClientConfig(token_endpoint=url, client_id="a")
    made = ClientCredentialsAuthenticator(
        PLATFORM,
        options(client_id="a", client_secret="b"),
        config_store=StaticClientConfigStore(config),
    )
    with pytest.raises(AuthenticationError, match="token endpoint"):
        await made.get_grpc_call_auth_metadata()

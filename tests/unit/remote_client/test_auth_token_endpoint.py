"""What an OAuth endpoint may answer, and what becomes of it."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from remote_client._client.auth import (
    AccessTokenNotFoundError,
    AuthenticationError,
    AuthenticationPending,
    AuthenticationSlowDown,
    AuthenticationTransientError,
    Credentials,
    HttpOptions,
    HttpSessions,
    InvalidGrantError,
    OAuthError,
)
from remote_client._client.auth.token_endpoint import TokenAnswer, clean, request_tokens, seconds
from tests.oidc.http_server import HANG_UP, HTML_502, Answer, as_json, http_server

FORM = {"grant_type": "refresh_token", "refresh_token": "r3fresh-secret", "client_id": "me"}


async def ask(answer: Answer, **more: Any) -> TokenAnswer:
    async with http_server(answer) as server, HttpSessions().open() as session:
        return await request_tokens(session, f"{server.url}/token", FORM, **more)


async def test_it_reads_tokens() -> None:
    answer = await ask(
        as_json({"access_token": "a", "refresh_token": "r", "expires_in": "60", "id_token": "i"})
    )
    assert answer == TokenAnswer("a", "r", 60.0, "i")


async def test_it_sends_a_form_and_a_basic_pair() -> None:
    async with http_server(as_json({"access_token": "a"})) as server:
        async with HttpSessions().open() as session:
            await request_tokens(session, server.url, FORM, basic=("me%3A", "a%2Bb"))
        [seen] = server.seen
    assert seen.form == FORM
    assert seen.headers["authorization"] == "Basic bWUlM0E6YSUyQmI="
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"


async def test_it_keeps_the_refresh_token_when_no_new_one_comes() -> None:
    before = Credentials(access_token="a", refresh_token="r")
    assert TokenAnswer("b").credentials(now=1.0, previous=before).refresh_token == "r"
    assert TokenAnswer("b", "r2").credentials(now=1.0, previous=before).refresh_token == "r2"


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (as_json({"error": "invalid_grant"}, 400), InvalidGrantError, "Sign in again"),
        (as_json({"error": "authorization_pending"}, 400), AuthenticationPending, "not finished"),
        (as_json({"error": "slow_down"}, 400), AuthenticationSlowDown, "less often"),
        (as_json({"error": "invalid_client"}, 401), OAuthError, "client id"),
        (as_json({"error": "invalid_scope"}, 400), OAuthError, "invalid_scope"),
        (as_json({"error": "server_error"}, 400), AuthenticationTransientError, "Try again"),
        (as_json({"error": "whatever"}, 503), AuthenticationTransientError, "Try again"),
        (as_json({"error": "invalid_grant"}, 200), InvalidGrantError, "Sign in again"),
        (HTML_502, AuthenticationTransientError, "HTTP 502"),
        (Answer(429, b""), AuthenticationTransientError, "HTTP 429"),
        (HANG_UP, AuthenticationTransientError, "cannot be reached"),
        (Answer(404, b"<html>", "text/html"), AuthenticationError, "HTTP 404"),
        (Answer(200, b"<html>", "text/html"), AuthenticationError, "something else than JSON"),
        (Answer(200, b"\xff\xfe\xfa"), AuthenticationError, "something else than JSON"),
        (Answer(302, b"{}"), AuthenticationError, "HTTP 302"),
        (as_json({}), AccessTokenNotFoundError, "without a token"),
        (as_json({"access_token": 7}), AccessTokenNotFoundError, "without a token"),
    ],
)
async def test_it_names_what_went_wrong(
    answer: Answer, kind: type[AuthenticationError], says: str
) -> None:
    with pytest.raises(AuthenticationError, match=says) as wrong:
        await ask(answer)
    assert type(wrong.value) is kind


async def test_no_error_repeats_a_secret() -> None:
    echo = "bad token r3fresh-secret for Basic c2VjcmV0c2VjcmV0 at https://x/y?sig=abc"
    with pytest.raises(AuthenticationError) as wrong:
        await ask(as_json({"error": "invalid_request", "error_description": echo}, 400))
    for secret in ("r3fresh-secret", "c2VjcmV0", "sig="):
        assert secret not in str(wrong.value)


async def test_an_unreachable_server_is_a_passing_trouble() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/token"
        async with HttpSessions().open() as session:
            with pytest.raises(AuthenticationTransientError, match="cannot be reached"):
                await request_tokens(session, url, FORM)


@pytest.mark.parametrize("url", ["ftp://x/y", "nonsense", "http://:x"])
async def test_it_says_when_a_platform_announces_nonsense(url: str) -> None:
    async with HttpSessions().open() as session:
        with pytest.raises(AuthenticationError, match="not a usable OAuth endpoint"):
            await request_tokens(session, url, FORM)


async def test_it_follows_no_redirect_with_secrets() -> None:
    async with http_server(Answer(307, b"")) as server, HttpSessions().open() as session:
        with pytest.raises(AuthenticationError):
            await request_tokens(session, server.url, FORM)
        assert len(server.seen) == 1


async def test_it_names_a_ca_file_that_cannot_be_used(tmp_path: Any) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        with pytest.raises(AuthenticationError, match=path.name):
            async with HttpSessions(HttpOptions(ca_cert_file=path)).open():
                pass


def test_it_reads_seconds_from_numbers_and_text_only() -> None:
    assert [seconds(value) for value in (5, "5", 2.5)] == [5.0, 5.0, 2.5]
    bad = (None, True, "soon", -1, 0, [5], "inf", "nan")
    assert [seconds(value) for value in bad] == [None] * 8


def test_it_cuts_long_words_of_others() -> None:
    assert len(clean("x " * 1000)) < 210

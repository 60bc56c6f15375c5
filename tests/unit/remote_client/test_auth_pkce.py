"""Signing in with a browser, and everything that a browser may bring instead."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from remote_client._client.auth import AuthenticationError, PKCEAuthenticator
from tests.oidc.http_server import HttpServer, as_json, http_server
from tests.oidc.settings import PLATFORM, config_at, options, token

Query = dict[str, str]
Browser = Callable[[httpx.AsyncClient, Query], Awaitable[httpx.Response]]


class Person:
    """A browser that does with each sign-in link what the test says."""

    def __init__(self, does: Browser) -> None:
        self.does = does
        self.links: list[Query] = []
        self.browsing: asyncio.Task[httpx.Response] | None = None

    async def open(self, link: str) -> bool:
        query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        self.links.append(query)
        self.browsing = asyncio.create_task(self.browse(query))
        return True

    async def browse(self, query: Query) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as session:
            return await self.does(session, query)

    async def saw(self) -> httpx.Response:
        """The page at the end."""
        assert self.browsing is not None
        return await self.browsing


async def approve(session: httpx.AsyncClient, link: Query) -> httpx.Response:
    return await session.get(link["redirect_uri"], params={"code": "c0de", "state": link["state"]})


def back(**query: str) -> Browser:
    """Comes back with the right state and this query."""

    async def does(session: httpx.AsyncClient, link: Query) -> httpx.Response:
        return await session.get(link["redirect_uri"], params={"state": link["state"], **query})

    return does


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    async with http_server(as_json(token("t", refresh="r"))) as made:
        yield made


def authenticator(
    server: HttpServer, person: Person, announced: dict[str, Any] | None = None, **said: Any
) -> PKCEAuthenticator:
    return PKCEAuthenticator(
        PLATFORM,
        options(open_browser=person.open, **({"login_timeout_s": 20.0} | said)),
        config_store=config_at(server.url, **(announced or {})),
    )


async def failure(server: HttpServer, does: Browser, timeout_s: float = 20.0) -> tuple[str, Person]:
    person = Person(does)
    made = authenticator(server, person, login_timeout_s=timeout_s)
    with pytest.raises(AuthenticationError) as failed:
        await made.refresh_credentials()
    return str(failed.value), person


async def test_it_signs_in_with_pkce(server: HttpServer) -> None:
    person = Person(approve)
    made = authenticator(server, person, {"audience": "aud"})
    await made.refresh_credentials()
    assert (await made.get_grpc_call_auth_metadata()).pairs == (("authorization", "Bearer t"),)
    [link], [asked] = person.links, server.seen
    assert link["response_type"] == "code"
    assert link["client_id"] == "flightboard"
    assert (link["scope"], link["audience"]) == ("all", "aud")
    assert asked.form["grant_type"] == "authorization_code"
    assert asked.form["code"] == "c0de"
    assert asked.form["redirect_uri"] == link["redirect_uri"]
    digest = hashlib.sha256(asked.form["code_verifier"].encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert (link["code_challenge_method"], link["code_challenge"]) == ("S256", challenge)
    assert 43 <= len(asked.form["code_verifier"]) <= 128


async def test_it_tells_the_person_when_it_is_done(server: HttpServer) -> None:
    person = Person(approve)
    made = authenticator(server, person)
    await made.refresh_credentials()
    saw = await person.saw()
    assert saw.status_code == 200
    assert "Signed in" in saw.text
    assert saw.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in saw.headers["content-security-policy"]


async def test_every_sign_in_has_secrets_of_its_own(server: HttpServer) -> None:
    person = Person(approve)
    made = authenticator(server, person)
    for _ in range(2):
        await made.sign_out()
        await made.refresh_credentials()
    first, second = person.links
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]


async def test_ten_callers_open_one_browser(server: HttpServer) -> None:
    person = Person(approve)
    made = authenticator(server, person)
    used = await made.get_grpc_call_auth_metadata()
    await asyncio.gather(*(made.refresh_credentials(used) for _ in range(10)))
    assert (len(person.links), len(server.seen)) == (1, 1)


async def test_it_adds_to_the_query_of_the_authorization_endpoint(server: HttpServer) -> None:
    person = Person(approve)
    made = authenticator(
        server, person, {"authorization_endpoint": f"{server.url}/authorize?tenant=a%20b#x"}
    )
    await made.refresh_credentials()
    assert person.links[0]["tenant"] == "a b"


async def test_a_refused_sign_in_ends_with_the_reason(server: HttpServer) -> None:
    said, person = await failure(
        server, back(error="access_denied", error_description="Ana <said> no")
    )
    assert said == "The sign-in to flyte.example.com:443 was refused (Ana <said> no)."
    saw = await person.saw()
    assert saw.status_code == 400
    assert "Ana &lt;said&gt; no" in saw.text


async def test_another_error_of_the_server_is_named(server: HttpServer) -> None:
    said, _ = await failure(server, back(error="invalid_scope"))
    assert "invalid_scope" in said


async def test_a_callback_without_a_code_ends_the_sign_in(server: HttpServer) -> None:
    said, _ = await failure(server, back(cod="typo"))
    assert "without a code" in said
    assert not server.seen


async def test_a_code_that_the_server_refuses_is_shown_in_the_browser_too(
    server: HttpServer,
) -> None:
    server.script[:] = [as_json({"error": "invalid_grant"}, 400)]
    said, person = await failure(server, approve)
    assert "no longer valid" in said
    assert "Sign-in failed" in (await person.saw()).text


async def test_an_abandoned_sign_in_ends_in_bounded_time(server: HttpServer) -> None:
    async def look_away(session: httpx.AsyncClient, link: Query) -> httpx.Response:
        return httpx.Response(200)

    said, _ = await failure(server, look_away, timeout_s=0.2)
    assert said.startswith("Nobody finished the sign-in in the browser within 0.2 s.")
    assert "DeviceFlow" in said


async def test_strangers_do_not_end_the_sign_in(server: HttpServer) -> None:
    answers: list[int] = []

    async def among_strangers(session: httpx.AsyncClient, link: Query) -> httpx.Response:
        uri, root = link["redirect_uri"], link["redirect_uri"].removesuffix("/callback")
        rebound = {"host": "evil.example.com"}
        good = {"code": "stolen", "state": link["state"]}
        for response in (
            await session.get(f"{root}/favicon.ico"),
            await session.get(uri),
            await session.get(uri, params={"code": "x", "state": "wrong"}),
            await session.get(uri, params={"error": "access_denied"}),
            await session.post(uri, params=good),
            await session.get(uri, params=good, headers=rebound),
        ):
            answers.append(response.status_code)
        return await approve(session, link)

    person = Person(among_strangers)
    await authenticator(server, person).refresh_credentials()
    assert answers == [404, 400, 400, 400, 400, 404]
    assert server.seen[0].form["code"] == "c0de"


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET //[ HTTP/1.1\r\n\r\n",
        b"G" * 40000,
    ],
)
async def test_garbage_is_answered_and_does_not_end_the_sign_in(
    server: HttpServer, garbage: bytes
) -> None:
    async def after_garbage(session: httpx.AsyncClient, link: Query) -> httpx.Response:
        port = urlsplit(link["redirect_uri"]).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(garbage)
        writer.write_eof()
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        writer.close()
        return await approve(session, link)

    await authenticator(server, Person(after_garbage)).refresh_credentials()


async def test_a_silent_connection_holds_nothing_up(server: HttpServer) -> None:
    spare: list[asyncio.StreamWriter] = []

    async def with_spare_connection(session: httpx.AsyncClient, link: Query) -> httpx.Response:
        port = urlsplit(link["redirect_uri"]).port
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        spare.append(writer)
        return await approve(session, link)

    async with asyncio.timeout(3):  # less than a silent connection is borne
        await authenticator(server, Person(with_spare_connection)).refresh_credentials()
    spare[0].close()


async def test_a_second_callback_is_told_so_and_changes_nothing(server: HttpServer) -> None:
    again: list[httpx.Response] = []

    async def twice(session: httpx.AsyncClient, link: Query) -> httpx.Response:
        first = asyncio.create_task(approve(session, link))
        holding.set()
        await token_asked.wait()
        again.append(await back(code="second")(session, link))
        release.set()
        return await first

    holding, token_asked, release = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow_token(_: object) -> Any:
        token_asked.set()
        await release.wait()
        return as_json(token("t"))

    server.answer = slow_token
    await authenticator(server, Person(twice)).refresh_credentials()
    assert "Already received" in again[0].text
    assert [seen.form["code"] for seen in server.seen] == ["c0de"]


async def test_what_a_strange_callback_said_explains_the_timeout(server: HttpServer) -> None:
    async def without_state(session: httpx.AsyncClient, link: Query) -> httpx.Response:
        return await session.get(
            link["redirect_uri"], params={"error_description": "no such client", "error": "x"}
        )

    said, _ = await failure(server, without_state, timeout_s=2.0)
    assert "said: no such client" in said


@pytest.mark.parametrize("works", [False, True])
async def test_it_shows_the_link_where_no_browser_opens(server: HttpServer, works: bool) -> None:
    shown: list[str] = []

    async def follow(line: str) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(line).query).items()}
        async with httpx.AsyncClient(trust_env=False) as session:
            await approve(session, query)

    following: list[asyncio.Task[None]] = []

    def announce(text: str) -> None:
        shown.append(text)
        following.append(asyncio.create_task(follow(text.splitlines()[1])))

    def no_browser(link: str) -> bool:
        if works:
            return False
        raise OSError("no display")

    made = PKCEAuthenticator(
        PLATFORM,
        options(open_browser=no_browser, announce=announce, login_timeout_s=20.0),
        config_store=config_at(server.url),
    )
    await made.refresh_credentials()
    await asyncio.gather(*following)
    assert shown[0].startswith("To sign in to flyte.example.com:443, open this link:")


async def test_it_listens_on_the_announced_port_of_this_machine_only(server: HttpServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    person = Person(approve)
    uri = f"http://localhost:{port}/done"
    await authenticator(server, person, {"redirect_uri": uri}).refresh_credentials()
    assert person.links[0]["redirect_uri"] == uri


async def test_a_taken_port_is_said(server: HttpServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        made = authenticator(
            server, Person(approve), {"redirect_uri": f"http://127.0.0.1:{port}/callback"}
        )
        with pytest.raises(AuthenticationError, match=f"127.0.0.1:{port}"):
            await made.refresh_credentials()


@pytest.mark.parametrize(
    ("announced", "says"),
    [
        ({"redirect_uri": "http://example.com/callback"}, "does not lead to this machine"),
        ({"redirect_uri": "https://localhost:1/callback"}, "does not lead to this machine"),
        ({"client_id": ""}, "no client id"),
        ({"authorization_endpoint": ""}, "no authorization endpoint"),
        ({"authorization_endpoint": "http://idp.example.com/a"}, "not https"),
    ],
)
async def test_it_says_what_the_platform_announces_wrongly(
    server: HttpServer, announced: dict[str, Any], says: str
) -> None:
    with pytest.raises(AuthenticationError, match=says):
        await authenticator(server, Person(approve), announced).refresh_credentials()


async def test_it_takes_no_tokens_of_another_sign_in(server: HttpServer) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"nonce": "other"}).encode()).decode()
    server.script[:] = [as_json(token("t") | {"id_token": f"e.{claims}.s"})]
    said, _ = await failure(server, approve)
    assert "another sign-in" in said


async def test_it_frees_its_port_when_the_sign_in_is_given_up(server: HttpServer) -> None:
    opened = asyncio.Event()

    async def look_away(session: httpx.AsyncClient, link: Query) -> httpx.Response:
        opened.set()
        return httpx.Response(200)

    person = Person(look_away)
    made = authenticator(server, person)
    waiting = asyncio.create_task(made.refresh_credentials())
    await opened.wait()
    port = urlsplit(person.links[0]["redirect_uri"]).port
    await made.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)

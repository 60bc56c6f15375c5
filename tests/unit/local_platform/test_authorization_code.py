"""Signing in with a browser: authorization code and PKCE, and what is tried against them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.unit.local_platform.authorization_world import (
    ISSUER,
    REDIRECT,
    VERIFIER,
    World,
    as_query,
    authorization,
    landing,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World(tmp_path / "authorization")) as world:
        yield world


async def _decoded(world: World, token: str) -> Any:
    """A token as anybody can check it: with the published keys."""
    published = (await world.browser.get("/.well-known/jwks.json")).json()
    return jwt.decode(token, KeySet.import_key_set(published), algorithms=["RS256"])


async def test_a_sign_in_gives_tokens_that_name_the_person(world: World) -> None:
    tokens = await world.sign_in("otto")
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 1800
    access = await _decoded(world, tokens["access_token"])
    assert access.header["typ"] == "at+jwt"
    said = {name: access.claims[name] for name in ("iss", "aud", "sub", "client_id", "groups")}
    assert said == {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": "otto",
        "client_id": "flightboard",
        "groups": ["flightboard-operator"],
    }
    assert access.claims["exp"] - access.claims["iat"] == 1800
    assert world.verify(tokens["access_token"]).subject == "otto"


async def test_the_id_token_holds_the_nonce_and_what_the_scopes_allow(world: World) -> None:
    tokens = await world.sign_in("ada", nonce="once")
    claims = (await _decoded(world, tokens["id_token"])).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, "flightboard", "once")
    assert claims["name"] == "Ada Okonkwo"
    assert claims["email"] == "ada@flightboard.example"
    assert claims["groups"] == ["flightboard-admin"]
    narrow = await world.sign_in("ada", scope="openid")
    claims = (await _decoded(world, narrow["id_token"])).claims
    assert "email" not in claims
    assert "name" not in claims


async def test_without_openid_there_is_no_id_token(world: World) -> None:
    assert "id_token" not in await world.sign_in(scope="all")


async def test_tokens_of_one_person_are_never_the_same(world: World) -> None:
    first, second = await world.sign_in(), await world.sign_in()
    ids = {world.verify(each["access_token"]).id for each in (first, second)}
    assert len(ids) == 2


async def test_state_and_issuer_come_back_letter_by_letter(world: World) -> None:
    answer = await world.choose(await world.open_sign_in())
    assert answer.headers["location"].startswith(REDIRECT)
    back = landing(answer)
    assert (back["state"], back["iss"]) == ("s t/a+t&e=ü", ISSUER)


async def test_a_person_can_refuse(world: World) -> None:
    back = landing(await world.choose(await world.open_sign_in(), "-"))
    assert back["error"] == "access_denied"
    assert (back["state"], back["iss"]) == ("s t/a+t&e=ü", ISSUER)
    assert "code" not in back


@pytest.mark.parametrize(
    ("client", "uri"),
    [
        ("flightboard", "http://localhost:1/complete/oidc/"),
        ("flightboard", "http://localhost/complete/flightboard/"),
        ("flightboard", "http://127.0.0.1:65000/complete/flight_board/"),
        ("flightboard", "http://[::1]:9000/complete/flightboard/"),
        ("flytectl", "http://localhost:53593/callback"),
        ("flytectl", "http://127.0.0.1:40001/callback"),
    ],
)
async def test_a_client_on_this_machine_may_use_any_port(
    world: World, client: str, uri: str
) -> None:
    page = await world.open_sign_in(client_id=client, redirect_uri=uri)
    assert page.status_code == 200
    assert (await world.choose(page)).headers["location"].startswith(f"{uri}?code=")


@pytest.mark.parametrize(
    "uri",
    [
        "http://evil.example/complete/flightboard/",
        "https://localhost:8080/complete/flightboard/",
        "http://localhost.evil.example/complete/flightboard/",
        "http://localhost@evil.example/complete/flightboard/",
        "http://localhost:8080@evil.example/complete/flightboard/",
        "http://localhost:8080\\@evil.example/complete/flightboard/",
        "http://localhost:8080/complete/flightboard/../../elsewhere/",
        "http://localhost:8080/complete/flightboard/?next=//evil.example",
        "http://localhost:8080/complete/flightboard/#fragment",
        "http://localhost:8080/complete/flightboard",
        "http://localhost:8080/complete/",
        "http://localhost:8080/callback",
        "http://localhost:8080//complete/flightboard/",
        "http://localhost:8080/complete/flightboard/\n",
        "http://LOCALHOST:8080/complete/flightboard/",
        "http://127.0.0.2:8080/complete/flightboard/",
        "http://localhost:808080/complete/flightboard/",
        "javascript:alert(1)//http://localhost/complete/flightboard/",
        'http://localhost:8080/complete/"><script>/',
        "",
    ],
)
async def test_a_foreign_redirect_gets_a_page_and_never_a_redirect(world: World, uri: str) -> None:
    answer = await world.open_sign_in(redirect_uri=uri)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "Sign-in is not possible" in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "stranger"},
        {"client_id": None},
        {"client_id": '"\\<b>'},
        {"redirect_uri": None},
        {"client_id": "flightboard-service"},
    ],
)
async def test_an_unknown_client_gets_a_page(world: World, changes: dict[str, str | None]) -> None:
    answer = await world.open_sign_in(**changes)
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "!" * 43}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_a_wrong_request_goes_back_to_the_client_with_its_state(
    world: World, changes: dict[str, str | None], error: str
) -> None:
    back = landing(await world.open_sign_in(**changes))
    assert back["error"] == error
    assert (back["state"], back["iss"]) == ("s t/a+t&e=ü", ISSUER)


@pytest.mark.parametrize("name", ["state", "redirect_uri", "client_id", "scope", "response_type"])
async def test_a_parameter_said_twice_is_refused(world: World, name: str) -> None:
    pairs = [*authorization().items(), (name, authorization()[name])]
    answer = await world.browser.get(f"/oauth2/authorize?{as_query(pairs)}")
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_wrong_verifier_is_refused_and_uses_the_code_up(world: World) -> None:
    code = await world.code()
    refused = await world.exchange(code, code_verifier="w" * 64)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    again = await world.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": VERIFIER + "v"}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"redirect_uri": "http://localhost:8081/complete/flightboard/"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"client_id": "flytectl"}, "invalid_grant"),
        ({"client_id": "stranger"}, "invalid_client"),
        ({"client_id": "flightboard-service"}, "invalid_client"),
        ({"client_secret": "guessed"}, "invalid_client"),
        ({"code": "guessed"}, "invalid_grant"),
    ],
)
async def test_a_wrong_exchange_is_refused(
    world: World, changes: dict[str, str], error: str
) -> None:
    refused = await world.exchange(await world.code(), **changes)
    assert (refused.status_code, refused.json()["error"]) == (400, error)


async def test_another_client_cannot_spoil_a_code(world: World) -> None:
    code = await world.code()
    await world.exchange(code, client_id="flytectl")
    assert (await world.exchange(code)).status_code == 200


async def test_a_replayed_code_revokes_what_was_issued_from_it(world: World) -> None:
    code = await world.code()
    tokens = (await world.exchange(code)).json()
    assert world.counts(tokens["access_token"])
    replayed = await world.exchange(code)
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
    assert not world.counts(tokens["access_token"])
    assert (await world.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_code_is_good_for_a_minute(world: World) -> None:
    code = await world.code()
    world.late_s = 62
    assert (await world.exchange(code)).json()["error"] == "invalid_grant"


async def test_the_token_endpoint_takes_a_form_without_repetitions_by_post_alone(
    world: World,
) -> None:
    url = "/oauth2/token"
    assert (await world.browser.get(url)).status_code == 405
    assert (await world.browser.post(url, json={"grant_type": "x"})).status_code == 400
    twice = "grant_type=refresh_token&grant_type=refresh_token"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    repeated = await world.browser.post(url, content=twice, headers=headers)
    assert repeated.json()["error"] == "invalid_request"
    unreadable = await world.browser.post(url, content="grant_type=%ff", headers=headers)
    assert unreadable.json()["error"] == "invalid_request"
    large = await world.browser.post(url, content="a=" + "x" * 100_000, headers=headers)
    assert large.status_code == 400


@pytest.mark.parametrize("grant", ["password", "implicit", "", "urn:ietf:params:oauth:x"])
async def test_other_grants_do_not_exist(world: World, grant: str) -> None:
    answer = await world.token(
        grant_type=grant, username="ada", password="x", client_id="flightboard"
    )
    assert answer.json()["error"] == "unsupported_grant_type"


async def test_token_answers_are_kept_by_nobody(world: World) -> None:
    answer = await world.exchange(await world.code())
    assert answer.headers["cache-control"] == "no-store"

"""The sign-in pages: for people at this machine, on our own page, by a click of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.local_platform.authorization_world import (
    ISSUER,
    World,
    authorization,
    form_token,
    landing,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World(tmp_path / "authorization")) as world:
        yield world


async def test_the_page_names_the_client_and_offers_three_people(world: World) -> None:
    page = await world.open_sign_in()
    assert "<strong>Flightboard</strong>" in page.text
    assert "<code>localhost:8080</code>" in page.text
    people = re.findall(r'name="person" value="([a-z-]+)"', page.text)
    assert people == ["vera", "otto", "ada", "-"]
    assert re.findall(r'class="role">(\w+)<', page.text) == ["viewer", "operator", "admin"]


@pytest.mark.parametrize("hint", ["otto", "otto@flightboard.example"])
async def test_the_person_whom_the_client_expects_is_one_keystroke_away(
    world: World, hint: str
) -> None:
    page = await world.open_sign_in(login_hint=hint)
    assert re.findall(r'value="(\w+)" autofocus', page.text) == ["otto"]
    assert "code" in landing(await world.choose(page, "vera"))  # no more than a suggestion


async def test_the_page_may_load_and_send_nothing_elsewhere(world: World) -> None:
    page = await world.open_sign_in()
    policy = page.headers["content-security-policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' http://localhost:8080"
    )
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script|<style|style=|\son\w+=", page.text)
    assert (await world.browser.get("/oauth2/page.css")).headers["content-type"] == (
        "text/css; charset=utf-8"
    )


async def test_the_cookie_is_for_these_pages_alone(world: World) -> None:
    cookie = (await world.open_sign_in()).headers["set-cookie"]
    assert cookie.endswith("; Path=/oauth2; HttpOnly; SameSite=Strict")


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/oauth2/device?user_code=BCDF-GHJK"])
async def test_nobody_signs_in_from_another_machine(world: World, path: str) -> None:
    stranger = world.new_browser("192.0.2.7")
    assert (await stranger.get(path, params=authorization())).status_code == 403
    assert (await stranger.post(path, data={"person": "ada"})).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8080"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"cookie": "flightboard_authorization=AAAAAAAAAAAAAAAAAAAAAA"},
        {"cookie": ""},
    ],
)
async def test_a_form_that_another_page_sent_signs_nobody_in(
    world: World, headers: dict[str, str]
) -> None:
    answer = await world.choose(await world.open_sign_in(), "ada", **headers)
    assert answer.status_code == 403
    assert "location" not in answer.headers
    assert "too old" in answer.text


async def test_our_own_form_is_known_by_what_browsers_say_of_it(world: World) -> None:
    page = await world.open_sign_in()
    headers = {"origin": ISSUER, "sec-fetch-site": "same-origin"}
    assert "code" in landing(await world.choose(page, "vera", **headers))


async def test_a_form_token_is_for_the_request_that_was_shown(world: World) -> None:
    shown = await world.open_sign_in(state="shown")
    form = {"form_token": form_token(shown), "person": "ada"}
    other = await world.browser.post(
        "/oauth2/authorize", params=authorization(state="another"), data=form
    )
    assert other.status_code == 403


async def test_a_form_token_is_for_the_browser_that_was_shown(world: World) -> None:
    shown = await world.open_sign_in()
    world.browser = world.new_browser()
    await world.open_sign_in()  # the other browser has a cookie of its own
    assert (await world.choose(shown, "ada")).status_code == 403


async def test_two_tabs_of_one_browser_can_both_sign_in(world: World) -> None:
    first = await world.open_sign_in(state="first")
    second = await world.open_sign_in(state="second")
    assert landing(await world.choose(first))["state"] == "first"
    assert landing(await world.choose(second))["state"] == "second"


@pytest.mark.parametrize("person", ["mallory", "", "ADA"])
async def test_nobody_else_can_be_chosen(world: World, person: str) -> None:
    answer = await world.choose(await world.open_sign_in(), person)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_what_a_request_says_is_shown_as_text(world: World) -> None:
    page = await world.open_sign_in(state='"><script>alert(1)</script>')
    assert "<script>" not in page.text
    assert "code" in landing(await world.choose(page))


@pytest.mark.parametrize("path", ["/oauth2/", "/oauth2/nothing", "/.well-known/nothing"])
async def test_other_addresses_are_not_found(world: World, path: str) -> None:
    assert (await world.browser.get(path)).status_code == 404


async def test_both_descriptions_of_the_server_are_complete(world: World) -> None:
    oauth = (await world.browser.get("/.well-known/oauth-authorization-server")).json()
    openid = (await world.browser.get("/.well-known/openid-configuration")).json()
    assert oauth == openid
    assert oauth["issuer"] == ISSUER
    assert oauth["code_challenge_methods_supported"] == ["S256"]
    endpoints = {name: url for name, url in oauth.items() if name.endswith(("_endpoint", "_uri"))}
    assert len(endpoints) == 7
    for url in endpoints.values():
        assert url.startswith(f"{ISSUER}/")
        assert (await world.browser.get(url)).status_code != 404


async def test_the_published_keys_hold_nothing_private(world: World) -> None:
    (key,) = (await world.browser.get("/.well-known/jwks.json")).json()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}

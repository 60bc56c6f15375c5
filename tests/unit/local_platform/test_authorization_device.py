"""Signing in on another screen: the device authorization grant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.local_platform.authorization_world import DEVICE_GRANT, ISSUER, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World(tmp_path / "authorization")) as world:
        yield world


async def _begin(world: World, **form: str) -> dict[str, Any]:
    answer = await world.browser.post(
        "/oauth2/device_authorization", data={"client_id": "flytectl", "scope": "all", **form}
    )
    assert answer.status_code == 200, answer.text
    codes: dict[str, Any] = answer.json()
    return codes


async def _poll(world: World, codes: dict[str, Any], **form: str) -> httpx.Response:
    world.late_s += codes["interval"]
    form = {"device_code": codes["device_code"], "client_id": "flytectl"} | form
    return await world.token(grant_type=DEVICE_GRANT, **form)


async def _decide(world: World, codes: dict[str, Any], person: str) -> httpx.Response:
    page = await world.browser.get(codes["verification_uri_complete"])
    return await world.choose(page, person)


async def test_a_device_is_told_where_and_how_often(world: World) -> None:
    codes = await _begin(world)
    assert codes["verification_uri"] == f"{ISSUER}/oauth2/device"
    assert codes["verification_uri_complete"].endswith(f"?user_code={codes['user_code']}")
    assert (codes["expires_in"], codes["interval"]) == (600, 1)


async def test_a_device_waits_until_a_person_agreed(world: World) -> None:
    codes = await _begin(world)
    pending = await _poll(world, codes)
    assert (pending.status_code, pending.json()["error"]) == (400, "authorization_pending")
    assert "Otto Marchetti" in (await _decide(world, codes, "otto")).text
    tokens = (await _poll(world, codes)).json()
    token = world.verify(tokens["access_token"])
    assert (token.subject, token.client_id, token.scope) == ("otto", "flytectl", "all")
    refreshed = await world.refresh(tokens["refresh_token"], client_id="flytectl")
    assert refreshed.status_code == 200


async def test_the_page_shows_the_code_and_who_asks(world: World) -> None:
    codes = await _begin(world)
    page = await world.browser.get(codes["verification_uri_complete"])
    assert codes["user_code"] in page.text
    assert "The flyte command" in page.text
    assert page.headers["content-security-policy"].endswith("form-action 'self'")


async def test_a_refusal_is_told_to_the_device(world: World) -> None:
    codes = await _begin(world)
    assert "Refused" in (await _decide(world, codes, "-")).text
    assert (await _poll(world, codes)).json()["error"] == "access_denied"


async def test_tokens_are_given_once_and_a_replay_takes_them_back(world: World) -> None:
    codes = await _begin(world)
    await _decide(world, codes, "ada")
    tokens = (await _poll(world, codes)).json()
    assert (await _poll(world, codes)).json()["error"] == "invalid_grant"
    assert not world.counts(tokens["access_token"])


async def test_a_device_that_asks_too_often_is_slowed_down(world: World) -> None:
    codes = await _begin(world)
    assert (await _poll(world, codes)).json()["error"] == "authorization_pending"
    world.late_s -= codes["interval"]
    assert (await _poll(world, codes)).json()["error"] == "slow_down"
    assert (await _poll(world, codes)).json()["error"] == "slow_down"
    assert (await _poll(world, codes | {"interval": 20})).json()["error"] == (
        "authorization_pending"
    )


async def test_a_code_that_nobody_entered_expires(world: World) -> None:
    codes = await _begin(world)
    world.late_s = 601
    assert (await _poll(world, codes)).json()["error"] == "expired_token"
    assert (await world.browser.get(codes["verification_uri_complete"])).status_code == 404


async def test_an_agreement_that_is_not_fetched_in_time_is_worth_nothing(world: World) -> None:
    codes = await _begin(world)
    await _decide(world, codes, "otto")
    world.late_s = 601
    assert (await _poll(world, codes)).json()["error"] == "expired_token"


@pytest.mark.parametrize("typed", ["{0}", "{0}-{1}", " {0} {1} ", "{0}{1}"])
async def test_the_code_may_be_typed_in_any_way(world: World, typed: str) -> None:
    first, second = (await _begin(world))["user_code"].split("-")
    said = typed.format(first.lower(), second) if "{1}" in typed else f"{first}-{second}".lower()
    page = await world.browser.get("/oauth2/device", params={"user_code": said})
    assert f">{first}-{second}<" in page.text
    assert "Signed in" in (await world.choose(page, "vera")).text


@pytest.mark.parametrize("typed", ["BCDF-GHJK", "x", "<b>", "-", "💥"])
async def test_an_unknown_code_is_asked_for_again(world: World, typed: str) -> None:
    page = await world.browser.get("/oauth2/device", params={"user_code": typed})
    assert page.status_code == 404
    assert "not known" in page.text
    assert "<b>" not in page.text


async def test_without_a_code_the_page_asks_for_one(world: World) -> None:
    page = await world.browser.get("/oauth2/device")
    assert 'name="user_code"' in page.text
    assert "<script" not in page.text


async def test_a_decision_is_final(world: World) -> None:
    codes = await _begin(world)
    page = await world.browser.get(codes["verification_uri_complete"])
    await world.choose(page, "vera")
    assert (await world.choose(page, "ada")).status_code == 404
    tokens = (await _poll(world, codes)).json()
    assert world.verify(tokens["access_token"]).subject == "vera"


async def test_a_decision_needs_our_own_page(world: World) -> None:
    codes = await _begin(world)
    page = await world.browser.get(codes["verification_uri_complete"])
    assert (await world.choose(page, "ada", origin="http://evil.example")).status_code == 403
    forged = await world.browser.post(
        codes["verification_uri_complete"], data={"person": "ada", "form_token": "0" * 64}
    )
    assert forged.status_code == 403
    assert (await _poll(world, codes)).json()["error"] == "authorization_pending"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "flightboard"}, "unauthorized_client"),
        ({"client_id": "flightboard-service"}, "invalid_client"),
        ({"device_code": "guessed"}, "invalid_grant"),
        ({"device_code": ""}, "invalid_request"),
    ],
)
async def test_a_wrong_question_is_refused(world: World, form: dict[str, str], error: str) -> None:
    codes = await _begin(world)
    await _decide(world, codes, "otto")
    assert (await _poll(world, codes, **form)).json()["error"] == error


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "stranger"}, "invalid_client"),
        ({"client_id": "flightboard-service"}, "invalid_client"),
        ({"client_id": "flytectl", "scope": "more"}, "invalid_scope"),
    ],
)
async def test_not_everybody_gets_codes(world: World, form: dict[str, str], error: str) -> None:
    answer = await world.browser.post("/oauth2/device_authorization", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)

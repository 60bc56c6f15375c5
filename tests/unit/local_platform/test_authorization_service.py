"""A program with a secret: its tokens, and what it may ask about those of others."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.unit.local_platform.authorization_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World(tmp_path / "authorization")) as world:
        yield world


async def test_a_service_gets_a_token_for_itself_and_none_to_refresh(world: World) -> None:
    answer = await world.token(auth=world.service, grant_type="client_credentials", scope="all")
    tokens = answer.json()
    token = world.verify(tokens["access_token"])
    assert (token.subject, token.groups) == ("flightboard-service", ())
    assert "refresh_token" not in tokens


async def test_the_secret_may_be_in_the_form(world: World) -> None:
    id, secret = world.service
    answer = await world.token(grant_type="client_credentials", client_id=id, client_secret=secret)
    assert answer.status_code == 200


async def test_the_secret_is_made_once_and_for_its_owner_alone(world: World) -> None:
    file = world.folder / "service-secret"
    before = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(before.strip()) == 43
    world.restart()
    assert file.read_text() == before


@pytest.mark.parametrize(
    "auth",
    [
        None,
        ("flightboard-service", "guessed"),
        ("flightboard-service", ""),
        ("stranger", "guessed"),
        ("flightboard", "guessed"),
        ("", ""),
    ],
)
async def test_without_the_secret_there_is_no_token(world: World, auth: Any) -> None:
    answer = await world.token(auth=auth, grant_type="client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Bearer x"]
)
async def test_an_unreadable_secret_is_refused(world: World, header: str) -> None:
    answer = await world.browser.post(
        "/oauth2/token",
        data={"grant_type": "client_credentials"},
        headers={"authorization": header},
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_public_client_cannot_act_for_itself(world: World) -> None:
    answer = await world.token(grant_type="client_credentials", client_id="flightboard")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_token_that_counts_is_described(world: World) -> None:
    tokens = await world.sign_in("ada")
    url = "/oauth2/introspect"
    access = await world.browser.post(
        url, data={"token": tokens["access_token"]}, auth=world.service
    )
    said = access.json()
    assert (said["active"], said["sub"], said["groups"]) == (True, "ada", ["flightboard-admin"])
    refresh = await world.browser.post(
        url, data={"token": tokens["refresh_token"]}, auth=world.service
    )
    assert (refresh.json()["active"], refresh.json()["sub"]) == (True, "ada")


async def test_of_other_tokens_nothing_is_told(world: World) -> None:
    used = await world.sign_in()
    await world.refresh(used["refresh_token"])
    gone = await world.sign_in()
    await world.browser.post(
        "/oauth2/revoke", data={"token": gone["refresh_token"], "client_id": "flightboard"}
    )
    dead = [used["refresh_token"], gone["access_token"], gone["refresh_token"], "guessed", ""]
    for token in dead:
        answer = await world.browser.post(
            "/oauth2/introspect", data={"token": token}, auth=world.service
        )
        assert answer.json() == {"active": False}


async def test_asking_about_a_used_token_revokes_nothing(world: World) -> None:
    tokens = await world.sign_in()
    newer = (await world.refresh(tokens["refresh_token"])).json()
    await world.browser.post(
        "/oauth2/introspect", data={"token": tokens["refresh_token"]}, auth=world.service
    )
    assert world.counts(newer["access_token"])


async def test_a_public_client_is_told_nothing_about_tokens(world: World) -> None:
    tokens = await world.sign_in()
    form = {"token": tokens["access_token"], "client_id": "flightboard"}
    answer = await world.browser.post("/oauth2/introspect", data=form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_signing_out_ends_the_whole_sign_in(world: World) -> None:
    tokens = await world.sign_in()
    newer = (await world.refresh(tokens["refresh_token"])).json()
    form = {"token": newer["refresh_token"], "client_id": "flightboard"}
    assert (await world.browser.post("/oauth2/revoke", data=form)).status_code == 200
    assert not world.counts(tokens["access_token"])
    assert not world.counts(newer["access_token"])
    assert (await world.refresh(newer["refresh_token"])).json()["error"] == "invalid_grant"


async def test_an_access_token_is_revoked_alone(world: World) -> None:
    tokens = await world.sign_in()
    form = {
        "token": tokens["access_token"],
        "token_type_hint": "access_token",
        "client_id": "flightboard",
    }
    assert (await world.browser.post("/oauth2/revoke", data=form)).status_code == 200
    assert not world.counts(tokens["access_token"])
    assert (await world.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_client_revokes_no_tokens_of_another(world: World) -> None:
    tokens = await world.sign_in()
    form = {"token": tokens["refresh_token"], "client_id": "flytectl"}
    refused = await world.browser.post("/oauth2/revoke", data=form)
    assert refused.json()["error"] == "invalid_grant"
    assert world.counts(tokens["access_token"])


async def test_revoking_what_is_unknown_is_fine(world: World) -> None:
    form = {"token": "guessed", "client_id": "flightboard"}
    assert (await world.browser.post("/oauth2/revoke", data=form)).status_code == 200


async def test_user_info_is_the_person_of_the_token(world: World) -> None:
    tokens = await world.sign_in("vera", scope="openid email")
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    told = (await world.browser.get("/oauth2/userinfo", headers=headers)).json()
    assert told == {
        "sub": "vera",
        "email": "vera@flightboard.example",
        "email_verified": True,
        "groups": ["flightboard-viewer"],
    }


async def test_user_info_needs_a_persons_token(world: World) -> None:
    service = await world.token(auth=world.service, grant_type="client_credentials")
    headers = [
        {},
        {"authorization": "Bearer guessed"},
        {"authorization": f"Bearer {service.json()['access_token']}"},
        {"authorization": f"Bearer {(await world.sign_in())['id_token']}"},
    ]
    for header in headers:
        answer = await world.browser.get("/oauth2/userinfo", headers=header)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["www-authenticate"].startswith("Bearer ")

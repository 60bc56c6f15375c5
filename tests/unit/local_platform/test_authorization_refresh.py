"""Refresh tokens: each counts once, and one that comes back ends its whole sign-in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.local_platform.authorization_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World(tmp_path / "authorization")) as world:
        yield world


async def test_a_refresh_gives_a_new_pair_for_the_same_person(world: World) -> None:
    first = await world.sign_in("vera")
    answer = await world.refresh(first["refresh_token"])
    second = answer.json()
    assert second["refresh_token"] != first["refresh_token"]
    assert world.verify(second["access_token"]).subject == "vera"
    assert world.counts(first["access_token"])
    third = (await world.refresh(second["refresh_token"])).json()
    assert world.counts(third["access_token"])


async def test_a_used_refresh_token_ends_the_whole_sign_in(world: World) -> None:
    stolen = await world.sign_in()
    newest = (await world.refresh(stolen["refresh_token"])).json()
    reused = await world.refresh(stolen["refresh_token"])
    assert (reused.status_code, reused.json()["error"]) == (400, "invalid_grant")
    assert (await world.refresh(newest["refresh_token"])).json()["error"] == "invalid_grant"
    assert not world.counts(newest["access_token"])


async def test_other_sign_ins_of_the_person_go_on(world: World) -> None:
    one, other = await world.sign_in(), await world.sign_in()
    await world.refresh(one["refresh_token"])
    await world.refresh(one["refresh_token"])
    assert world.counts(other["access_token"])
    assert (await world.refresh(other["refresh_token"])).status_code == 200


async def test_a_refresh_token_expires(world: World) -> None:
    tokens = await world.sign_in()
    world.late_s = 14 * 24 * 3600 + 1
    assert (await world.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_each_refresh_begins_the_time_anew(world: World) -> None:
    tokens = await world.sign_in()
    for day in (10, 20, 30):
        world.late_s = day * 24 * 3600
        answer = await world.refresh(tokens["refresh_token"])
        assert answer.status_code == 200
        tokens = answer.json()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "flytectl"}, "invalid_grant"),
        ({"client_id": "flightboard-service"}, "invalid_client"),
        ({"client_id": ""}, "invalid_client"),
        ({"refresh_token": "guessed"}, "invalid_grant"),
        ({"scope": "openid profile email groups offline_access all more"}, "invalid_scope"),
    ],
)
async def test_a_wrong_refresh_is_refused(
    world: World, changes: dict[str, str], error: str
) -> None:
    tokens = await world.sign_in()
    refused = await world.refresh(tokens["refresh_token"], **changes)
    assert (refused.status_code, refused.json()["error"]) == (400, error)


async def test_scopes_can_be_narrowed_but_never_widened(world: World) -> None:
    tokens = await world.sign_in(scope="openid email")
    narrowed = await world.refresh(tokens["refresh_token"], scope="openid")
    assert narrowed.json()["scope"] == "openid"
    widened = await world.refresh(narrowed.json()["refresh_token"], scope="openid profile")
    assert widened.json()["error"] == "invalid_scope"


async def test_a_group_that_was_taken_away_is_not_in_the_next_token(world: World) -> None:
    tokens = await world.sign_in("otto")
    with closing(sqlite3.connect(world.folder / "authorization.db", isolation_level=None)) as db:
        groups = json.dumps(["flightboard-viewer"])
        db.execute("UPDATE people SET groups = ? WHERE subject = 'otto'", (groups,))
    refreshed = (await world.refresh(tokens["refresh_token"])).json()
    assert world.verify(refreshed["access_token"]).groups == ("flightboard-viewer",)
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    told = (await world.browser.get("/oauth2/userinfo", headers=headers)).json()
    assert told["groups"] == ["flightboard-viewer"]


async def test_sign_ins_survive_a_restart(world: World) -> None:
    tokens = await world.sign_in()
    world.restart()
    assert world.counts(tokens["access_token"])
    assert (await world.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_revocation_survives_a_restart(world: World) -> None:
    tokens = await world.sign_in()
    await world.refresh(tokens["refresh_token"])
    await world.refresh(tokens["refresh_token"])
    world.restart()
    assert not world.counts(tokens["access_token"])


async def test_no_code_and_no_token_is_on_disk(world: World) -> None:
    code = await world.code()
    tokens = (await world.exchange(code)).json()
    more = (await world.refresh(tokens["refresh_token"])).json()
    secrets = [code, *(each[name] for each in (tokens, more) for name in each if "_token" in name)]
    kept = b"".join(file.read_bytes() for file in world.folder.glob("authorization.db*"))
    assert kept
    assert not [secret for secret in secrets if secret.encode() in kept]


async def test_what_is_kept_is_for_its_owner_alone(world: World) -> None:
    await world.sign_in()
    assert world.folder.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in world.folder.iterdir())


async def test_what_is_over_is_forgotten(world: World) -> None:
    tokens = await world.sign_in()
    await world.browser.post(
        "/oauth2/revoke", data={"token": tokens["refresh_token"], "client_id": "flightboard"}
    )
    await world.sign_in()
    world.late_s = 40 * 24 * 3600
    world.restart()
    with closing(sqlite3.connect(world.folder / "authorization.db")) as db:
        for table in ("codes", "refresh_tokens", "sign_ins", "revoked", "devices"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table

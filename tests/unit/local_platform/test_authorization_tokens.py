"""What an access token is worth: forged ones, foreign ones, early and late ones, tasks' ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from local_platform.authorization.verifier import InvalidTokenError
from local_platform.store.records import ActionKey
from tests.unit.local_platform.authorization_world import (
    ISSUER,
    World,
    landing,
)

ACTION = ActionKey("flytesnacks", "development", "r1", "a0")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World(tmp_path / "authorization")) as world:
        yield world


def _keys(world: World) -> KeySet:
    keys: KeySet = world.authority.tokens.get_jwks()
    return keys


def _forged(
    world: World, *, header: dict[str, Any] | None = None, key: Any = None, **claims: Any
) -> str:
    """A token as the server would sign it, with other words in it."""
    now = int(time.time())
    said: dict[str, Any] = {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": "ada",
        "client_id": "flightboard",
        "jti": "forged",
        "iat": now,
        "exp": now + 900,
    }
    said = {name: value for name, value in (said | claims).items() if value is not None}
    protected = {"alg": "RS256", "typ": "at+jwt"} | (header or {})
    return jwt.encode(protected, said, key or _keys(world), algorithms=[protected["alg"]])


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_token_of_this_server_counts(world: World) -> None:
    assert world.counts(_forged(world))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://localhost:9999"},
        {"iss": None},
        {"aud": "flightboard"},
        {"aud": ["http://localhost:9999"]},
        {"aud": None},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"jti": None},
        {"client_id": None},
        {"exp": float("nan")},
        {"exp": "soon"},
    ],
)
def test_a_token_that_says_something_else_does_not_count(
    world: World, claims: dict[str, Any]
) -> None:
    assert not world.counts(_forged(world, **claims))


def test_an_id_token_opens_nothing(world: World) -> None:
    assert not world.counts(_forged(world, header={"typ": "JWT"}))
    assert not world.counts(_forged(world, header={"typ": ""}))


def test_a_token_of_another_key_does_not_count(world: World) -> None:
    stranger = RSAKey.generate_key(2048)
    assert not world.counts(_forged(world, key=stranger))


def test_a_public_key_is_no_secret_to_sign_with(world: World) -> None:
    (key,) = _keys(world).keys
    assert isinstance(key, RSAKey)
    _, body, _ = _forged(world).split(".")
    head = _base64(json.dumps({"alg": "HS256", "typ": "at+jwt"}).encode())
    signed = f"{head}.{body}".encode()
    signature = hmac.digest(key.as_pem(private=False), signed, hashlib.sha256)
    assert not world.counts(f"{head}.{body}.{_base64(signature)}")


def test_an_unsigned_token_does_not_count(world: World) -> None:
    head, body, _ = _forged(world).split(".")
    none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"  # {"alg":"none","typ":"at+jwt"}
    for text in (f"{none}.{body}.", f"{head}.{body}.", f"{head}.{body}", "x", "..", "\0", "é"):
        assert not world.counts(text)


@pytest.mark.parametrize(("late_s", "counts"), [(899, True), (955, True), (965, False)])
async def test_a_token_is_over_a_minute_after_its_end(
    world: World, late_s: float, counts: bool
) -> None:
    token = _forged(world)
    world.late_s = late_s
    assert world.counts(token) is counts


@pytest.mark.parametrize(("early_s", "counts"), [(55, True), (70, False)])
async def test_a_token_of_a_clock_that_is_a_minute_ahead_counts(
    world: World, early_s: float, counts: bool
) -> None:
    token = _forged(world)
    world.late_s = -early_s
    assert world.counts(token) is counts


def test_a_token_that_counted_once_still_expires(world: World) -> None:
    token = _forged(world)
    assert world.counts(token)
    world.late_s = 1000
    with pytest.raises(InvalidTokenError, match="has expired"):
        world.verify(token)


def test_without_skew_a_token_ends_when_it_says(tmp_path: Path) -> None:
    with closing(World(tmp_path / "authorization", lifetimes={"clock_skew_s": 0})) as world:
        token = _forged(world, exp=int(time.time()) + 10)
        assert world.counts(token)
        world.late_s = 11
        assert not world.counts(token)


def test_a_refusal_repeats_nothing_of_the_token(world: World) -> None:
    for token in ("secret-words", _forged(world, iss="http://elsewhere")):
        with pytest.raises(InvalidTokenError) as refused:
            world.verify(token)
        assert token not in str(refused.value)
        assert refused.value.__cause__ is None


def test_a_tasks_token_counts_while_its_attempt_is_open(world: World) -> None:
    token = world.authority.tokens.for_attempt("vera", ACTION, 2)
    assert not world.counts(token)
    world.open_attempts.add((ACTION, 2))
    read = world.verify(token)
    assert (read.subject, read.action, read.attempt) == ("vera", ACTION, 2)
    assert read.groups == ()
    world.open_attempts.clear()
    world.open_attempts.add((ACTION, 3))
    with pytest.raises(InvalidTokenError, match="is over"):
        world.verify(token)


async def test_nothing_secret_is_logged_even_at_debug(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "httpx")  # the test's own browser
    caplog.set_level(logging.DEBUG)
    code = landing(await world.choose(await world.open_sign_in()))["code"]
    tokens = (await world.exchange(code)).json()
    newer = (await world.refresh(tokens["refresh_token"])).json()
    await world.refresh(tokens["refresh_token"])
    await world.exchange(code)
    service = await world.token(auth=world.service, grant_type="client_credentials")
    form = {"token": newer["access_token"]}
    await world.browser.post("/oauth2/introspect", data=form, auth=world.service)
    secrets = [code, world.service[1], service.json()["access_token"]]
    secrets += [each[name] for each in (tokens, newer) for name in each if "_token" in name]
    assert "POST /oauth2/token 200" in caplog.text
    assert not [secret for secret in secrets if secret in caplog.text]

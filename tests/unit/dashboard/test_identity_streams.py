"""Streams and saved logs under people's own identities."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.identity import authenticator
from dashboard.live import registry
from dashboard.live.protocol import LogArgs, RunsArgs
from dashboard.live.spool import spool_folder
from dashboard.upstream import SignedOut
from remote_client.errors import RemoteError, Unauthenticated
from tests.unit.dashboard import things
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.waiting import until

RUNS = RunsArgs("shop", "development")
LOG = LogArgs("shop", "development", "r1", "a0", 1)


class PersonsPlatform(FakePlatform):
    """`renewals` tells what each renewal brings: a newer token, none, or an error."""

    def __init__(self, identity: str, *renewals: bool | RemoteError) -> None:
        super().__init__()
        self.identity = identity
        self.renewals = list(renewals)
        self.on_renewal: Callable[[], None] = lambda: None

    async def renewed(self, opened_at: float) -> bool:
        outcome = self.renewals.pop(0)
        self.on_renewal()
        if isinstance(outcome, RemoteError):
            raise outcome
        return outcome


@pytest.fixture
async def as_person(monkeypatch: pytest.MonkeyPatch, home: Path) -> AsyncIterator[Any]:
    """Puts a person's platform in place of the acting one."""

    def act(platform: FakePlatform) -> FakePlatform:
        monkeypatch.setattr(registry, "platform", lambda: platform)
        return platform

    yield act
    await registry.close()


async def test_a_stream_that_lost_its_token_opens_again_with_a_newer_one(as_person: Any) -> None:
    platform = as_person(PersonsPlatform("person:1", True))
    await platform.runs.give(Unauthenticated("the token has expired"))
    platform.on_renewal = lambda: platform.runs.replace([things.run("r1")])
    async with registry.visited(RUNS) as topic:
        await until(lambda: topic.board.version > 0)
        assert topic.failure is None
    assert platform.runs.opened == 2


@pytest.mark.parametrize(("renewal", "code"), [(SignedOut(), "signed_out"), (False, "denied")])
async def test_a_stream_without_a_newer_token_ends_and_says_why(
    as_person: Any, renewal: Any, code: str
) -> None:
    platform = as_person(PersonsPlatform("person:1", renewal))
    await platform.runs.give(Unauthenticated("the token was revoked"))
    viewer = registry.join(RUNS, cursor=None, wake=lambda: None)
    await until(lambda: viewer.topic.failure is not None)
    assert f'"code":"{code}"' in (viewer.next_body() or "")
    await until(lambda: platform.runs.open == 0)
    viewer.leave()


async def test_two_people_have_a_stream_each(as_person: Any) -> None:
    first = as_person(PersonsPlatform("person:1"))
    one = registry.join(RUNS, cursor=None, wake=lambda: None)
    second = as_person(PersonsPlatform("person:2"))
    other = registry.join(RUNS, cursor=None, wake=lambda: None)
    await until(lambda: first.runs.opened == 1 and second.runs.opened == 1)
    assert one.topic is not other.topic


async def test_what_one_person_read_of_a_log_is_not_read_from_disk_by_another(
    as_person: Any, home: Path
) -> None:
    first = as_person(PersonsPlatform("person:1"))
    await first.log.give(things.lines("a secret of one"))
    await first.log.end()
    async with registry.visited(LOG) as topic:
        await topic.ended(5)
        assert topic.spool.is_complete
    second = as_person(PersonsPlatform("person:2"))
    async with registry.visited(LOG) as topic:
        assert topic.spool.total == 0
        await until(lambda: second.log.opened == 1)
    assert not spool_folder(home, first.endpoint, *map(str, vars(LOG).values())).exists()


async def test_one_renewal_serves_all_streams_that_ended_with_the_old_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    renewals: list[object] = []

    async def of_person(person_id: int) -> object:
        return person_id

    async def renewed(held: object) -> object:
        renewals.append(held)
        return held

    monkeypatch.setattr(authenticator.keeper, "of_person", of_person)
    monkeypatch.setattr(authenticator.keeper, "renewed", renewed)
    person = authenticator.PersonAuthenticator(1)
    opened_at = time.monotonic()
    assert [await person.renewed(opened_at) for _ in range(3)] == [True, True, True]
    assert len(renewals) == 1
    # A stream that was opened with the new token and is refused all the same.
    assert not await person.renewed(time.monotonic())

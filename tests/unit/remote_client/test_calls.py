"""Deadlines, retries and errors of unary calls."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import grpc
import pytest

from remote_client import ClientSet, Run, errors
from remote_client._client.health import ConnectionHealth
from remote_client._client.retry import Backoff, CallRetry
from remote_client.errors import DeadlineExceeded, Internal, Unavailable, from_grpc, scrub
from tests.unit.remote_client import messages
from tests.unit.remote_client.fake_platform import FakePlatform


def _grpc_error(code: grpc.StatusCode, details: str) -> grpc.aio.AioRpcError:
    metadata = grpc.aio.Metadata()
    return grpc.aio.AioRpcError(code, metadata, metadata, details=details)


async def test_a_call_without_an_answer_ends_at_its_deadline(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def never(request: Any, context: Any) -> None:
        await asyncio.Event().wait()

    fake.answer("RunService.GetRunDetails", never)
    with pytest.raises(DeadlineExceeded, match=r"no answer in time \(127.0.0.1:\d+\)"):
        await Run.get("r1", client=client.with_timeout(0.2))


async def test_what_is_not_idempotent_is_sent_once(fake: FakePlatform, client: ClientSet) -> None:
    from remote_client._secret import Secret

    async def refuse(request: Any, context: grpc.aio.ServicerContext) -> None:
        await context.abort(grpc.StatusCode.UNAVAILABLE, "restarting")

    fake.answer("SecretService.CreateSecret", refuse)
    with pytest.raises(Unavailable):
        await Secret.create("door", "sesame")
    assert len(fake.requests("SecretService.CreateSecret")) == 1


@pytest.mark.parametrize("code", [grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN])
async def test_only_an_unreachable_platform_is_asked_again(
    fake: FakePlatform, client: ClientSet, code: grpc.StatusCode
) -> None:
    async def refuse(request: Any, context: grpc.aio.ServicerContext) -> None:
        await context.abort(code, "broken")

    fake.answer("RunService.GetRunDetails", refuse)
    with pytest.raises(errors.RemoteError):
        await Run.get("r1")
    assert len(fake.requests("RunService.GetRunDetails")) == 1


async def test_a_platform_that_is_not_there_is_named(client: ClientSet, fake: FakePlatform) -> None:
    await fake.stop()
    with pytest.raises(Unavailable, match=f"cannot be reached \\(127.0.0.1:{fake.port}\\)"):
        await Run.get("r1", client=client.with_timeout(1))


async def test_an_answer_larger_than_grpc_takes_by_default_is_taken(
    fake: FakePlatform, client: ClientSet
) -> None:
    answer = messages.run_details("r1")
    answer.details.action.task.short_name = "x" * (6 * 1024 * 1024)
    fake.answer("RunService.GetRunDetails", answer)
    assert (await Run.get("r1")).name == "r1"


def test_every_code_has_its_own_error() -> None:
    codes = [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK]
    made = [from_grpc(_grpc_error(code, "why"), asked="do it") for code in codes]
    assert len({type(error) for error in made}) == len(codes)
    assert [error.code() for error in made] == codes
    assert all(str(error).startswith("Could not do it: ") for error in made)


def test_an_error_travels_between_processes() -> None:
    error = from_grpc(_grpc_error(grpc.StatusCode.INTERNAL, "why"), asked="do it")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, Internal)
    assert (again.message, again.code(), again.details()) == (
        error.message,
        error.code(),
        error.details(),
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer …"),
        ("token eyJhbGciOi.eyJzdWIi.c2ln expired", "token … expired"),
        ("GET https://s3/x/y?X-Sig=1&Exp=2 failed", "GET https://s3/x/y?… failed"),
        ("https://ana:secret@host/x", "https://…@host/x"),
        ("client_secret=hunter2&x=1", "client_secret=…&x=1"),
        ("run r1 not found", "run r1 not found"),
    ],
)
def test_no_message_holds_what_must_stay_secret(said: str, shown: str) -> None:
    assert scrub(said) == shown
    error = from_grpc(_grpc_error(grpc.StatusCode.INTERNAL, said), asked="do it")
    assert (error.details(), shown in str(error)) == (shown, True)


def test_waits_grow_with_failures_and_stay_within_bounds() -> None:
    backoff = Backoff(first_s=0.25, longest_s=5.0, shortest_s=0.05)
    for failures, bound in ((1, 0.25), (3, 1.0), (30, 5.0)):
        delays = [backoff.delay(failures) for _ in range(200)]
        assert min(delays) >= 0.05
        assert bound * 0.5 < max(delays) <= bound
    retry = CallRetry(attempts=2)
    assert retry.delay(grpc.StatusCode.UNAVAILABLE, 2) is None


def test_three_silent_calls_in_a_row_renew_the_connection() -> None:
    renewed: list[bool] = []
    health = ConnectionHealth(lambda: renewed.append(True))
    for code in (
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    ):
        health.failed(code)
    assert renewed == []
    health.failed(grpc.StatusCode.DEADLINE_EXCEEDED)
    assert renewed == [True]

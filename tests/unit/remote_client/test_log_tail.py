"""Tailing logs over connections that break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from flyteidl2.workflow import run_definition_pb2, run_logs_service_pb2

from remote_client import ClientSet, Logs
from remote_client.errors import LogsGoneError, LogsNotYetAvailableError
from tests.unit.remote_client import messages
from tests.unit.remote_client.fake_platform import FakePlatform

SECOND = 1_000_000_000
LINES = [messages.log_line(f"line {n}", SECOND * (1 + n // 3)) for n in range(30)]


def _phases(fake: FakePlatform, *phases: int) -> None:
    """The action has these phases, one at each look; the last stays."""

    def look(request: Any, context: Any) -> Any:
        looks = len(fake.requests("RunService.GetActionDetails"))
        return messages.action_details(phase=phases[min(looks, len(phases)) - 1])

    fake.answer("RunService.GetActionDetails", look)


async def _texts() -> list[str]:
    return [line.message async for line in Logs.tail(action_id=messages.action_id())]


async def test_a_message_ends_in_one_line_feed_whatever_is_sent(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        yield messages.log_message(*(messages.log_line(text) for text in ("a", "b\n", "c\r\n")))

    fake.answer("DataProxyService.TailLogs", stream)
    _phases(fake, messages.SUCCEEDED)
    assert await _texts() == ["a\n", "b\n", "c\n"]


async def test_a_cut_tail_goes_on_where_it_was(fake: FakePlatform, client: ClientSet) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        connection = len(fake.requests("DataProxyService.TailLogs"))
        yield messages.log_message(*LINES[: connection * 7])
        if connection < 5:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "cut")

    fake.answer("DataProxyService.TailLogs", stream)
    _phases(fake, messages.SUCCEEDED)
    assert await _texts() == [f"line {n}\n" for n in range(30)]


async def test_a_stream_that_ends_while_the_action_runs_is_opened_again(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        connection = len(fake.requests("DataProxyService.TailLogs"))
        yield messages.log_message(*LINES[: connection * 10])

    fake.answer("DataProxyService.TailLogs", stream)
    _phases(fake, messages.RUNNING, messages.SUCCEEDED)
    assert await _texts() == [f"line {n}\n" for n in range(20)]


async def test_a_log_that_is_not_there_yet_is_waited_for(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        if len(fake.requests("DataProxyService.TailLogs")) < 3:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no log context found")
        yield messages.log_message(*LINES)

    fake.answer("DataProxyService.TailLogs", stream)
    _phases(fake, messages.QUEUED, messages.RUNNING, messages.SUCCEEDED)
    assert len(await _texts()) == 30


async def _nothing(request: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
    await context.abort(grpc.StatusCode.NOT_FOUND, "pod not found")
    yield


async def test_an_attempt_that_never_had_a_log_says_so(
    fake: FakePlatform, client: ClientSet
) -> None:
    fake.answer("DataProxyService.TailLogs", _nothing)
    _phases(fake, messages.ABORTED)
    with pytest.raises(LogsNotYetAvailableError, match="attempt 1 of action 'a0' of run 'r1'"):
        await _texts()


async def test_a_log_that_went_with_its_pod_says_so(fake: FakePlatform, client: ClientSet) -> None:
    attempt = run_definition_pb2.ActionAttempt(attempt=1, logs_available=True, phase=5)
    fake.answer("DataProxyService.TailLogs", _nothing)
    fake.answer(
        "RunService.GetActionDetails",
        messages.action_details(phase=messages.SUCCEEDED, attempts=[attempt]),
    )
    with pytest.raises(LogsGoneError, match="no longer keeps it"):
        await _texts()


async def test_an_older_platform_is_asked_in_its_own_way(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        logs = run_logs_service_pb2.TailLogsResponse.Logs(lines=LINES)
        yield run_logs_service_pb2.TailLogsResponse(logs=[logs])

    fake.answer("RunLogsService.TailLogs", stream)
    _phases(fake, messages.SUCCEEDED)
    assert len(await _texts()) == 30


async def test_two_tails_at_once_find_the_older_service(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        logs = run_logs_service_pb2.TailLogsResponse.Logs(lines=LINES)
        yield run_logs_service_pb2.TailLogsResponse(logs=[logs])

    fake.answer("RunLogsService.TailLogs", stream)
    _phases(fake, messages.SUCCEEDED)
    first, second = await asyncio.gather(_texts(), _texts())
    assert len(first) == len(second) == 30


async def test_stopping_early_closes_the_stream(fake: FakePlatform, client: ClientSet) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        while True:
            yield messages.log_message(*LINES)

    fake.answer("DataProxyService.TailLogs", stream)
    async for _ in Logs.tail(action_id=messages.action_id()):
        break
    await fake.closed("DataProxyService.TailLogs")

"""Watching all runs of a project and all actions of a run."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
import pytest
from flyteidl2.workflow import run_service_pb2

from remote_client import Action, ClientSet, Run, StreamState, _action_watch
from remote_client._run_watch import watch_runs
from remote_client.errors import NotFound
from tests.unit.remote_client import messages
from tests.unit.remote_client.fake_platform import FakePlatform

for_ever = asyncio.Event


async def test_actions_come_as_a_snapshot_and_then_as_changes(
    fake: FakePlatform, client: ClientSet
) -> None:
    go_on = asyncio.Event()

    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        yield messages.watched_actions(messages.action("a0"), messages.action("a1"))
        await go_on.wait()
        yield messages.watched_actions(messages.action("a0"))
        yield messages.watched_actions(messages.action("a1", messages.SUCCEEDED))
        await for_ever().wait()

    fake.answer("RunService.GetRunDetails", messages.run_details())
    fake.answer("RunService.WatchActions", stream)
    async with aclosing(Action.watchall("r1")) as changes:
        assert [action.name for action in await anext(changes)] == ["a0", "a1"]
        go_on.set()
        changed = await anext(changes)
        assert [(action.name, action.phase) for action in changed] == [("a1", "succeeded")]
    await fake.closed("RunService.WatchActions")


async def test_a_broken_watch_reconnects_and_gives_only_what_changed(
    fake: FakePlatform, client: ClientSet
) -> None:
    states: list[StreamState] = []

    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        if len(fake.requests("RunService.WatchActions")) == 1:
            yield messages.watched_actions(messages.action("a0"), messages.action("a1"))
            await context.abort(grpc.StatusCode.UNKNOWN, "parent node [a7] not found")
        yield messages.watched_actions(messages.action("a0"), messages.action("a1", 5))
        await for_ever().wait()

    fake.answer("RunService.GetRunDetails", messages.run_details())
    fake.answer("RunService.WatchActions", stream)
    async with aclosing(Action.watchall("r1", on_state=states.append)) as changes:
        assert len(await anext(changes)) == 2
        assert [action.name for action in await anext(changes)] == ["a1"]
    assert [state.kind for state in states] == ["connecting", "live", "reconnecting", "live"]
    assert states[2].retry_at is not None
    assert "parent node [a7] not found" in str(states[2].error)


async def test_a_lost_change_is_found_out_though_others_keep_the_stream_busy(
    fake: FakePlatform, client: ClientSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_action_watch, "IDLE_S", 0.05)

    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        lost = 4 if len(fake.requests("RunService.WatchActions")) == 1 else 5
        yield messages.watched_actions(messages.action("a0"), messages.action("lost", lost))
        for attempts in itertools.count(2):
            busy = messages.action("busy")
            busy.status.attempts = attempts
            yield messages.watched_actions(busy)
            await asyncio.sleep(0.005)

    fake.answer("RunService.GetRunDetails", messages.run_details())
    fake.answer("RunService.WatchActions", stream)
    async with aclosing(Action.watchall("r1")) as changes:
        async for changed in changes:
            if any(action.name == "lost" and action.done() for action in changed):
                break


async def test_watching_an_unknown_run_says_so(fake: FakePlatform, client: ClientSet) -> None:
    async def refuse(request: Any, context: grpc.aio.ServicerContext) -> None:
        await context.abort(grpc.StatusCode.NOT_FOUND, "run not found")

    fake.answer("RunService.GetRunDetails", refuse)
    with pytest.raises(NotFound, match="Could not read run 'ghost' in p/d"):
        await anext(Action.watchall("ghost"))


async def test_runs_come_from_the_listing_where_the_stream_is_silent(
    fake: FakePlatform, client: ClientSet
) -> None:
    listed = [messages.run("r1")]

    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        await for_ever().wait()
        yield

    fake.answer("RunService.WatchRuns", stream)
    fake.answer("RunService.ListRuns", lambda request, context: messages.runs(*listed))
    async with aclosing(watch_runs(client, client.scope, None, 0.05)) as changes:
        assert [run.name for run in await anext(changes)] == ["r1"]
        listed.insert(0, messages.run("r2"))
        assert [run.name for run in await anext(changes)] == ["r2"]
        listed[1] = messages.run("r1", messages.SUCCEEDED)
        assert [(run.name, run.phase) for run in await anext(changes)] == [("r1", "succeeded")]


async def test_an_empty_project_gives_an_empty_snapshot(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        await for_ever().wait()
        yield

    fake.answer("RunService.WatchRuns", stream)
    fake.answer("RunService.ListRuns", messages.runs())
    states: list[StreamState] = []
    async with aclosing(Run.watchall(on_state=states.append)) as changes:
        assert await anext(changes) == []
    assert states[-1].kind == "live"


async def test_an_old_run_that_ended_without_an_event_is_found_out(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        yield run_service_pb2.WatchRunsResponse(runs=[messages.run("old")])
        await for_ever().wait()

    fake.answer("RunService.WatchRuns", stream)
    fake.answer("RunService.ListRuns", messages.runs())
    fake.answer("RunService.GetRunDetails", messages.run_details("old", messages.ABORTED))
    async with aclosing(watch_runs(client, client.scope, None, 0.05)) as changes:
        seen = [run async for batch in _first(changes, 3) for run in batch]
    assert [(run.name, run.phase) for run in seen] == [("old", "running"), ("old", "aborted")]


async def _first(batches: Any, count: int) -> AsyncIterator[Any]:
    seen = 0
    while seen < 2 and count:
        batch = await anext(batches)
        seen, count = seen + len(batch), count - 1
        yield batch


async def test_a_cancelled_watch_is_cancelled(fake: FakePlatform, client: ClientSet) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        yield messages.watched_actions(messages.action("a0"))
        await for_ever().wait()

    fake.answer("RunService.GetRunDetails", messages.run_details())
    fake.answer("RunService.WatchActions", stream)

    async def watch() -> None:
        async for _ in Action.watchall("r1"):
            pass

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watch(), 0.3)
    await fake.closed("RunService.WatchActions")

"""The watches of runs and actions against a bare gRPC loop over the same stream.

A watch of many things conflates: of what came in one burst, only the newest state is given. What
counts is therefore how many updates of the platform it takes in per second, to the very last one.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from flyteidl2.common import identifier_pb2
from flyteidl2.workflow import run_service_pb2

from bench.effort import Effort
from bench.rows import RatioAtLeast, Row
from bench.side_by_side import Work, rows_of, side_by_side
from bench.stream_fixture import Streams, open_streams
from bench.stream_messages import DOMAIN, PROJECT, ROOT, Load
from remote_client import Action, Run

BUDGET = RatioAtLeast(0.6)
UPDATES = 2_500
# How many actions, or runs, the updates are about.
THINGS = 500


async def measure(effort: Effort) -> list[Row]:
    """Updates per second of each watch."""
    async with open_streams() as streams:
        return [
            *await _one_action(streams, Load("details", effort.of(UPDATES)), effort),
            *await _actions_of_a_run(
                streams, Load("actions", effort.of(UPDATES), effort.of(THINGS)), effort
            ),
            *await _runs_of_a_project(
                streams, Load("runs", effort.of(UPDATES), effort.of(THINGS)), effort
            ),
        ]


async def _compare(ways: dict[str, Work], effort: Effort) -> list[Row]:
    samples = await side_by_side(ways, rounds=effort.rounds)
    baselines = {name: "bare" for name in ways if name != "bare"}
    return rows_of(samples, baselines, unit="updates/s", budget=BUDGET)


async def _count(call: Any) -> int:
    count = 0
    async for _ in call:
        count += 1
    return count


async def _one_action(streams: Streams, load: Load, effort: Effort) -> list[Row]:
    run = await Run.get.aio(load.name, client=streams.client)
    action = await Action.get.aio(run_name=load.name, name=ROOT, client=streams.client)
    request = run_service_pb2.WatchActionDetailsRequest(action_id=action.action_id)
    ways: dict[str, Work] = {
        "bare": lambda: _count(streams.run_service.WatchActionDetails(request)),
        "Run.watch": lambda: _count(run.watch()),
        "Action.watch": lambda: _count(action.watch()),
    }
    return await _compare(ways, effort)


async def _actions_of_a_run(streams: Streams, load: Load, effort: Effort) -> list[Row]:
    run_id = identifier_pb2.RunIdentifier(project=PROJECT, domain=DOMAIN, name=load.name)
    request = run_service_pb2.WatchActionsRequest(run_id=run_id)

    async def watch() -> int:
        async with aclosing(Action.watchall(load.name, client=streams.client).aio()) as changes:
            async for changed in changes:
                if any(action.name == ROOT and action.done() for action in changed):
                    break
        return load.count

    ways: dict[str, Work] = {
        "bare": lambda: _count(streams.run_service.WatchActions(request)),
        "Action.watchall": watch,
    }
    return await _compare(ways, effort)


async def _runs_of_a_project(streams: Streams, load: Load, effort: Effort) -> list[Row]:
    project_id = identifier_pb2.ProjectIdentifier(domain=DOMAIN, name=load.name)
    request = run_service_pb2.WatchRunsRequest(project_id=project_id)

    async def watch() -> int:
        series = Run.watchall(client=streams.client, project=load.name)
        async with aclosing(series.aio()) as changes:
            async for changed in changes:
                if any(run.name == "last" for run in changed):
                    break
        return load.count

    ways: dict[str, Work] = {
        "bare": lambda: _count(streams.run_service.WatchRuns(request)),
        "Run.watchall": watch,
    }
    return await _compare(ways, effort)

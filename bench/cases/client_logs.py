"""`Logs.tail` and `Logs.tail_batches` against a bare gRPC loop over the same TailLogs stream."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from flyteidl2.common import identifier_pb2
from flyteidl2.dataproxy import dataproxy_service_pb2

from bench.effort import Effort
from bench.rows import RatioAtLeast, Row
from bench.side_by_side import rows_of, side_by_side
from bench.stream_fixture import Streams, open_streams
from bench.stream_messages import DOMAIN, PROJECT, ROOT, Load
from remote_client import Logs

BUDGET = RatioAtLeast(0.6)
# As the platform batches a log that is read from its start, and one that is being written.
LINES, PER_MESSAGE = 100_000, 100
SINGLE_LINES = 4_000


async def measure(effort: Effort) -> list[Row]:
    """Lines per second, in full batches and in messages of a single line."""
    full = Load("log", effort.of(LINES // PER_MESSAGE) * PER_MESSAGE, PER_MESSAGE)
    single = Load("log", effort.of(SINGLE_LINES), 1)
    async with open_streams() as streams:
        return [
            *await _compare(streams, full, effort, "100 lines a message"),
            *await _compare(streams, single, effort, "1 line a message"),
        ]


async def _compare(streams: Streams, load: Load, effort: Effort, shape: str) -> list[Row]:
    run = identifier_pb2.RunIdentifier(project=PROJECT, domain=DOMAIN, name=load.name)
    action_id = identifier_pb2.ActionIdentifier(run=run, name=ROOT)
    tail, batches = f"Logs.tail, {shape}", f"Logs.tail_batches, {shape}"
    blocking = f"Logs.tail in a plain thread, {shape}"
    ways = {
        "bare lines": lambda: _bare_lines(streams, action_id),
        "bare batches": lambda: _bare_batches(streams, action_id),
        tail: lambda: _lines(streams, action_id),
        batches: lambda: _batches(streams, action_id),
        blocking: lambda: asyncio.to_thread(_count_blocking, streams, action_id),
    }
    samples = await side_by_side(ways, rounds=effort.rounds)
    baselines = {tail: "bare lines", blocking: "bare lines", batches: "bare batches"}
    return rows_of(samples, baselines, unit="lines/s", budget=BUDGET)


async def _bare_lines(streams: Streams, action_id: Any) -> int:
    """Each line comes by, as it does with `tail`."""
    request = dataproxy_service_pb2.TailLogsRequest(action_id=action_id, attempt=1)
    count = 0
    async for message in streams.data_proxy.TailLogs(request):
        for logs in message.logs:
            for _ in logs.lines:
                count += 1
    return count


async def _bare_batches(streams: Streams, action_id: Any) -> int:
    """Only the lists are looked at, as with `tail_batches`."""
    request = dataproxy_service_pb2.TailLogsRequest(action_id=action_id, attempt=1)
    count = 0
    async for message in streams.data_proxy.TailLogs(request):
        for logs in message.logs:
            count += len(logs.lines)
    return count


async def _lines(streams: Streams, action_id: Any) -> int:
    count = 0
    async for _ in Logs.tail(action_id, client=streams.client):
        count += 1
    return count


def _count_blocking(streams: Streams, action_id: Any) -> int:
    """As a script does it: `for` where no event loop runs."""
    return sum(1 for _ in Logs.tail(action_id, client=streams.client))


async def _batches(streams: Streams, action_id: Any) -> int:
    count = 0
    async with aclosing(Logs.tail_batches(action_id, client=streams.client)) as batches:
        async for batch in batches:
            count += len(batch)
    return count

"""A gRPC server that sends prepared streams as fast as it can: `python -m bench.stream_server`.

It prints its port and serves until it is ended. A process of its own, so that its work is not in
the figures of the client; messages are bytes made before the first stream, so that it is quick.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any

import grpc
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.workflow import run_definition_pb2, run_service_pb2

from bench import stream_messages
from bench.stream_messages import Load, details

_MESSAGES: dict[str, Callable[[Load], list[bytes]]] = {
    "log": stream_messages.log_lines,
    "details": stream_messages.action_details,
    "actions": stream_messages.action_updates,
    "runs": stream_messages.run_updates,
}


@cache
def _prepared(name: str) -> list[bytes]:
    load = Load.parse(name)
    return _MESSAGES[load.kind](load)


async def _tail_logs(request: Any, context: Any) -> AsyncIterator[bytes]:
    for message in _prepared(request.action_id.run.name):
        yield message


async def _watch_action_details(request: Any, context: Any) -> AsyncIterator[bytes]:
    for message in _prepared(request.action_id.run.name):
        yield message


async def _watch_actions(request: Any, context: Any) -> AsyncIterator[bytes]:
    for message in _prepared(request.run_id.name):
        yield message


async def _watch_runs(request: Any, context: Any) -> AsyncIterator[bytes]:
    for message in _prepared(request.project_id.name):
        yield message


async def _get_action_details(request: Any, context: Any) -> bytes:
    answer = run_service_pb2.GetActionDetailsResponse(details=details(request.action_id.run.name))
    return bytes(answer.SerializeToString())


async def _get_run_details(request: Any, context: Any) -> bytes:
    run = run_definition_pb2.RunDetails(action=details(request.run_id.name))
    return bytes(run_service_pb2.GetRunDetailsResponse(details=run).SerializeToString())


async def _list_runs(request: Any, context: Any) -> bytes:
    return bytes(run_service_pb2.ListRunsResponse().SerializeToString())


def _handlers() -> list[Any]:
    runs, data = run_service_pb2, dataproxy_service_pb2
    stream, unary = grpc.unary_stream_rpc_method_handler, grpc.unary_unary_rpc_method_handler
    run_service = {
        "WatchActionDetails": stream(
            _watch_action_details, runs.WatchActionDetailsRequest.FromString
        ),
        "WatchActions": stream(_watch_actions, runs.WatchActionsRequest.FromString),
        "WatchRuns": stream(_watch_runs, runs.WatchRunsRequest.FromString),
        "GetActionDetails": unary(_get_action_details, runs.GetActionDetailsRequest.FromString),
        "GetRunDetails": unary(_get_run_details, runs.GetRunDetailsRequest.FromString),
        "ListRuns": unary(_list_runs, runs.ListRunsRequest.FromString),
    }
    data_proxy = {"TailLogs": stream(_tail_logs, data.TailLogsRequest.FromString)}
    generic = grpc.method_handlers_generic_handler
    return [
        generic("flyteidl2.workflow.RunService", run_service),
        generic("flyteidl2.dataproxy.DataProxyService", data_proxy),
    ]


async def main() -> None:
    """Serve on a free port of the loopback address."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(_handlers())
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())

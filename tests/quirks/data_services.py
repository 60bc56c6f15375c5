"""DataProxyService and the older calls for the same: inputs, outputs, logs."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
from flyteidl2.common import run_pb2
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.logs.dataplane import payload_pb2
from flyteidl2.task import common_pb2
from flyteidl2.workflow import run_logs_service_pb2, run_service_pb2

from tests.quirks.listing import Refused, invalid
from tests.quirks.quirks import Quirks
from tests.quirks.rows import CONDITION, RECOVERED, SUCCEEDED, ActionKey, Pod
from tests.quirks.run_calls import action_key, not_found
from tests.quirks.streams import Streams
from tests.quirks.world import World, named_literals

MOST_LINES = 100
# Where the start of the container is unknown, only so many of the last lines are given.
TAIL_LINES = 1_000


class ActionData:
    """GetActionData, of the present service and of the older one."""

    def __init__(self, world: World, quirks: Quirks) -> None:
        self._world = world
        self._quirks = quirks

    def read(self, identifier: Any) -> tuple[Any, Any]:
        """(inputs, outputs). Missing files are empty messages, not errors."""
        row = self._world.actions.get(action_key(identifier))
        if row is None:
            raise not_found("run data")
        succeeded = row.phase in (SUCCEEDED, RECOVERED)
        if succeeded and (row.kind == CONDITION or row.data_reads < self._quirks.data_lag):
            row.data_reads += 1
            raise Refused(grpc.StatusCode.NOT_FOUND, "outputs not available: no event has a URI")
        outputs = row.outputs if succeeded else None
        return _named(common_pb2.Inputs, row.inputs), _named(common_pb2.Outputs, outputs)


def _named(kind: Any, values: Any) -> Any:
    return named_literals(kind, values) if isinstance(values, dict) else values or kind()


class PodLogs:
    """Follows the log of a pod, from its start, each time it is asked."""

    def __init__(self, world: World, streams: Streams) -> None:
        self._world = world
        self._streams = streams

    async def follow(self, request: Any, method: str) -> AsyncIterator[list[Any]]:
        """Batches of at most 100 lines, without line ends; ends when the container has exited."""
        key = action_key(request.action_id)
        pod = self._pod(key, request.attempt)
        with self._streams.subscribed(method, pod.changed) as subscriber:
            sent = 0 if pod.started else max(0, len(pod.lines) - TAIL_LINES)
            while True:
                for batch in _batches(pod.lines[sent:]):
                    yield batch
                    sent += len(batch)
                if pod.state == "running":
                    await subscriber.next()
                elif sent == len(pod.lines):
                    return

    def _pod(self, key: ActionKey, attempt: int) -> Pod:
        row = self._world.actions.get(key)
        events = [] if row is None else [e for e in row.events if e.attempt == attempt]
        pod = self._world.pods.get((key, attempt))
        if pod is None or not any(event.has_log for event in events):
            raise Refused(grpc.StatusCode.NOT_FOUND, "no log context found")
        if pod.state == "gone":
            raise Refused(grpc.StatusCode.NOT_FOUND, "pod flytesnacks-development/p not found")
        if pod.state == "pending":
            message = 'container "primary" in pod "p" is waiting to start: ContainerCreating'
            raise Refused(grpc.StatusCode.INTERNAL, message)
        return pod


def _batches(lines: list[tuple[int, str]]) -> Iterator[list[Any]]:
    for start in range(0, len(lines), MOST_LINES):
        yield [_line(*line) for line in lines[start : start + MOST_LINES]]


def _line(time_ns: int, text: str) -> Any:
    line = payload_pb2.LogLine(message=text, originator=payload_pb2.LogLineOriginator.USER)
    line.timestamp.FromNanoseconds(time_ns)
    return line


class DataProxy:
    """DataProxyService, as far as clients of runs use it."""

    def __init__(self, world: World, data: ActionData | None, logs: PodLogs | None) -> None:
        self._world = world
        # To a method that is not there the answer is UNIMPLEMENTED.
        if data is not None:
            self.GetActionData = lambda request: _present_data(data, request)
        if logs is not None:
            self.TailLogs = lambda request: _present_logs(logs, request)

    async def UploadInputs(self, request: Any) -> Any:
        """Keeps the inputs for the run that will be made."""
        uri = f"s3://data/uploads/{len(self._world.uploads)}"
        self._world.uploads[uri] = request.inputs
        offloaded = run_pb2.OffloadedInputData(uri=uri, inputs_hash=uri)
        return dataproxy_service_pb2.UploadInputsResponse(offloaded_input_data=offloaded)

    async def CreateDownloadLink(self, request: Any) -> Any:
        """Reports alone, and most attempts wrote none although each states an address."""
        if request.artifact_type != dataproxy_service_pb2.ARTIFACT_TYPE_REPORT:
            raise invalid("unsupported artifact type")
        raise not_found("report")


async def _present_data(data: ActionData, request: Any) -> Any:
    inputs, outputs = data.read(request.action_id)
    return dataproxy_service_pb2.GetActionDataResponse(inputs=inputs, outputs=outputs)


async def _present_logs(logs: PodLogs, request: Any) -> AsyncIterator[Any]:
    async for lines in logs.follow(request, "DataProxyService/TailLogs"):
        batch = dataproxy_service_pb2.TailLogsResponse.Logs(lines=lines)
        yield dataproxy_service_pb2.TailLogsResponse(logs=[batch])


class OlderLogs:
    """RunLogsService, which only older platforms mount."""

    def __init__(self, logs: PodLogs) -> None:
        self._logs = logs

    async def TailLogs(self, request: Any) -> AsyncIterator[Any]:
        async for lines in self._logs.follow(request, "RunLogsService/TailLogs"):
            batch = run_logs_service_pb2.TailLogsResponse.Logs(lines=lines)
            yield run_logs_service_pb2.TailLogsResponse(logs=[batch])


async def older_data(data: ActionData, request: Any) -> Any:
    """RunService.GetActionData of an older platform."""
    inputs, outputs = data.read(request.action_id)
    return run_service_pb2.GetActionDataResponse(inputs=inputs, outputs=outputs)

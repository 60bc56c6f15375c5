"""A gRPC server on a real port that answers as the real open-source backend does.

async with QuirksServer() as server:
    run = server.world.add_run("r1")
    client = await ClientSet.for_endpoint(server.endpoint, insecure=True)
    server.world.start(run)
    server.cut("RunService/WatchRuns", grpc.StatusCode.UNAVAILABLE)
    assert server.open["RunService/WatchRuns"] == 0
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import grpc
from flyteidl2.auth import auth_service_pb2, identity_pb2
from flyteidl2.cluster import service_pb2 as cluster_service_pb2
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.project import project_service_pb2
from flyteidl2.secret import secret_pb2
from flyteidl2.task import task_service_pb2
from flyteidl2.workflow import run_logs_service_pb2, run_service_pb2

from tests.quirks import catalog
from tests.quirks.data_services import ActionData, DataProxy, OlderLogs, PodLogs, older_data
from tests.quirks.mounting import CallLog, handler_for
from tests.quirks.quirks import Quirks
from tests.quirks.run_calls import RunCalls
from tests.quirks.run_watches import RunWatches
from tests.quirks.secrets_service import Secrets
from tests.quirks.streams import Streams
from tests.quirks.world import World

# A condition that does not come true within this time fails the test that waits for it.
PATIENCE_S = 10.0


class QuirksServer:
    """Starts on a free port of 127.0.0.1; `world` is what it shows, `log` what it was asked."""

    def __init__(self, quirks: Quirks | None = None, world: World | None = None) -> None:
        self.quirks = quirks or Quirks()
        self.world = world or World(self.quirks.buffer)
        self.log = CallLog()
        self.port = 0
        self._streams = Streams()
        self._server: Any = None

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def calls(self) -> Counter[str]:
        """How often each method was called, by names such as "RunService/ListRuns"."""
        return self.log.calls

    @property
    def open(self) -> Counter[str]:
        """How many streams of each method are open."""
        return self._streams.open

    @property
    def opened(self) -> Counter[str]:
        """How many streams of each method were opened since the start."""
        return self._streams.opened

    def cut(self, method: str = "", code: Any = None, message: str = "connection reset") -> int:
        """End the open streams of a method (all when empty): see `Streams.cut`."""
        return self._streams.cut(method, code, message)

    async def until(self, condition: Callable[[], Any], patience_s: float = PATIENCE_S) -> None:
        """Wait until a condition holds; TimeoutError when it does not come true."""
        async with asyncio.timeout(patience_s):
            while not condition():  # noqa: ASYNC110 - the world has no event for each condition
                await asyncio.sleep(0.005)

    async def start(self) -> None:
        """Listen; after `stop`, on the same port again."""
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers(tuple(self._handlers()))
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self._server.start()

    async def stop(self) -> None:
        """Break every connection."""
        await self._server.stop(grace=None)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    def _handlers(self) -> list[Any]:
        mounted = [
            (run_service_pb2, "RunService", self._run_service()),
            (dataproxy_service_pb2, "DataProxyService", self._data_proxy()),
            (project_service_pb2, "ProjectService", catalog.Projects(self.world)),
            (task_service_pb2, "TaskService", catalog.Tasks(self.world)),
            (secret_pb2, "SecretService", Secrets(self.world)),
            (identity_pb2, "IdentityService", catalog.Identity()),
            (auth_service_pb2, "AuthMetadataService", catalog.AuthMetadata()),
            (cluster_service_pb2, "ClusterService", catalog.Clusters()),
        ]
        if self.quirks.run_logs_service:
            older = OlderLogs(PodLogs(self.world, self._streams))
            mounted.append((run_logs_service_pb2, "RunLogsService", older))
        return [
            handler_for(module.DESCRIPTOR.services_by_name[name], service, self.log)
            for module, name, service in mounted
        ]

    def _run_service(self) -> Any:
        data = ActionData(self.world, self.quirks) if self.quirks.run_service_data else None
        return _RunService(self.world, self._streams, self.quirks, data)

    def _data_proxy(self) -> DataProxy:
        return DataProxy(
            self.world,
            ActionData(self.world, self.quirks) if self.quirks.dataproxy_data else None,
            PodLogs(self.world, self._streams) if self.quirks.dataproxy_logs else None,
        )


class _RunService(RunCalls, RunWatches):
    def __init__(
        self, world: World, streams: Streams, quirks: Quirks, data: ActionData | None
    ) -> None:
        RunCalls.__init__(self, world)
        RunWatches.__init__(self, world, streams, quirks)
        if data is not None:
            self.GetActionData = lambda request: older_data(data, request)

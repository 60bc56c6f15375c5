"""A gRPC server in the test's own loop whose every method the test decides.

It listens on a real socket, so that deadlines, cancelling and broken connections are the real ones.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from typing import Any

import grpc
from google.protobuf import message_factory

_MODULES = (
    "app.app_service_pb2",
    "auth.identity_pb2",
    "dataproxy.dataproxy_service_pb2",
    "project.project_service_pb2",
    "secret.secret_pb2",
    "task.task_service_pb2",
    "trigger.trigger_service_pb2",
    "workflow.run_logs_service_pb2",
    "workflow.run_service_pb2",
)

Handler = Callable[[Any, grpc.aio.ServicerContext], Any]


class FakePlatform(grpc.GenericRpcHandler):
    """Answers what `answer` was told; every other method is UNIMPLEMENTED."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.open_streams: Counter[str] = Counter()
        self.port = 0
        self._handlers: dict[str, Handler] = {}
        self._stream_ended = asyncio.Condition()
        self._server: grpc.aio.Server | None = None

    def answer(self, method: str, handler: Handler | Any) -> None:
        """Answer `method` ("RunService.GetRunDetails") with a message, or with what a function,
        coroutine function or async generator function of (request, context) gives."""
        if not callable(handler):
            message = handler
            handler = lambda request, context: message  # noqa: E731
        self._handlers[method] = handler

    def requests(self, method: str) -> list[Any]:
        """What was asked of this method, in order."""
        return [request for name, request in self.calls if name == method]

    async def start(self, credentials: grpc.ServerCredentials | None = None) -> None:
        """Listen on a free port, in plaintext without credentials."""
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers((self,))
        if credentials is None:
            self.port = self._server.add_insecure_port("127.0.0.1:0")
        else:
            self.port = self._server.add_secure_port("127.0.0.1:0", credentials)
        await self._server.start()

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop(None)

    async def closed(self, method: str) -> None:
        """Wait until no stream of this method is open."""
        async with self._stream_ended:
            await self._stream_ended.wait_for(lambda: not self.open_streams[method])

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        service, _, method = handler_call_details.method.lstrip("/").rpartition("/")
        name = f"{service.rpartition('.')[2]}.{method}"
        if name not in self._handlers:
            return None
        descriptor = _methods()[name]
        request = message_factory.GetMessageClass(descriptor.input_type)
        answer = message_factory.GetMessageClass(descriptor.output_type)
        kind, behaviour = (
            (grpc.unary_stream_rpc_method_handler, self._stream(name))
            if descriptor.server_streaming
            else (grpc.unary_unary_rpc_method_handler, self._unary(name))
        )
        return kind(
            behaviour,
            request_deserializer=request.FromString,
            response_serializer=answer.SerializeToString,
        )

    def _unary(self, name: str) -> Handler:
        async def behaviour(request: Any, context: grpc.aio.ServicerContext) -> Any:
            self.calls.append((name, request))
            answer = self._handlers[name](request, context)
            return await answer if inspect.isawaitable(answer) else answer

        return behaviour

    def _stream(self, name: str) -> Handler:
        async def behaviour(request: Any, context: grpc.aio.ServicerContext) -> Any:
            self.calls.append((name, request))
            self.open_streams[name] += 1
            try:
                async for message in self._handlers[name](request, context):
                    yield message
            finally:
                self.open_streams[name] -= 1
                async with self._stream_ended:
                    self._stream_ended.notify_all()

        return behaviour


_known: dict[str, Any] = {}


def _methods() -> dict[str, Any]:
    if not _known:
        for module in _MODULES:
            services = import_module(f"flyteidl2.{module}").DESCRIPTOR.services_by_name
            for service in services.values():
                for method in service.methods:
                    _known[f"{service.name}.{method.name}"] = method
    return _known

"""Puts plain objects behind gRPC services; a method that an object lacks stays UNIMPLEMENTED."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message_factory import GetMessageClass

from tests.quirks.changes import StreamCut
from tests.quirks.listing import Refused


@dataclass
class CallLog:
    """What the server was asked, and what it shall refuse next."""

    calls: Counter[str] = field(default_factory=Counter)
    requests: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    _refusals: dict[str, list[Refused]] = field(default_factory=lambda: defaultdict(list))

    def refuse(self, method: str, code: Any, message: str = "refused", times: int = 1) -> None:
        """Answer the next calls of "RunService/ListRuns" (for example) with this code."""
        self._refusals[method].extend([Refused(code, message)] * times)

    def enter(self, method: str, request: Any) -> None:
        self.calls[method] += 1
        self.requests[method].append(request)
        if waiting := self._refusals[method]:
            raise waiting.pop(0)


def handler_for(service: Any, implementation: Any, log: CallLog) -> Any:
    """The generic handler of a service descriptor; names in the log are `Service/Method`."""
    handlers = {}
    for method in service.methods:
        function = getattr(implementation, method.name, _missing(method))
        name = f"{service.name}/{method.name}"
        wrap, kind = (
            (_stream, grpc.unary_stream_rpc_method_handler)
            if method.server_streaming
            else (_unary, grpc.unary_unary_rpc_method_handler)
        )
        handlers[method.name] = kind(
            wrap(function, name, log),
            request_deserializer=GetMessageClass(method.input_type).FromString,
            response_serializer=GetMessageClass(method.output_type).SerializeToString,
        )
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def _missing(method: Any) -> Callable[[Any], Any]:
    def refuse(request: Any) -> Any:
        raise Refused(grpc.StatusCode.UNIMPLEMENTED, f"{method.full_name} is not implemented")

    return refuse


def _unary(function: Callable[[Any], Any], name: str, log: CallLog) -> Callable[..., Any]:
    async def answer(request: Any, context: Any) -> Any:
        try:
            log.enter(name, request)
            return await function(request)
        except Refused as refusal:
            return await context.abort(refusal.code, refusal.message)

    return answer


def _stream(function: Callable[[Any], Any], name: str, log: CallLog) -> Callable[..., Any]:
    async def answer(request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            log.enter(name, request)
            async for message in function(request):
                yield message
        except Refused as refusal:
            await context.abort(refusal.code, refusal.message)
        except StreamCut as cut:
            if cut.code is not None:
                await context.abort(cut.code, cut.message)

    return answer

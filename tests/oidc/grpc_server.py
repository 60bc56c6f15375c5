"""A gRPC server that wants a bearer token, with one method of each kind, and that says how to
sign in like a platform does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from flyteidl2.auth import auth_service_pb2 as wire
from flyteidl2.auth import identity_pb2 as identity_wire
from flyteidl2.auth.auth_service_pb2_grpc import (
    AuthMetadataServiceServicer,
    add_AuthMetadataServiceServicer_to_server,
)
from flyteidl2.auth.identity_pb2_grpc import (
    IdentityServiceServicer,
    add_IdentityServiceServicer_to_server,
)

UNARY, TAIL, UPLOAD, TALK = "/t/Unary", "/t/Tail", "/t/Upload", "/t/Talk"


@dataclass
class BearerServer:
    """`accepts` decides about a bearer token; `header_key` is where it is looked for. `is_open`
    takes calls without one. `announced` is what it says about signing in; None is UNIMPLEMENTED.

    seen: method and metadata of each call. waiting: set when a stream is open and quiet.
    """

    accepts: Callable[[str], bool | Awaitable[bool]] = lambda token: token == "good"
    header_key: str = "authorization"
    is_open: bool = False
    announced: dict[str, Any] | None = None
    refusal: grpc.StatusCode = grpc.StatusCode.UNAUTHENTICATED
    seen: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    metadata_calls: Counter[str] = field(default_factory=Counter)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    @property
    def calls(self) -> list[str]:
        """The methods called, in order."""
        return [method for method, _ in self.seen]

    def values(self, key: str, call: int = -1) -> list[str]:
        """All values that a call carried under a key."""
        return self.seen[call][1].get(key, [])

    def note(self, method: str, context: Any) -> None:
        metadata: dict[str, list[str]] = {}
        for key, value in context.invocation_metadata():
            metadata.setdefault(key, []).append(value)
        self.seen.append((method, metadata))

    async def check(self, context: Any) -> None:
        if self.is_open:
            return
        values = self.values(self.header_key)
        tokens = [value.removeprefix("Bearer ") for value in values]
        if len(tokens) != 1 or not await self._is_good(tokens[0]):
            await context.abort(self.refusal, f"{len(tokens)} tokens, none good")

    async def _is_good(self, token: str) -> bool:
        answer = self.accepts(token)
        return answer if isinstance(answer, bool) else await answer

    async def unary(self, request: bytes, context: Any) -> bytes:
        self.note(UNARY, context)
        await self.check(context)
        return request

    async def tail(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        self.note(TAIL, context)
        if request == b"headers first":
            await context.send_initial_metadata((("x-early", "yes"),))
        await self.check(context)
        if request == b"quiet":
            await self._be_quiet(context)
        for number in range(3):
            yield b"%d" % number
        if request == b"expire":
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "expired on the way")

    async def _be_quiet(self, context: Any) -> None:
        await context.send_initial_metadata((("x-early", "yes"),))
        self.waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()

    async def upload(self, requests: AsyncIterator[bytes], context: Any) -> bytes:
        self.note(UPLOAD, context)
        got = [await anext(requests, b"")]  # refuses only after it has taken something
        await self.check(context)
        got += [request async for request in requests]
        return b",".join(got)

    async def talk(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        self.note(TALK, context)
        first = True
        async for request in requests:
            if first:
                await self.check(context)
                first = False
            yield request


class _Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self, server: BearerServer) -> None:
        self._kinds = {
            UNARY: grpc.unary_unary_rpc_method_handler(server.unary),
            TAIL: grpc.unary_stream_rpc_method_handler(server.tail),
            UPLOAD: grpc.stream_unary_rpc_method_handler(server.upload),
            TALK: grpc.stream_stream_rpc_method_handler(server.talk),
        }

    def service(self, details: Any) -> Any:
        return self._kinds.get(details.method)


class _Identity(IdentityServiceServicer):  # type: ignore[misc]
    """One service of the platform itself, which wants the token like all the others."""

    def __init__(self, server: BearerServer) -> None:
        self._server = server

    async def UserInfo(self, request: Any, context: Any) -> Any:
        self._server.note("UserInfo", context)
        await self._server.check(context)
        return identity_wire.UserInfoResponse(subject="ana")


class _Metadata(AuthMetadataServiceServicer):  # type: ignore[misc]
    """Announces what the test says; without an announcement every question is UNIMPLEMENTED."""

    def __init__(self, server: BearerServer) -> None:
        self._server = server

    async def _announced(self, name: str, kind: Any, context: Any) -> Any:
        self._server.metadata_calls[name] += 1
        if self._server.announced is None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "no authentication here")
        fields = kind.DESCRIPTOR.fields_by_name
        return kind(**{key: v for key, v in self._server.announced.items() if key in fields})

    async def GetOAuth2Metadata(self, request: Any, context: Any) -> Any:
        return await self._announced("oauth2", wire.GetOAuth2MetadataResponse, context)

    async def GetPublicClientConfig(self, request: Any, context: Any) -> Any:
        return await self._announced("client", wire.GetPublicClientConfigResponse, context)


@asynccontextmanager
async def bearer_server(
    server: BearerServer | None = None, *, certificate: tuple[bytes, bytes] | None = None
) -> AsyncIterator[BearerServer]:
    """A server on a free port; `certificate` (key, chain) makes it speak TLS."""
    made = server or BearerServer()
    grpc_server = grpc.aio.server()
    grpc_server.add_generic_rpc_handlers((_Handlers(made),))
    add_AuthMetadataServiceServicer_to_server(_Metadata(made), grpc_server)
    add_IdentityServiceServicer_to_server(_Identity(made), grpc_server)
    if certificate:
        credentials = grpc.ssl_server_credentials([certificate])
        made.port = grpc_server.add_secure_port("127.0.0.1:0", credentials)
    else:
        made.port = grpc_server.add_insecure_port("127.0.0.1:0")
    await grpc_server.start()
    try:
        yield made
    finally:
        await grpc_server.stop(None)


@asynccontextmanager
async def channel_to(
    server: BearerServer,
    interceptors: Sequence[grpc.aio.ClientInterceptor] = (),
    *,
    root: bytes | None = None,
) -> AsyncIterator[grpc.aio.Channel]:
    """A channel of the test's own; `root` is the certificate to trust, for TLS."""
    channel = open_channel(server, interceptors, root=root)
    try:
        yield channel
    finally:
        await channel.close()


def open_channel(
    server: BearerServer,
    interceptors: Sequence[grpc.aio.ClientInterceptor] = (),
    *,
    root: bytes | None = None,
) -> grpc.aio.Channel:
    target, options = f"127.0.0.1:{server.port}", (("grpc.enable_http_proxy", 0),)
    if root is None:
        return grpc.aio.insecure_channel(target, options=options, interceptors=interceptors)
    credentials = grpc.ssl_channel_credentials(root_certificates=root)
    return grpc.aio.secure_channel(target, credentials, options=options, interceptors=interceptors)

"""The platform's ASGI application: RPCs by service path, and the few plain HTTP routes.

It does three things for the RPC applications that neither they nor the server do (docs tell
why): it reads the whole request before a handler may answer, it cancels a streaming handler when
its client has left, and it counts streams.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from connectrpc.errors import ConnectError
from connectrpc.server import ConnectASGIApplication

from local_platform.streams import Streams

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Handler = Callable[[Scope, Receive, Send], Awaitable[None]]

# The largest request is an inline input or a task spec; files go through uploads.
_MAX_REQUEST = 64 << 20
_log = logging.getLogger(__name__)


class Application:
    """Dispatches by path.

    `routes` maps the first part of a path to a plain HTTP handler, `hosts` are the names under
    which the platform may be addressed.
    """

    def __init__(
        self,
        services: Iterable[ConnectASGIApplication[Any]],
        streaming: frozenset[str],
        routes: Mapping[str, Handler],
        streams: Streams,
        hosts: frozenset[str],
    ) -> None:
        self._services = {service.path: service for service in services}
        self._streaming = streaming
        self._routes = routes
        self._streams = streams
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        if _host(scope) not in self._hosts:
            # A page of another site reaches loopback under a name of its own (DNS rebinding).
            await read_body(receive, 0)
            await answer(send, 403, b"this platform is not known by that host name\n")
            return
        path = scope["path"]
        route = self._routes.get("/" + path.split("/", 2)[1])
        if route is not None:
            await route(scope, receive, send)
            return
        await self._call(path, scope, receive, send)

    async def _call(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive, _MAX_REQUEST)
        service = self._services.get(path.rpartition("/")[0])
        if body is None:
            await answer(send, 413, b"the request is too large\n")
        elif service is None:
            await answer(send, 404, b"no such service\n")
        elif path in self._streaming:
            with self._streams.count(path[1:]):
                await _stream(service, scope, body, receive, send)
        else:
            await service(scope, _replay(body), send)  # type: ignore[arg-type]


async def _stream(
    service: ConnectASGIApplication[Any], scope: Scope, body: bytes, receive: Receive, send: Send
) -> None:
    """Runs a handler until it ends or its client leaves, whichever comes first."""
    left = False

    async def send_while_there(message: dict[str, Any]) -> None:
        if not left:
            await send(message)

    call = service(scope, _replay(body), send_while_there)  # type: ignore[arg-type]
    handler = asyncio.ensure_future(call)
    leaving = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait({handler, leaving}, return_when=asyncio.FIRST_COMPLETED)
        left = not handler.done()
    finally:
        leaving.cancel()
        if not handler.done():
            handler.cancel()
        try:
            await handler
        except (asyncio.CancelledError, ConnectError):
            # connectrpc turns the cancellation into an error meant for a client that is gone.
            if not left:
                raise


def _host(scope: Scope) -> str:
    """The host name that the request was sent to, without its port."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
    return urlsplit(f"//{host}").hostname or ""


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _replay(body: bytes) -> Receive:
    """A `receive` that gives the whole body at once and then nothing, for ever."""
    given = False

    async def receive() -> dict[str, Any]:
        nonlocal given
        if given:
            await asyncio.get_running_loop().create_future()  # cancelled with the handler
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole request body; None when it is larger than `limit` bytes (it is read anyway).

    An answer that ends before its request did makes hypercorn drop the whole connection.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""  # nobody waits for the answer
        size += len(message.get("body", b""))
        if size <= limit:
            chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks) if size <= limit else None


async def answer(
    send: Send,
    status: int,
    body: bytes,
    content_type: str = "text/plain; charset=utf-8",
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """A whole plain HTTP response."""
    length = str(len(body)).encode()
    fixed = [(b"content-type", content_type.encode()), (b"content-length", length)]
    start = {"type": "http.response.start", "status": status, "headers": [*fixed, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def answer_json(send: Send, value: Any) -> None:
    body = json.dumps(value, sort_keys=True).encode() + b"\n"
    await answer(send, 200, body, "application/json")


async def redirect(send: Send, location: str) -> None:
    """Sends a browser on to another address."""
    await answer(send, 302, b"", headers=[(b"location", location.encode("latin-1"))])


async def _lifespan(receive: Receive, send: Send) -> None:
    """The server object starts and stops everything itself; this only agrees."""
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return

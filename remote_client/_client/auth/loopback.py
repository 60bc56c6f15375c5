"""Listens on this machine for the one request with which a browser ends a sign-in.

The listener answers everything: the awaited callback, strangers, favicons and garbage. Only the
callback that carries this sign-in's `state` ends the waiting.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit, urlunsplit

from remote_client._client.auth.errors import AuthenticationError
from remote_client._client.auth.pages import page
from remote_client._client.auth.token_endpoint import clean
from remote_client._client.endpoint import is_loopback_host

__all__ = ["LoopbackListener"]

# What Flyte's own servers announce as the client's redirect URI, should one announce none.
DEFAULT_REDIRECT_URI = "http://localhost:53593/callback"
# A browser sends its request at once; a socket that stays silent is something else.
_REQUEST_TIMEOUT_S = 5.0
_LARGEST_REQUEST = 16 * 1024

Callback = dict[str, str]


@dataclass(frozen=True)
class _Answer:
    status: HTTPStatus
    title: str
    text: str


class LoopbackListener:
    """Serves the redirect URI of one sign-in.

    redirect_uri: as the platform announces it; must name this machine over plain HTTP. Without
        a port a free one is taken (RFC 8252, 7.3).
    state: the value that the awaited callback carries.
    """

    def __init__(self, redirect_uri: str, state: str) -> None:
        parts = urlsplit(redirect_uri or DEFAULT_REDIRECT_URI)
        if parts.scheme != "http" or not is_loopback_host(parts.hostname or ""):
            raise AuthenticationError(
                f"The redirect URI {redirect_uri!r} does not lead to this machine over http, so "
                "no browser can bring the sign-in back here. Register a loopback redirect URI "
                f"(for example {DEFAULT_REDIRECT_URI}), or use auth_type='DeviceFlow'."
            )
        self._host, self._path = parts.hostname or "", parts.path or "/"
        self._port = _port(redirect_uri, parts.port)
        self._state = state
        self._servers: list[asyncio.Server] = []
        self._callback: asyncio.Future[Callback] = asyncio.get_running_loop().create_future()
        self._verdict: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._connections: set[asyncio.Task[None]] = set()
        self._replying: set[asyncio.Task[None]] = set()
        self.stray = ""

    @property
    def redirect_uri(self) -> str:
        """The URI to send the browser to, with the port that is listened on."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return urlunsplit(("http", f"{host}:{self._port}", self._path, "", ""))

    async def __aenter__(self) -> LoopbackListener:
        loopback = {"127.0.0.1": "127.0.0.1", "::1": "::1"}.get(self._host)
        await self._listen(loopback or "127.0.0.1")
        if loopback is None:
            # A browser may look `localhost` up as ::1. No harm where the machine has no IPv6.
            with suppress(AuthenticationError):
                await self._listen("::1")
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._verdict.done():
            self._verdict.set_result(_STOPPED)
        for server in self._servers:
            server.close()
        # Browsers keep spare, silent connections open; those end here. The last page may still
        # be on its way, and is waited for (`_send` is bounded).
        for task in self._connections - self._replying:
            task.cancel()
        if self._connections:
            await asyncio.wait(set(self._connections))
        for server in self._servers:
            await server.wait_closed()

    async def callback(self) -> Callback:
        """The query of the callback with the right state; waits for as long as it takes."""
        return await asyncio.shield(self._callback)

    def show(self, title: str, text: str, *, failed: bool = False) -> None:
        """What the browser that brought the callback gets to see; the first word counts."""
        if not self._verdict.done():
            status = HTTPStatus.BAD_REQUEST if failed else HTTPStatus.OK
            self._verdict.set_result(_Answer(status, title, text))

    async def _listen(self, host: str) -> None:
        try:
            server = await asyncio.start_server(
                self._accept, host, self._port, limit=_LARGEST_REQUEST
            )
        except OSError as error:
            raise AuthenticationError(
                f"Cannot listen on {host}:{self._port} for the browser ({error.strerror}). Another "
                "sign-in may be under way: finish it or end that program, then try again."
            ) from error
        self._servers.append(server)
        self._port = server.sockets[0].getsockname()[1]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            answer = await self._answer(reader, task)
            await _send(writer, answer)
        except ConnectionError:
            return  # the browser left
        finally:
            self._replying.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, task: asyncio.Task[None]) -> _Answer:
        try:
            target, host = await asyncio.wait_for(_request(reader), _REQUEST_TIMEOUT_S)
            self._replying.add(task)
            return await self._answer_to(target, host)
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            return _GARBAGE

    async def _answer_to(self, target: str, host: str) -> _Answer:
        parts = urlsplit(target)
        # Another site's page may have pointed its own name at this machine (DNS rebinding).
        if parts.path != self._path or not is_loopback_host(_host_name(host)):
            return _NOT_HERE
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if not secrets.compare_digest(query.get("state", "").encode(), self._state.encode()):
            self._remember(query)
            return _STRANGE
        if self._callback.done():
            return _AGAIN
        self._callback.set_result(query)
        return await asyncio.shield(self._verdict)

    def _remember(self, query: Callback) -> None:
        """Keep what a callback of no known sign-in said: it may explain why none came."""
        if "error" in query:
            said = query.get("error_description") or query["error"]
            self.stray = f" A callback without this sign-in's state said: {clean(said)}."


_NOT_HERE = _Answer(HTTPStatus.NOT_FOUND, "Nothing here", "This address only ends a sign-in.")
_STRANGE = _Answer(
    HTTPStatus.BAD_REQUEST,
    "Not this sign-in",
    "This link does not belong to the sign-in that is under way. "
    "Go back to the program and open the link that it shows.",
)
_GARBAGE = _Answer(HTTPStatus.BAD_REQUEST, "Not understood", "This is no sign-in.")
_AGAIN = _Answer(HTTPStatus.OK, "Already received", "This sign-in has been received already.")
_STOPPED = _Answer(
    HTTPStatus.BAD_REQUEST, "Sign-in ended", "The program no longer waits for this sign-in."
)


async def _request(reader: asyncio.StreamReader) -> tuple[str, str]:
    """Target and Host of a GET request. Raises ValueError for anything else."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, version = head[0].split(" ")
    if method != "GET" or not version.startswith("HTTP/1."):
        raise ValueError(method)
    fields = (line.partition(":") for line in head[1:])
    host = next((value for name, _, value in fields if name.lower() == "host"), "")
    return target, host.strip()


async def _send(writer: asyncio.StreamWriter, answer: _Answer) -> None:
    body = page(answer.title, answer.text)
    head = (
        f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Connection: close\r\n\r\n"
    )
    with suppress(TimeoutError):
        writer.write(head.encode("latin-1") + body)
        await asyncio.wait_for(writer.drain(), _REQUEST_TIMEOUT_S)


def _host_name(host: str) -> str:
    return (urlsplit(f"//{host}").hostname or "") if host else ""


def _port(redirect_uri: str, port: int | None) -> int:
    if not redirect_uri:
        return urlsplit(DEFAULT_REDIRECT_URI).port or 0
    return port or 0

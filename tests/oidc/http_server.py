"""A tiny HTTP/1.1 server inside the test, whose answers the test scripts."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.oidc.certificates import Certificate


@dataclass(frozen=True)
class Seen:
    """One request."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form body."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Answer:
    """What to send back; `hang_up` closes the connection without a word."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    hang_up: bool = False


def as_json(values: dict[str, Any], status: int = 200) -> Answer:
    return Answer(status, json.dumps(values).encode())


HTML_502 = Answer(502, b"<html><h1>Bad Gateway</h1></html>", "text/html")
HANG_UP = Answer(hang_up=True)


@dataclass
class HttpServer:
    """`answer` decides; without it the answers of `script` go out in order, the last for ever."""

    script: list[Answer] = field(default_factory=list)
    answer: Callable[[Seen], Answer | Awaitable[Answer]] | None = None
    seen: list[Seen] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def _decide(self, request: Seen) -> Answer:
        if self.answer is None:
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]
        answer = self.answer(request)
        return answer if isinstance(answer, Answer) else await answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read(reader)
            self.seen.append(request)
            answer = await self._decide(request)
            if not answer.hang_up:
                head = (
                    f"HTTP/1.1 {answer.status} Said\r\nContent-Type: {answer.content_type}\r\n"
                    f"Content-Length: {len(answer.body)}\r\nConnection: close\r\n\r\n"
                )
                writer.write(head.encode() + answer.body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method, target, headers, body)


@asynccontextmanager
async def http_server(
    *script: Answer, certificate: Certificate | None = None
) -> AsyncIterator[HttpServer]:
    """A server on a free port of 127.0.0.1; with a certificate it speaks TLS."""
    server = HttpServer(list(script), scheme="https" if certificate else "http")
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate.chain_file, certificate.key_file)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()

"""A TCP proxy that breaks connections on command: it drops, resets or stalls them."""

from __future__ import annotations

import asyncio
import socket
import struct
from types import TracebackType

_CHUNK = 16 * 1024
# Closing with a linger time of zero sends a reset instead of an orderly end.
_RESET = struct.pack("ii", 1, 0)


class CuttingProxy:
    """Listens on a free port and passes bytes to and from `target` ("host:port")."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self.connections = 0

    @property
    def endpoint(self) -> str:
        assert self._server is not None
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> CuttingProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.drop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def drop(self) -> None:
        """End every connection in an orderly way; what was under way is lost."""
        for writer in list(self._writers):
            writer.close()
        self._forget()

    def reset(self) -> None:
        """End every connection with a reset."""
        for writer in list(self._writers):
            raw = writer.get_extra_info("socket")
            if raw is not None and raw.fileno() >= 0:  # closed by its other end meanwhile
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()
        self._forget()

    def stall(self) -> None:
        """Pass nothing on any more over the present connections, and leave them open.

        Later connections work: a machine in between forgot about the old ones.
        """
        self._forget()

    def _forget(self) -> None:
        self._writers.clear()
        stalled, self._flowing = self._flowing, asyncio.Event()
        stalled.clear()
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        flowing = self._flowing
        try:
            upstream, up_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, up_writer}
        for source, sink in ((reader, up_writer), (upstream, writer)):
            task = asyncio.create_task(_pass_on(source, sink, flowing))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _pass_on(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, flowing: asyncio.Event
) -> None:
    try:
        while data := await source.read(_CHUNK):
            await flowing.wait()
            sink.write(data)
            await sink.drain()
    except OSError:
        pass
    finally:
        sink.close()

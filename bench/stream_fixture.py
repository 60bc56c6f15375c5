"""The bench server in its process, a client of it, and a bare gRPC channel beside that."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from flyteidl2.dataproxy.dataproxy_service_pb2_grpc import DataProxyServiceStub
from flyteidl2.workflow.run_service_pb2_grpc import RunServiceStub

from bench.stream_messages import DOMAIN, PROJECT
from remote_client import ClientSet

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Streams:
    """Both ways to the same server: `client` is ours, the stubs are grpcio's own."""

    client: ClientSet
    run_service: Any
    data_proxy: Any


@asynccontextmanager
async def open_streams() -> AsyncIterator[Streams]:
    """A server for as long as the block lasts."""
    async with _server() as endpoint, grpc.aio.insecure_channel(endpoint) as channel:
        client = await ClientSet.for_endpoint.aio(
            endpoint, insecure=True, project=PROJECT, domain=DOMAIN
        )
        async with client:
            yield Streams(client, RunServiceStub(channel), DataProxyServiceStub(channel))


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.stream_server", cwd=_ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        port = (await process.stdout.readline()).decode().strip()
        if not port:
            raise RuntimeError("The bench server ended before it listened.")
        yield f"127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()

"""A running quirks server and what its tests need."""

from collections.abc import AsyncIterator

import grpc
import pytest
from flyteidl2.dataproxy import dataproxy_service_pb2_grpc
from flyteidl2.workflow import run_service_pb2_grpc

from remote_client import ClientSet
from tests.quirks.server import QuirksServer
from tests.quirks.world import DOMAIN, PROJECT


@pytest.fixture
async def server() -> AsyncIterator[QuirksServer]:
    """The present backend, with nothing in it but a project."""
    async with QuirksServer() as running:
        yield running


@pytest.fixture
async def channel(server: QuirksServer) -> AsyncIterator[grpc.aio.Channel]:
    """A bare gRPC channel to the server."""
    async with grpc.aio.insecure_channel(server.endpoint) as opened:
        yield opened


@pytest.fixture
def runs(channel: grpc.aio.Channel) -> run_service_pb2_grpc.RunServiceStub:
    """The bare stub of RunService."""
    return run_service_pb2_grpc.RunServiceStub(channel)


@pytest.fixture
def data(channel: grpc.aio.Channel) -> dataproxy_service_pb2_grpc.DataProxyServiceStub:
    """The bare stub of DataProxyService."""
    return dataproxy_service_pb2_grpc.DataProxyServiceStub(channel)


@pytest.fixture
async def client(server: QuirksServer) -> AsyncIterator[ClientSet]:
    """Our client of the server, bound, with an org that the backend will not give back."""
    async with await ClientSet.for_endpoint(
        server.endpoint, insecure=True, org="acme", project=PROJECT, domain=DOMAIN
    ) as made:
        with made.bound():
            yield made

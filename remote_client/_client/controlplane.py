"""`ClientSet`: a connection to one platform under one identity, as a value."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import grpc

from remote_client import _context
from remote_client._client.channel import ChannelPool, ChannelSettings
from remote_client._client.console import Console
from remote_client._client.endpoint import Endpoint
from remote_client._client.health import ConnectionHealth
from remote_client._client.services import ChannelStubs, ServiceStubs
from remote_client._scope import Scope
from remote_client.syncify import syncify

__all__ = ["ClientSet", "Console"]

DEFAULT_TIMEOUT_S = 15.0


class ClientSet(ServiceStubs):
    """The services of one platform, for one identity.

    A client is a value: pass it to calls as `client=`, bind it with `with client.bound():`, or make
    it the default with `remote_client.init`. Several can live side by side. It may be used from any
    number of event loops and threads: each running loop gets its own channels, opened when first
    needed. `timeout_s` is the default deadline of a unary call, in seconds.
    """

    def __init__(
        self,
        pool: ChannelPool,
        *,
        endpoint: Endpoint,
        scope: Scope | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        console: Console | None = None,
    ) -> None:
        self.endpoint = endpoint.address
        self.insecure = endpoint.insecure
        self.scope = scope or Scope(org=endpoint.default_org or "")
        self.timeout_s = timeout_s
        self.console = console or Console(endpoint)
        self.health = ConnectionHealth(lambda: pool.here().renew_unary())
        self._endpoint = endpoint
        self._pool = pool

    @syncify.classmethod
    @classmethod
    async def for_endpoint(
        cls,
        endpoint: str,
        *,
        insecure: bool | None = None,
        org: str | None = None,
        project: str | None = None,
        domain: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> ClientSet:
        """A client of the platform at `endpoint` ("host:port", "dns:///host:port" or a URL).

        `insecure=True` means plaintext; None takes what the spelling says, which is TLS unless it
        begins with http://. Nothing is sent yet: the first call connects. Raises EndpointError.
        """
        address = Endpoint.parse(endpoint, insecure=insecure)
        credentials = None if address.insecure else grpc.ssl_channel_credentials()
        pool = ChannelPool(ChannelSettings(target=address.target, credentials=credentials))
        default_org = address.default_org if org is None else org
        scope = Scope(default_org or "", project or "", domain or "")
        return cls(pool, endpoint=address, scope=scope, timeout_s=timeout_s)

    def with_scope(
        self, *, org: str | None = None, project: str | None = None, domain: str | None = None
    ) -> ClientSet:
        """The same connection with other defaults."""
        scope = self.scope.over(org, project, domain)
        return self._sharing_connection(scope=scope, timeout_s=self.timeout_s)

    def with_timeout(self, timeout_s: float) -> ClientSet:
        """The same connection with another default deadline, in seconds."""
        return self._sharing_connection(scope=self.scope, timeout_s=timeout_s)

    def _sharing_connection(self, *, scope: Scope, timeout_s: float) -> ClientSet:
        return type(self)(
            self._pool,
            endpoint=self._endpoint,
            scope=scope,
            timeout_s=timeout_s,
            console=self.console,
        )

    def bound(self) -> AbstractContextManager[ClientSet]:
        """Use this client in the block wherever none is passed; other tasks are not affected."""
        return _context.bound(self)

    def _stub(self, name: str) -> Any:
        return self._pool.here().unary._stub(name)

    def streaming(self) -> AbstractContextManager[ChannelStubs]:
        """Stubs for one long stream, which must end with the block."""
        return self._pool.here().stream()

    @property
    def closed(self) -> bool:
        """True after close(), also when it was called on a client that shares the connection."""
        return self._pool.closed

    @syncify.method
    async def close(self, grace: float | None = None) -> None:
        """Close the connection and every stream on it, for each client that shares it.

        Calls that are under way may end within `grace` seconds.
        """
        await self._pool.close(grace)

    async def __aenter__(self) -> ClientSet:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._pool.close()

    def __repr__(self) -> str:
        plain = ", insecure=True" if self.insecure else ""
        return f"ClientSet({self.endpoint!r}{plain}, {self.scope.label!r})"

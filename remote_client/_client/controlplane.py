"""`ClientSet`: a connection to one platform under one identity, as a value."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from remote_client import _context
from remote_client._client.auth import AuthOptions
from remote_client._client.auth.api_key import ApiKey
from remote_client._client.config import ConfigError, ConnectionConfig
from remote_client._client.connection import Connection, with_tls
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
        connection: Connection,
        *,
        scope: Scope | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> None:
        self._connection = connection
        self.scope = scope or Scope(org=connection.endpoint.default_org or "")
        self.timeout_s = timeout_s

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
        auth: AuthOptions | None = None,
        ca_cert_file_path: str | Path | None = None,
        insecure_skip_verify: bool = False,
        console_endpoint: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> ClientSet:
        """A client of the platform at `endpoint` ("host:port", "dns:///host:port" or a URL).

        `insecure=True` means plaintext; None takes what the spelling says, which is TLS unless it
        begins with http://. `auth` says how to sign in and as whom: over TLS the default is PKCE,
        in plaintext nothing. `ca_cert_file_path` is a PEM file of the roots to trust;
        `insecure_skip_verify` trusts any certificate. `console_endpoint` is where links lead when
        the console has an address of its own. Nothing is sent yet: the first call connects.
        Raises EndpointError for text that is no address.
        """
        connection = await Connection.open(
            Endpoint.parse(endpoint, insecure=insecure),
            with_tls(auth, ca_cert_file_path, insecure_skip_verify),
            console_endpoint=console_endpoint,
            channel_options=channel_options,
        )
        return cls._of(connection, Scope().over(org, project, domain), timeout_s, org is None)

    @syncify.classmethod
    @classmethod
    async def for_api_key(
        cls,
        api_key: str,
        *,
        insecure: bool | None = None,
        org: str | None = None,
        project: str | None = None,
        domain: str | None = None,
        auth: AuthOptions | None = None,
        ca_cert_file_path: str | Path | None = None,
        insecure_skip_verify: bool = False,
        console_endpoint: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> ClientSet:
        """A client for the endpoint, the client credentials and the org in an API key.

        Raises ValueError, which never repeats the key, for text that is no API key.
        """
        key = ApiKey.decode(api_key, insecure=insecure)
        options = key.auth_options(with_tls(auth, ca_cert_file_path, insecure_skip_verify))
        connection = await Connection.open(key.endpoint, options, console_endpoint=console_endpoint)
        scope = Scope(org=key.org or "").over(org, project, domain)
        return cls._of(connection, scope, timeout_s, org is None and not key.org)

    @syncify.classmethod
    @classmethod
    async def from_env(
        cls,
        config_file: str | Path | None = None,
        *,
        org: str | None = None,
        project: str | None = None,
        domain: str | None = None,
        auth: AuthOptions | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> ClientSet:
        """A client as `.flyte/config.yaml` and the `FLYTE_*` variables say; either may be missing.

        A variable wins over the file. What is passed here wins over both. Raises ConfigError when
        neither names an endpoint, or when one of them cannot be read.
        """
        config = await asyncio.to_thread(ConnectionConfig.load, config_file)
        if config.endpoint is None:
            raise ConfigError(
                "No endpoint: set FLYTE_ADMIN_ENDPOINT or FLYTE_API_KEY, or admin.endpoint in "
                ".flyte/config.yaml."
            )
        connection = await Connection.open(
            config.endpoint, auth or config.auth, console_endpoint=config.console_endpoint
        )
        said = Scope().over(config.org, config.project, config.domain)
        scope = said.over(org, project, domain)
        return cls._of(connection, scope, timeout_s, not scope.org and org is None)

    @classmethod
    def _of(
        cls, connection: Connection, scope: Scope, timeout_s: float, implied_org: bool
    ) -> ClientSet:
        org = (connection.endpoint.default_org or "") if implied_org else scope.org
        return cls(connection, scope=replace(scope, org=org), timeout_s=timeout_s)

    @property
    def endpoint(self) -> str:
        """The platform's address, "host:port"."""
        return self._connection.endpoint.address

    @property
    def insecure(self) -> bool:
        """True when the connection is plaintext."""
        return self._connection.endpoint.insecure

    @property
    def console(self) -> Console:
        """Links to the web console."""
        return self._connection.console

    @property
    def health(self) -> ConnectionHealth:
        """Notices a connection that does not answer any more."""
        return self._connection.health

    def with_scope(
        self, *, org: str | None = None, project: str | None = None, domain: str | None = None
    ) -> ClientSet:
        """The same connection with other defaults; None keeps one."""
        scope = self.scope.over(org, project, domain)
        return type(self)(self._connection, scope=scope, timeout_s=self.timeout_s)

    def with_timeout(self, timeout_s: float) -> ClientSet:
        """The same connection with another default deadline, in seconds."""
        return type(self)(self._connection, scope=self.scope, timeout_s=timeout_s)

    def bound(self) -> AbstractContextManager[ClientSet]:
        """Use this client in the block wherever none is passed; other tasks are not affected."""
        return _context.bound(self)

    def _stub(self, name: str) -> Any:
        return self._connection.pool.here().unary._stub(name)

    def streaming(self) -> AbstractContextManager[ChannelStubs]:
        """Stubs for one long stream, which must end with the block."""
        return self._connection.pool.here().stream()

    @property
    def closed(self) -> bool:
        """True after close(), also when it was called on a client that shares the connection."""
        return self._connection.pool.closed

    @syncify.method
    async def close(self, grace: float | None = None) -> None:
        """Close the connection and every stream on it, for each client that shares it.

        Calls that are under way may end within `grace` seconds.
        """
        await self._connection.close(grace)

    async def __aenter__(self) -> ClientSet:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._connection.close()

    def __repr__(self) -> str:
        plain = ", insecure=True" if self.insecure else ""
        return f"ClientSet({self.endpoint!r}{plain}, {self.scope.label!r})"

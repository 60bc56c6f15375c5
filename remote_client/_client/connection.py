"""The part of a client that clients of other scopes share: endpoint, channels and identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc

from remote_client._client.auth import AuthOptions, EndpointAuth, open_auth
from remote_client._client.channel import ChannelPool, ChannelSettings
from remote_client._client.console import Console
from remote_client._client.endpoint import Endpoint
from remote_client._client.health import ConnectionHealth
from remote_client._client.tls import tls_for


@dataclass(frozen=True, slots=True)
class Connection:
    """One platform under one identity."""

    endpoint: Endpoint
    console: Console
    pool: ChannelPool
    auth: EndpointAuth
    health: ConnectionHealth

    @classmethod
    async def open(
        cls,
        endpoint: Endpoint,
        auth: AuthOptions,
        *,
        console_endpoint: str | None = None,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> Connection:
        """Prepare a connection; the first call on it connects.

        The CA file and skip-verify of `auth` hold for the channels too.
        """
        tls = await tls_for(endpoint, auth.ca_cert_file, auth.insecure_skip_verify)
        settings = ChannelSettings(
            target=endpoint.target,
            credentials=tls.credentials,
            extra_options=(*tls.options, *_proxy_options(endpoint, auth), *channel_options),
        )

        def open_bare(interceptors: Sequence[grpc.aio.ClientInterceptor]) -> grpc.aio.Channel:
            return replace(settings, interceptors=tuple(interceptors)).open()

        opened = open_auth(endpoint, auth, open_bare)
        pool = ChannelPool(replace(settings, interceptors=tuple(opened.interceptors)))
        return cls(
            endpoint=endpoint,
            console=Console(endpoint, address=console_endpoint),
            pool=pool,
            auth=opened,
            health=ConnectionHealth(lambda: pool.here().renew_unary()),
        )

    async def close(self, grace: float | None = None) -> None:
        """Close the channels of every loop, and let go of the identity. Twice is once."""
        if not self.pool.closed:
            await self.pool.close(grace)
            await self.auth.aclose()


def with_tls(
    auth: AuthOptions | None, ca_cert_file: str | Path | None, skip_verify: bool
) -> AuthOptions:
    """The options with what a caller says about certificates in place of their own."""
    auth = auth or AuthOptions()
    if ca_cert_file is not None:
        auth = replace(auth, ca_cert_file=Path(ca_cert_file))
    return replace(auth, insecure_skip_verify=True) if skip_verify else auth


def _proxy_options(endpoint: Endpoint, auth: AuthOptions) -> tuple[tuple[str, Any], ...]:
    if auth.http_proxy_url:
        return (("grpc.http_proxy", auth.http_proxy_url),)
    # gRPC obeys http_proxy, also for this machine itself when no_proxy does not name it.
    return (("grpc.enable_http_proxy", 0),) if endpoint.is_loopback else ()

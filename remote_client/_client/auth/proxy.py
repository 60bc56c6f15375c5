"""Authentication at a proxy in front of the platform: its own header, its own credentials."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from dataclasses import replace

import httpx

from remote_client._client.auth.authenticator import Authenticator
from remote_client._client.auth.external_command import AsyncCommandAuthenticator
from remote_client._client.auth.options import AuthOptions
from remote_client._client.endpoint import Endpoint

__all__ = ["PROXY_HEADER_KEY", "ProxyHttpAuth", "proxy_authenticator"]

PROXY_HEADER_KEY = "proxy-authorization"


class _ProxyAuthenticator(AsyncCommandAuthenticator):
    kind = "proxy"


def proxy_authenticator(endpoint: Endpoint, options: AuthOptions) -> Authenticator | None:
    """The authenticator for `proxy_command`; None without one.

    Its tokens travel in `proxy-authorization` and are kept apart from the platform's.
    """
    if not options.proxy_command:
        return None
    own = replace(options, command=options.proxy_command, header_key=PROXY_HEADER_KEY)
    return _ProxyAuthenticator(endpoint, own)


class ProxyHttpAuth(httpx.Auth):
    """Puts the proxy's token on OAuth requests too; renews it once when the proxy says 407."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Not offered: all OAuth requests are asynchronous."""
        raise RuntimeError("ProxyHttpAuth works with httpx.AsyncClient only.")

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """One request, and a second one after 407."""
        used = await self._authenticator.get_grpc_call_auth_metadata()
        request.headers.update(used.pairs)
        response = yield request
        if response.status_code == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
            await self._authenticator.refresh_credentials(used)
            renewed = await self._authenticator.get_grpc_call_auth_metadata()
            request.headers.update(renewed.pairs)
            yield request

"""HTTP towards the authorization server: CA file, skip-verify and proxy as the caller said."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from remote_client._client.auth.errors import AuthenticationError
from remote_client._client.auth.options import AuthOptions

__all__ = ["HttpOptions", "HttpSessions"]


@dataclass(frozen=True, kw_only=True)
class HttpOptions:
    """How OAuth requests travel.

    ca_cert_file: PEM file of the authorities to trust instead of the usual ones.
    insecure_skip_verify: accept any certificate.
    proxy_url: the HTTP proxy to go through; None follows the environment (`HTTPS_PROXY` …).
    timeout_s: seconds for each request.
    auth: adds headers to each request (proxy authentication).
    transport: replaces the network, for tests.
    """

    ca_cert_file: Path | None = None
    insecure_skip_verify: bool = False
    proxy_url: str | None = field(default=None, repr=False)
    timeout_s: float = 10.0
    auth: httpx.Auth | None = None
    transport: httpx.AsyncBaseTransport | None = None

    @classmethod
    def of(cls, options: AuthOptions, *, auth: httpx.Auth | None = None) -> HttpOptions:
        """The part of the caller's options that concerns HTTP."""
        return cls(
            ca_cert_file=options.ca_cert_file,
            insecure_skip_verify=options.insecure_skip_verify,
            proxy_url=options.http_proxy_url,
            timeout_s=options.http_timeout_s,
            auth=auth,
        )


class HttpSessions:
    """Opens a session for one sign-in or renewal, and closes it again.

    Short sessions instead of one that stays: tokens are asked for rarely, and a session belongs
    to one event loop while an authenticator may serve several.
    """

    def __init__(self, options: HttpOptions | None = None) -> None:
        self._options = options or HttpOptions()
        self._tls: ssl.SSLContext | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[httpx.AsyncClient]:
        """A session; redirects are not followed, since requests carry secrets."""
        options = self._options
        if self._tls is None:
            # Reads files, a few milliseconds of disk.
            self._tls = await asyncio.to_thread(_tls_context, options)
        async with httpx.AsyncClient(
            verify=self._tls,
            proxy=options.proxy_url,
            timeout=options.timeout_s,
            transport=options.transport,
            auth=options.auth,
            headers={"accept": "application/json"},
            follow_redirects=False,
        ) as session:
            yield session


def _tls_context(options: HttpOptions) -> ssl.SSLContext:
    if options.insecure_skip_verify:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if options.ca_cert_file is None:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=str(options.ca_cert_file))
    except (OSError, ssl.SSLError) as error:
        raise AuthenticationError(
            f"The CA file {options.ca_cert_file} cannot be used: {error.strerror or error}. "
            "It must be a readable PEM file."
        ) from error

"""From options to what a client needs: one authenticator, and the interceptors over it.

Clients with the same endpoint and equal options share one authenticator in this process, so
that they also share its sign-in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import grpc

from remote_client._client.auth.authenticator import Authenticator
from remote_client._client.auth.client_config import ClientConfigStore, RemoteClientConfigStore
from remote_client._client.auth.client_credentials import ClientCredentialsAuthenticator
from remote_client._client.auth.clock import Clock
from remote_client._client.auth.default_metadata import default_metadata_interceptors
from remote_client._client.auth.device_code import DeviceCodeAuthenticator
from remote_client._client.auth.external_command import AsyncCommandAuthenticator
from remote_client._client.auth.http_session import HttpOptions, HttpSessions
from remote_client._client.auth.interceptors import auth_interceptors
from remote_client._client.auth.options import AuthOptions, AuthType
from remote_client._client.auth.passthrough import PassthroughAuthenticator
from remote_client._client.auth.pkce import PKCEAuthenticator
from remote_client._client.auth.proxy import ProxyHttpAuth, proxy_authenticator
from remote_client._client.auth.token_authenticator import TokenAuthenticator
from remote_client._client.endpoint import Endpoint

__all__ = ["EndpointAuth", "OpenChannel", "create_authenticator", "interceptors_for", "open_auth"]

# Opens a channel on the running loop with these interceptors and without authentication.
OpenChannel = Callable[[Sequence[grpc.aio.ClientInterceptor]], grpc.aio.Channel]

_FLOWS: dict[AuthType, type[TokenAuthenticator]] = {
    AuthType.PKCE: PKCEAuthenticator,
    AuthType.CLIENT_SECRET: ClientCredentialsAuthenticator,
    AuthType.EXTERNAL_COMMAND: AsyncCommandAuthenticator,
    AuthType.DEVICE_FLOW: DeviceCodeAuthenticator,
}


def create_authenticator(
    endpoint: Endpoint | str,
    auth_type: AuthType | str = AuthType.PKCE,
    options: AuthOptions | None = None,
    *,
    config_store: ClientConfigStore | None = None,
    sessions: HttpSessions | None = None,
    clock: Clock | None = None,
) -> Authenticator:
    """The authenticator of one kind, in any spelling that `AuthType.parse` knows.

    config_store: where to learn how to sign in. Raises ValueError for an unknown kind or for
    options that the kind cannot work with.
    """
    kind = AuthType.parse(auth_type)
    if kind is AuthType.PASSTHROUGH:
        return PassthroughAuthenticator()
    if kind is AuthType.NONE:
        raise ValueError("auth_type 'None' means no authenticator at all.")
    return _FLOWS[kind](
        endpoint, options, config_store=config_store, sessions=sessions, clock=clock
    )


class EndpointAuth:
    """The authentication of one client.

    interceptors: for any number of channels: the request id, then the proxy, then the platform.
    authenticator: None where calls go out without credentials.
    """

    def __init__(
        self,
        interceptors: list[grpc.aio.ClientInterceptor],
        authenticator: Authenticator | None,
        shared: Iterable[_Shared] = (),
    ) -> None:
        self.interceptors = interceptors
        self.authenticator = authenticator
        self._shared = list(shared)

    async def aclose(self) -> None:
        """Let go of the authenticators; a sign-in under way ends when nobody else uses it.

        An authenticator that was given in the options stays as it is.
        """
        while self._shared:
            await self._shared.pop().release()


def open_auth(
    endpoint: Endpoint, options: AuthOptions | None = None, open_channel: OpenChannel | None = None
) -> EndpointAuth:
    """Make (or share) what the options ask for. Nothing is sent before the first call.

    open_channel: needed by flows that ask the platform how to sign in. Raises ValueError for
    options that the flow cannot work with.
    """
    options = options or AuthOptions()
    proxy = _Shared.take(
        (endpoint, options, "proxy"), lambda: proxy_authenticator(endpoint, options)
    )
    taken = [proxy]
    own = options.authenticator
    if own is None:
        try:
            main = _Shared.take(
                (endpoint, options, "platform"),
                lambda: _platform_authenticator(endpoint, options, open_channel, proxy),
            )
        except BaseException:
            proxy.forget()
            raise
        taken.append(main)
        own = main.authenticator
    interceptors = default_metadata_interceptors()
    for authenticator in (proxy.authenticator, own):
        if authenticator is not None:
            interceptors += auth_interceptors(authenticator)
    return EndpointAuth(interceptors, own, taken)


def interceptors_for(
    endpoint: Endpoint | str,
    identity: str = "",
    options: AuthOptions | None = None,
    open_channel: OpenChannel | None = None,
) -> list[grpc.aio.ClientInterceptor]:
    """The interceptors alone, for a channel of one's own; `open_auth` also gives what to close."""
    options = options or AuthOptions()
    if identity:
        options = replace(options, identity=identity)
    return open_auth(Endpoint.parse(endpoint), options, open_channel).interceptors


def _platform_authenticator(
    endpoint: Endpoint,
    options: AuthOptions,
    open_channel: OpenChannel | None,
    shared_proxy: _Shared,
) -> Authenticator | None:
    kind, proxy = _kind(endpoint, options), shared_proxy.authenticator
    if kind is AuthType.NONE:
        return None
    store = None
    if open_channel is not None:
        bare = [*default_metadata_interceptors(), *(auth_interceptors(proxy) if proxy else ())]
        store = RemoteClientConfigStore(lambda: open_channel(bare))
    http = HttpOptions.of(options, auth=ProxyHttpAuth(proxy) if proxy else None)
    return create_authenticator(
        endpoint, kind, options, config_store=store, sessions=HttpSessions(http)
    )


def _kind(endpoint: Endpoint, options: AuthOptions) -> AuthType:
    if options.auth_type is not None:
        return AuthType.parse(options.auth_type)
    if options.client_secret:
        return AuthType.CLIENT_SECRET
    if options.command:
        return AuthType.EXTERNAL_COMMAND
    return AuthType.NONE if endpoint.insecure else AuthType.PKCE


class _Shared:
    """An authenticator and how many clients of this process use it."""

    _all: dict[tuple[Endpoint, AuthOptions, str], _Shared] = {}  # noqa: RUF012 - one per process
    _lock = threading.Lock()

    def __init__(
        self, key: tuple[Endpoint, AuthOptions, str], authenticator: Authenticator | None
    ) -> None:
        self._key = key
        self._users = 0
        self.authenticator = authenticator

    @classmethod
    def take(
        cls,
        key: tuple[Endpoint, AuthOptions, str],
        make: Callable[[], Authenticator | None],
    ) -> _Shared:
        """The shared one under the key, made when there is none."""
        with cls._lock:
            shared = cls._all.get(key)
            if shared is None:
                shared = cls._all[key] = cls(key, make())
            shared._users += 1
            return shared

    def forget(self) -> bool:
        """One user less; whether it was the last one."""
        with self._lock:
            self._users -= 1
            if not self._users:
                del self._all[self._key]
            return not self._users

    async def release(self) -> None:
        """One user less. The last one closes the authenticator."""
        if self.forget() and self.authenticator is not None:
            await self.authenticator.aclose()

"""Where and as whom to sign in: the client configuration, and where it comes from."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import grpc
from flyteidl2.auth import auth_service_pb2 as wire
from flyteidl2.auth.auth_service_pb2_grpc import AuthMetadataServiceStub

__all__ = [
    "ClientConfig",
    "ClientConfigStore",
    "RemoteClientConfigStore",
    "StaticClientConfigStore",
]

DEFAULT_HEADER_KEY = "authorization"
# Both questions are small; a platform that is silent this long will not answer.
_METADATA_TIMEOUT_S = 10.0
_NOT_OFFERED = (
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
)


@dataclass(frozen=True, kw_only=True)
class ClientConfig:
    """What a client needs to know to sign in at one platform. Empty strings mean "not announced".

    header_key: the metadata key under which the platform wants the token, in lower case.
    token_auth_methods: how the token endpoint lets clients authenticate, for example
        `client_secret_basic`; empty when unknown.
    """

    token_endpoint: str = ""
    authorization_endpoint: str = ""
    device_authorization_endpoint: str = ""
    redirect_uri: str = ""
    client_id: str = ""
    scopes: tuple[str, ...] = ()
    audience: str = ""
    header_key: str = DEFAULT_HEADER_KEY
    issuer: str = ""
    token_auth_methods: tuple[str, ...] = ()

    def with_override(
        self,
        *,
        client_id: str | None = None,
        redirect_uri: str | None = None,
        scopes: tuple[str, ...] | None = None,
        audience: str | None = None,
        header_key: str | None = None,
    ) -> ClientConfig:
        """A copy in which everything that is not None replaces what was announced."""
        said: dict[str, Any] = {
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scopes": scopes,
            "audience": audience,
            "header_key": header_key.lower() if header_key else None,
        }
        return replace(self, **{name: value for name, value in said.items() if value is not None})


class ClientConfigStore(ABC):
    """Gives the client configuration of one platform."""

    @abstractmethod
    async def get_client_config(self) -> ClientConfig | None:
        """The configuration; None when the platform announces no authentication.

        Raises grpc.aio.AioRpcError when the platform cannot be asked now.
        """


class StaticClientConfigStore(ClientConfigStore):
    """A configuration known beforehand."""

    def __init__(self, config: ClientConfig) -> None:
        self._config = config

    async def get_client_config(self) -> ClientConfig | None:
        """The configuration that was given."""
        return self._config


class RemoteClientConfigStore(ClientConfigStore):
    """Asks the platform's AuthMetadataService, which needs no token.

    channel: a channel without authentication, or a function that opens one on the running loop;
        what the function opened is closed after the questions.
    """

    def __init__(self, channel: grpc.aio.Channel | Callable[[], grpc.aio.Channel]) -> None:
        self._channel = channel

    async def get_client_config(self) -> ClientConfig | None:
        """Ask now; None when the platform says UNIMPLEMENTED, which means "no authentication"."""
        if not callable(self._channel):
            return await _ask(self._channel)
        channel = self._channel()
        try:
            return await _ask(channel)
        finally:
            await channel.close()


async def _ask(channel: grpc.aio.Channel) -> ClientConfig | None:
    service = AuthMetadataServiceStub(channel)
    metadata, public = await asyncio.gather(
        _answer(service.GetOAuth2Metadata, wire.GetOAuth2MetadataRequest()),
        _answer(service.GetPublicClientConfig, wire.GetPublicClientConfigRequest()),
    )
    if metadata is None or not metadata.token_endpoint:
        return None
    public = public or wire.GetPublicClientConfigResponse()
    return ClientConfig(
        token_endpoint=metadata.token_endpoint,
        authorization_endpoint=metadata.authorization_endpoint,
        device_authorization_endpoint=metadata.device_authorization_endpoint,
        redirect_uri=public.redirect_uri,
        client_id=public.client_id,
        scopes=tuple(public.scopes),
        audience=public.audience,
        header_key=public.authorization_metadata_key.lower() or DEFAULT_HEADER_KEY,
        issuer=metadata.issuer,
        token_auth_methods=tuple(metadata.token_endpoint_auth_methods_supported),
    )


async def _answer(method: Any, request: Any) -> Any:
    """The answer, or None when the platform does not offer the question to a stranger."""
    try:
        return await method(request, timeout=_METADATA_TIMEOUT_S)
    except grpc.aio.AioRpcError as error:
        if error.code() in _NOT_OFFERED:
            return None
        raise

"""The four auth interceptors: they apply one authenticator's credentials to every kind of call.

Headers are replaced, never added a second time. Only UNAUTHENTICATED renews, once per call, and
the call is then sent again if nothing of it was delivered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc

from remote_client._client.auth.authenticator import Authenticator
from remote_client._client.auth.exchange import Exchange
from remote_client._client.auth.repeatable_requests import RepeatableRequests
from remote_client._client.auth.settling_calls import (
    SettlingStreamStreamCall,
    SettlingStreamUnaryCall,
    SettlingUnaryStreamCall,
)
from remote_client._client.auth.true_status import with_true_status

__all__ = [
    "AuthStreamStreamInterceptor",
    "AuthStreamUnaryInterceptor",
    "AuthUnaryStreamInterceptor",
    "AuthUnaryUnaryInterceptor",
    "auth_interceptors",
]


class _AuthInterceptor:
    """authenticator: shared with the other three, or a function that returns it."""

    def __init__(self, authenticator: Authenticator | Callable[[], Authenticator]) -> None:
        self._given = authenticator

    @property
    def authenticator(self) -> Authenticator:
        """Where the credentials come from."""
        given = self._given
        return given if isinstance(given, Authenticator) else given()


class AuthUnaryUnaryInterceptor(
    _AuthInterceptor,
    grpc.aio.UnaryUnaryClientInterceptor,  # type: ignore[misc]
):
    """One request, one response."""

    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Send; after UNAUTHENTICATED renew and send once more."""
        exchange = Exchange(self.authenticator, continuation, details, lambda: request)
        call = await exchange.send()
        if not await _is_refused(exchange, call):
            return call
        return await exchange.send_again() or call


class AuthUnaryStreamInterceptor(
    _AuthInterceptor,
    grpc.aio.UnaryStreamClientInterceptor,  # type: ignore[misc]
):
    """One request, many responses."""

    async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        """Send; the returned call sends once more if it is refused before the first response."""
        exchange = Exchange(self.authenticator, continuation, details, lambda: request)
        return SettlingUnaryStreamCall(exchange, await exchange.send())


class AuthStreamUnaryInterceptor(
    _AuthInterceptor,
    grpc.aio.StreamUnaryClientInterceptor,  # type: ignore[misc]
):
    """Many requests, one response."""

    async def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        """Send; the returned call sends once more if it is refused and few requests were sent."""
        repeatable = RepeatableRequests(requests)
        exchange = _repeatable_exchange(self.authenticator, continuation, details, repeatable)
        call = SettlingStreamUnaryCall(exchange, await exchange.send(), repeatable.stop_keeping)
        call.add_done_callback(lambda _: repeatable.close())
        return call


class AuthStreamStreamInterceptor(
    _AuthInterceptor,
    grpc.aio.StreamStreamClientInterceptor,  # type: ignore[misc]
):
    """Many requests, many responses."""

    async def intercept_stream_stream(self, continuation: Any, details: Any, requests: Any) -> Any:
        """Send; the returned call sends once more if it is refused before the first response."""
        repeatable = RepeatableRequests(requests)
        exchange = _repeatable_exchange(self.authenticator, continuation, details, repeatable)
        call = SettlingStreamStreamCall(exchange, await exchange.send(), repeatable.stop_keeping)
        call.add_done_callback(lambda _: repeatable.close())
        return call


def auth_interceptors(
    authenticator: Authenticator | Callable[[], Authenticator],
) -> list[grpc.aio.ClientInterceptor]:
    """The four interceptors over one authenticator, for one or more channels."""
    return [
        AuthUnaryUnaryInterceptor(authenticator),
        AuthUnaryStreamInterceptor(authenticator),
        AuthStreamUnaryInterceptor(authenticator),
        AuthStreamStreamInterceptor(authenticator),
    ]


def _repeatable_exchange(
    authenticator: Authenticator, continuation: Any, details: Any, requests: RepeatableRequests
) -> Exchange:
    async def go_on(details: Any, messages: Any) -> Any:
        return with_true_status(await continuation(details, messages))

    return Exchange(authenticator, go_on, details, requests.messages, requests.can_repeat)


async def _is_refused(exchange: Exchange, call: Any) -> bool:
    try:
        code = await call.code()
        return code is not grpc.StatusCode.OK and exchange.is_refusal(code, await call.details())
    except asyncio.CancelledError:
        call.cancel()
        raise

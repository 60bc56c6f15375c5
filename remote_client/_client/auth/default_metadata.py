"""Interceptors that put a request id on every call which has none."""

from __future__ import annotations

import uuid
from typing import Any

import grpc

from remote_client._client.auth.exchange import with_pairs

__all__ = [
    "DefaultMetadataStreamStreamInterceptor",
    "DefaultMetadataStreamUnaryInterceptor",
    "DefaultMetadataUnaryStreamInterceptor",
    "DefaultMetadataUnaryUnaryInterceptor",
    "default_metadata_interceptors",
]

REQUEST_ID_KEY = "x-request-id"


class DefaultMetadataUnaryUnaryInterceptor(grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[misc]
    """One request, one response."""

    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Send with a request id."""
        return await continuation(_with_request_id(details), request)


class DefaultMetadataUnaryStreamInterceptor(grpc.aio.UnaryStreamClientInterceptor):  # type: ignore[misc]
    """One request, many responses."""

    async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        """Send with a request id."""
        return await continuation(_with_request_id(details), request)


class DefaultMetadataStreamUnaryInterceptor(grpc.aio.StreamUnaryClientInterceptor):  # type: ignore[misc]
    """Many requests, one response."""

    async def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        """Send with a request id."""
        return await continuation(_with_request_id(details), requests)


class DefaultMetadataStreamStreamInterceptor(grpc.aio.StreamStreamClientInterceptor):  # type: ignore[misc]
    """Many requests, many responses."""

    async def intercept_stream_stream(self, continuation: Any, details: Any, requests: Any) -> Any:
        """Send with a request id."""
        return await continuation(_with_request_id(details), requests)


def default_metadata_interceptors() -> list[grpc.aio.ClientInterceptor]:
    """One interceptor for each kind of call.

    They go first in a channel's list: then a call that is sent again keeps its id.
    """
    return [
        DefaultMetadataUnaryUnaryInterceptor(),
        DefaultMetadataUnaryStreamInterceptor(),
        DefaultMetadataStreamUnaryInterceptor(),
        DefaultMetadataStreamStreamInterceptor(),
    ]


def _with_request_id(details: Any) -> Any:
    """The details with an id to search both sides' logs for; a caller's own stays."""
    if any(key.lower() == REQUEST_ID_KEY for key, _ in details.metadata or ()):
        return details
    pairs = ((REQUEST_ID_KEY, str(uuid.uuid4())),)
    return details._replace(metadata=with_pairs(details.metadata, pairs))

"""The only place where gRPC channels are opened and their options are set.

A gRPC channel belongs to one event loop, so a pool keeps channels per running loop. Long streams
get channels of their own: servers allow a connection about 250 streams (Go) or fewer, and a unary
call must never wait behind them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from remote_client._client.services import ChannelStubs
from remote_client.errors import ClientClosedError

STREAMS_PER_CHANNEL = 80


@dataclass(frozen=True, kw_only=True)
class ChannelSettings:
    """How channels to one endpoint are opened. Sizes in bytes, times in milliseconds."""

    # `host:port` or `dns:///host:port`, as gRPC takes it.
    target: str
    # None is plaintext.
    credentials: grpc.ChannelCredentials | None = None
    # Whole literals and log batches are inlined in answers, so gRPC's own 4 MiB is too little.
    max_receive_bytes: int = 64 * 1024 * 1024
    # A peer that vanished without a word is noticed after keepalive_ms + keepalive_timeout_ms.
    keepalive_ms: int = 20_000
    keepalive_timeout_ms: int = 10_000
    interceptors: tuple[grpc.aio.ClientInterceptor, ...] = ()
    extra_options: tuple[tuple[str, Any], ...] = ()

    def options(self) -> list[tuple[str, Any]]:
        """The channel arguments; `extra_options` win."""
        defaults = {
            "grpc.max_receive_message_length": self.max_receive_bytes,
            "grpc.max_send_message_length": self.max_receive_bytes,
            "grpc.keepalive_time_ms": self.keepalive_ms,
            "grpc.keepalive_timeout_ms": self.keepalive_timeout_ms,
            # The timeout above does not hold for a ping that went out: that is this one, and it is
            # a minute by default.
            "grpc.http2.ping_timeout_ms": self.keepalive_timeout_ms,
            "grpc.keepalive_permit_without_calls": 1,
            "grpc.http2.max_pings_without_data": 0,
            # gRPC waits up to two minutes between connection attempts by default; a platform that
            # restarts must be found again in seconds. Our own backoff keeps attempts apart.
            "grpc.initial_reconnect_backoff_ms": 100,
            "grpc.min_reconnect_backoff_ms": 1_000,
            "grpc.max_reconnect_backoff_ms": 2_000,
            # Otherwise channels with equal arguments share one connection, and its stream limit.
            "grpc.use_local_subchannel_pool": 1,
            "grpc.enable_retries": 0,
        }
        return list((defaults | dict(self.extra_options)).items())

    def open(self) -> grpc.aio.Channel:
        """A new channel on the running loop; it connects at its first call."""
        options, interceptors = self.options(), list(self.interceptors)
        if self.credentials is None:
            return grpc.aio.insecure_channel(
                self.target, options=options, interceptors=interceptors
            )
        return grpc.aio.secure_channel(
            self.target, self.credentials, options=options, interceptors=interceptors
        )


@dataclass
class _StreamChannel:
    stubs: ChannelStubs
    open_streams: int = 0


@dataclass
class LoopChannels:
    """The channels of one event loop."""

    settings: ChannelSettings
    _unary: ChannelStubs | None = None
    _for_streams: list[_StreamChannel] = field(default_factory=list)

    @property
    def unary(self) -> ChannelStubs:
        """Stubs for calls that answer once."""
        if self._unary is None:
            self._unary = ChannelStubs(self.settings.open())
        return self._unary

    @contextmanager
    def stream(self) -> Iterator[ChannelStubs]:
        """Stubs for one long stream, for as long as the block lasts."""
        channel = self._with_room()
        channel.open_streams += 1
        try:
            yield channel.stubs
        finally:
            channel.open_streams -= 1

    def _with_room(self) -> _StreamChannel:
        for channel in self._for_streams:
            if channel.open_streams < STREAMS_PER_CHANNEL:
                return channel
        channel = _StreamChannel(ChannelStubs(self.settings.open()))
        self._for_streams.append(channel)
        return channel

    def renew_unary(self) -> None:
        """Leave a connection that stopped answering; calls under way on it may still end."""
        self._unary = None

    async def close(self, grace: float | None) -> None:
        """Close every channel; calls still open after `grace` seconds are cancelled."""
        stubs = [channel.stubs for channel in self._for_streams]
        if self._unary is not None:
            stubs.append(self._unary)
        self._unary, self._for_streams = None, []
        await asyncio.gather(*(one.channel.close(grace) for one in stubs))


class ChannelPool:
    """The channels to one endpoint under one identity, per running event loop. Thread-safe."""

    def __init__(self, settings: ChannelSettings) -> None:
        self.settings = settings
        self.closed = False
        self._lock = threading.Lock()
        self._by_loop: dict[asyncio.AbstractEventLoop, LoopChannels] = {}

    def here(self) -> LoopChannels:
        """The channels of the running loop. Raises ClientClosedError after close()."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError(
                "Service stubs belong to a running event loop: use them in async code."
            ) from None
        with self._lock:
            if self.closed:
                raise ClientClosedError(f"The client of {self.settings.target} is closed.")
            if loop not in self._by_loop:
                self._drop_dead_loops()
                self._by_loop[loop] = LoopChannels(self.settings)
            return self._by_loop[loop]

    def _drop_dead_loops(self) -> None:
        for loop in [loop for loop in self._by_loop if loop.is_closed()]:
            del self._by_loop[loop]

    async def close(self, grace: float | None = None) -> None:
        """Close the channels of every loop, each on its own loop."""
        with self._lock:
            self.closed = True
            by_loop, self._by_loop = self._by_loop, {}
        here = asyncio.get_running_loop()
        for loop, channels in by_loop.items():
            if loop is here:
                await channels.close(grace)
            elif loop.is_running():
                closing = asyncio.run_coroutine_threadsafe(channels.close(grace), loop)
                await asyncio.wrap_future(closing)

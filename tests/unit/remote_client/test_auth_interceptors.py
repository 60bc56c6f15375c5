"""Credentials on every kind of call: replaced, renewed once, and nothing delivered twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from remote_client._client.auth import (
    AuthenticationError,
    Authenticator,
    AuthUnaryUnaryInterceptor,
    GrpcAuthMetadata,
    auth_interceptors,
    default_metadata_interceptors,
)
from tests.oidc.grpc_server import (
    TAIL,
    TALK,
    UNARY,
    UPLOAD,
    BearerServer,
    bearer_server,
    channel_to,
)
from tests.oidc.settings import until


class Tokens(Authenticator):
    """Has a token; renewing gives the next one of the list."""

    def __init__(self, *tokens: str, header_key: str = "authorization") -> None:
        self.tokens = list(tokens)
        self.header_key = header_key
        self.renewals = 0
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.renewing = asyncio.Event()

    async def get_grpc_call_auth_metadata(self) -> GrpcAuthMetadata:
        token = self.tokens[min(self.renewals, len(self.tokens) - 1)]
        pairs = ((self.header_key, f"Bearer {token}"),) if token else ()
        return GrpcAuthMetadata(pairs, self.renewals)

    async def refresh_credentials(self, used: GrpcAuthMetadata | None = None) -> bool:
        assert used is not None
        if used.generation == self.renewals:
            self.renewing.set()
            await self.gate.wait()
            if self.error:
                raise self.error
        if used.generation == self.renewals:  # the others waited for the same one
            self.renewals += 1
        return True


class Connected:
    """A server and a channel to it, with the interceptors over `tokens`."""

    def __init__(self, server: BearerServer, channel: Any, tokens: Tokens) -> None:
        self.server, self.tokens = server, tokens
        self.unary = channel.unary_unary(UNARY)
        self.tail = channel.unary_stream(TAIL)
        self.upload = channel.stream_unary(UPLOAD)
        self.talk = channel.stream_stream(TALK)


@asynccontextmanager
async def connected(*tokens: str, server: BearerServer | None = None) -> AsyncIterator[Connected]:
    source = Tokens(*tokens)
    interceptors = default_metadata_interceptors() + auth_interceptors(source)
    async with bearer_server(server) as made, channel_to(made, interceptors) as channel:
        yield Connected(made, channel, source)


async def numbers(count: int) -> AsyncIterator[bytes]:
    for number in range(count):
        yield b"%d" % number


async def results(it: Connected) -> list[Any]:
    """One call of each kind."""
    return [
        await it.unary(b"u"),
        [message async for message in it.tail(b"")],
        await it.upload(numbers(3)),
        [message async for message in it.talk(numbers(3))],
    ]


EACH_KIND = [b"u", [b"0", b"1", b"2"], b"0,1,2", [b"0", b"1", b"2"]]


async def test_each_kind_of_call_carries_the_token() -> None:
    async with connected("good") as it:
        assert await results(it) == EACH_KIND
        assert [it.server.values("authorization", n) for n in range(4)] == [["Bearer good"]] * 4
        assert it.tokens.renewals == 0


@pytest.mark.parametrize("stale", ["stale", ""])
@pytest.mark.parametrize("kind", range(4))
async def test_each_kind_of_call_renews_once_and_goes_out_again(stale: str, kind: int) -> None:
    async with connected(stale, "good") as it:
        calls = [
            lambda: it.unary(b"u"),
            lambda: collect(it.tail(b"")),
            lambda: it.upload(numbers(3)),
            lambda: collect(it.talk(numbers(3))),
        ]
        assert await calls[kind]() == EACH_KIND[kind]
        assert it.tokens.renewals == 1
        assert len(it.server.calls) == 2
        assert it.server.values("authorization") == ["Bearer good"], "replaced, not appended"


async def collect(call: Any) -> list[bytes]:
    return [message async for message in call]


async def test_ten_calls_of_all_kinds_at_once_renew_once() -> None:
    async with connected("stale", "good") as it:
        it.tokens.gate.clear()
        waiting = [asyncio.create_task(results(it)) for _ in range(10)]
        await it.tokens.renewing.wait()
        it.tokens.gate.set()
        assert await asyncio.gather(*waiting) == [EACH_KIND] * 10
        assert it.tokens.renewals == 1


async def test_a_second_refusal_is_the_callers_error() -> None:
    async with connected("stale", "stale too") as it:
        for call in (it.unary(b""), it.upload(numbers(1))):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        for stream in (it.tail(b""), it.talk(numbers(1))):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await collect(stream)
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert len(it.server.calls) == 8


@pytest.mark.parametrize(
    "status", [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL]
)
async def test_no_other_status_renews_or_repeats(status: grpc.StatusCode) -> None:
    async with connected("stale", "good", server=BearerServer(refusal=status)) as it:
        for call in (it.unary(b""), it.upload(numbers(1)), collect(it.tail(b""))):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call
            assert refused.value.code() is status
        assert (it.tokens.renewals, len(it.server.calls)) == (0, 3)


async def test_a_failed_renewal_is_the_callers_error() -> None:
    async with connected("stale") as it:
        it.tokens.error = AuthenticationError("refused")
        for call in (it.unary(b""), it.upload(numbers(1)), collect(it.tail(b""))):
            with pytest.raises(AuthenticationError, match="refused"):
                await call
        call = it.tail(b"")
        with pytest.raises(AuthenticationError, match="refused"):
            await collect(call)
        assert await call.code() is grpc.StatusCode.UNAUTHENTICATED
        assert call.done()


async def test_a_stream_that_delivered_is_not_sent_again() -> None:
    async with connected("good", "better") as it:
        call = aiter(it.tail(b"expire"))
        got = [await anext(call) for _ in range(3)]
        with pytest.raises(grpc.aio.AioRpcError) as expired:
            await anext(call)
        assert expired.value.details() == "expired on the way"
        assert got == [b"0", b"1", b"2"]
        assert (it.tokens.renewals, it.server.calls) == (0, [TAIL])


async def test_a_stream_refused_after_its_headers_is_sent_again() -> None:
    async with connected("stale", "good") as it:
        call = it.tail(b"headers first")
        assert await collect(call) == [b"0", b"1", b"2"]
        assert await call.code() is grpc.StatusCode.OK


@pytest.mark.parametrize("first", ["good", "stale"])
async def test_a_quiet_stream_is_connected_and_can_be_cancelled(first: str) -> None:
    async with connected(first, "good") as it:
        call = it.tail(b"quiet")
        await call.wait_for_connection()
        await it.server.waiting.wait()
        assert dict(await call.initial_metadata())["x-early"] == "yes"
        assert not call.done()
        assert call.cancel()
        await it.server.cancelled.wait()
        with pytest.raises(asyncio.CancelledError):
            await collect(call)
        assert call.cancelled()
        assert await call.code() is grpc.StatusCode.CANCELLED


async def test_a_reader_who_is_cancelled_cancels_the_quiet_stream() -> None:
    async with connected("good") as it:
        reading = asyncio.create_task(collect(it.tail(b"quiet")))
        await it.server.waiting.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await it.server.cancelled.wait()


async def test_a_reader_can_give_a_quiet_stream_a_deadline() -> None:
    async with connected("good") as it:
        with pytest.raises(grpc.aio.AioRpcError) as late:
            await collect(it.tail(b"quiet", timeout=0.3))
        assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        await it.server.cancelled.wait()


async def test_closing_the_channel_cancels_quiet_streams() -> None:
    interceptors = auth_interceptors(Tokens("stale", "good"))
    async with bearer_server() as server:
        async with channel_to(server, interceptors) as channel:
            call = channel.unary_stream(TAIL)(b"quiet")
            await server.waiting.wait()
        await server.cancelled.wait()
        assert call.cancelled()


async def test_an_upload_that_is_refused_while_it_is_sent_says_so() -> None:
    async with connected("stale") as it:
        for _ in range(20):
            for call in (it.upload(numbers(50)), collect(it.talk(numbers(50)))):
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await call
                assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("kind", ["unary", "tail", "talk"])
async def test_a_call_can_be_cancelled_while_its_credentials_are_renewed(kind: str) -> None:
    async with connected("stale", "good") as it:
        it.tokens.gate.clear()
        call = it.talk(numbers(1)) if kind == "talk" else getattr(it, kind)(b"")
        ended: list[Any] = []
        call.add_done_callback(ended.append)
        await it.tokens.renewing.wait()
        assert not call.done()
        assert call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await (call if kind == "unary" else collect(call))
        assert call.cancelled()
        assert call.done()
        assert await call.code() is grpc.StatusCode.CANCELLED
        await until(lambda: ended == [call])
        assert len(it.server.calls) == 1


async def test_done_callbacks_come_once_when_the_repeated_call_ends() -> None:
    async with connected("stale", "good") as it:
        call = it.tail(b"")
        ended: list[Any] = []
        call.add_done_callback(ended.append)
        await collect(call)
        await until(lambda: bool(ended))
        assert ended == [call]
        assert len(it.server.calls) == 2


async def test_reading_one_by_one_works_too() -> None:
    async with connected("stale", "good") as it:
        call = it.tail(b"")
        assert [await call.read() for _ in range(4)] == [b"0", b"1", b"2", grpc.aio.EOF]


async def test_writing_one_by_one_survives_a_refusal_on_the_way() -> None:
    async with connected("stale", "good") as it:
        talk = it.talk()
        for word in (b"one", b"two", b"three"):
            await talk.write(word)
            assert await talk.read() == word
        await talk.done_writing()
        assert await talk.read() is grpc.aio.EOF
        upload = it.upload()
        for word in (b"one", b"two"):
            await upload.write(word)
        await upload.done_writing()
        assert await upload == b"one,two"
        assert it.tokens.renewals == 1


async def test_an_upload_that_is_too_long_to_repeat_renews_for_the_next_try() -> None:
    sent = asyncio.Event()

    async def many() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x"
        sent.set()

    class SlowRefusal(BearerServer):
        async def check(self, context: Any) -> None:
            await sent.wait()
            await super().check(context)

    async with connected("stale", "good", server=SlowRefusal()) as it:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await it.upload(many())
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert it.tokens.renewals == 1
        assert await it.upload(numbers(2)) == b"0,1"


async def test_a_caller_may_pass_a_plain_list_of_requests() -> None:
    async with connected("stale", "good") as it:
        assert await it.upload([b"a", b"b"]) == b"a,b"


async def test_a_source_of_requests_that_fails_cancels_the_call() -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"a"
        raise ValueError("broken source")

    async with connected("good") as it:
        with pytest.raises(asyncio.CancelledError):
            await it.upload(failing())


async def test_it_replaces_a_header_of_the_caller_and_keeps_the_others() -> None:
    async with connected("good") as it:
        metadata = (("authorization", "Bearer mine"), ("x-mine", "1"), ("x-mine", "2"))
        await it.unary(b"", metadata=metadata)
        assert it.server.values("authorization") == ["Bearer good"]
        assert it.server.values("x-mine") == ["1", "2"]


async def test_a_request_id_is_set_once_and_kept_when_sent_again() -> None:
    async with connected("stale", "good") as it:
        await it.unary(b"")
        first, second = (it.server.values("x-request-id", n) for n in range(2))
        assert first == second
        assert len(first) == 1
        await it.unary(b"", metadata=(("x-request-id", "mine"),))
        assert it.server.values("x-request-id") == ["mine"]
        await results(it)
        ids = {tuple(it.server.values("x-request-id", n)) for n in range(-4, 0)}
        assert len(ids) == 4


async def test_proxy_and_platform_renew_each_for_itself() -> None:
    proxy = Tokens("proxy-good", header_key="proxy-authorization")
    platform = Tokens("stale", "good")
    interceptors = auth_interceptors(proxy) + auth_interceptors(platform)
    async with bearer_server() as server, channel_to(server, interceptors) as channel:
        it = Connected(server, channel, platform)
        assert await results(it) == EACH_KIND
        assert server.values("proxy-authorization") == ["Bearer proxy-good"]
        assert (proxy.renewals, platform.renewals) == (0, 1)


async def test_an_authenticator_may_be_given_by_a_function() -> None:
    tokens = Tokens("good")
    interceptors = [AuthUnaryUnaryInterceptor(lambda: tokens)]
    async with bearer_server() as server, channel_to(server, interceptors) as channel:
        assert await channel.unary_unary(UNARY)(b"u") == b"u"

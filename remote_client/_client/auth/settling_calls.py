"""Call objects for streams, whose first answer decides whether the RPC is sent once more.

An interceptor must return a call before it knows the answer: a quiet stream answers late, and a
caller who writes requests can only do so once the interceptor has returned. These calls look for
the first answer on a task of their own and stand for whichever sending counts in the end. Nothing
is sent again once anything was delivered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import Any

import grpc

from remote_client._client.auth.exchange import Exchange

__all__ = ["SettlingStreamStreamCall", "SettlingStreamUnaryCall", "SettlingUnaryStreamCall"]

_NOTHING = object()
# A refusal has its status right behind its (empty) headers: this long headers alone mean nothing.
_STATUS_AFTER_HEADERS_S = 0.02


class _SettlingCall:
    """What the three kinds share: the current sending, and the task that settles on one.

    exchange: sends once more where that helps. call: the first sending. on_answer: called when
    nothing will be sent again.
    """

    def __init__(
        self, exchange: Exchange, call: Any, on_answer: Callable[[], None] = lambda: None
    ) -> None:
        self._exchange = exchange
        self._call = call
        self._on_answer = on_answer
        self._cancelled = False
        self._answer: Any = _NOTHING
        self._sent_again = asyncio.Event()
        self._settling = asyncio.ensure_future(self._settle())
        # Whoever uses the call gets the error; nobody has to.
        self._settling.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _first_answer(self) -> Any:
        """The first message (`_NOTHING` at the end of the stream). Raises AioRpcError."""
        raise NotImplementedError

    async def _settle(self) -> None:
        try:
            self._answer = await self._first_answer()
        except grpc.aio.AioRpcError as error:
            if not self._exchange.is_refusal(error.code(), error.details()):
                raise
            again = await self._exchange.send_again()
            if again is None:
                raise
            self._call = again
            self._sent_again.set()
            self._answer = await self._first_answer()
        finally:
            self._on_answer()

    async def _settled_answer(self) -> Any:
        """The first answer of the sending that counts. Cancelling this cancels the RPC."""
        try:
            await asyncio.shield(self._settling)
        except asyncio.CancelledError:
            self.cancel()
            raise
        # Not kept: the first message of a watch may be a large snapshot.
        answer, self._answer = self._answer, _NOTHING
        return answer

    async def _call_that_counts(self) -> Any:
        await asyncio.wait({self._settling})  # raises nothing: the call says what went wrong
        return self._call

    def cancel(self) -> bool:
        """See grpc.RpcContext."""
        renewing = self._call.done() and not self._settling.done()
        cancelled = bool(self._call.cancel())
        if renewing:
            cancelled = self._cancelled = self._settling.cancel()
        return cancelled

    def cancelled(self) -> bool:
        """See grpc.RpcContext."""
        return self._cancelled or bool(self._call.cancelled())

    def done(self) -> bool:
        """See grpc.RpcContext."""
        return self._cancelled or (self._settling.done() and bool(self._call.done()))

    def time_remaining(self) -> float | None:
        """See grpc.RpcContext."""
        remaining: float | None = self._call.time_remaining()
        return remaining

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """See grpc.RpcContext."""

        def attach(_: Any) -> None:
            if self._cancelled:
                callback(self)
            else:
                self._call.add_done_callback(lambda _call: callback(self))

        if self._settling.done():
            attach(None)
        else:
            self._settling.add_done_callback(attach)

    async def initial_metadata(self) -> Any:
        """The headers of the sending that counts, as soon as it looks accepted.

        A quiet stream may have headers long before its first message settles the matter.
        """
        call = self._call
        await self._first_of(call.initial_metadata())
        await asyncio.wait({self._settling}, timeout=_STATUS_AFTER_HEADERS_S)
        if call.done() and not self._settling.done():
            await self._first_of(self._sent_again.wait())
        return await self._call.initial_metadata()

    async def _first_of(self, waiting: Coroutine[Any, Any, Any]) -> None:
        """Returns when that, or the settling, is done."""
        other = asyncio.ensure_future(waiting)
        try:
            await asyncio.wait({other, self._settling}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            other.cancel()

    async def wait_for_connection(self) -> None:
        """Returns when the platform has answered with headers; raises when it refused."""
        await self.initial_metadata()
        if self._settling.done() and (error := self._settling.exception()):
            raise error

    async def trailing_metadata(self) -> Any:
        """See grpc.aio.Call."""
        return await (await self._call_that_counts()).trailing_metadata()

    async def code(self) -> grpc.StatusCode:
        """See grpc.aio.Call."""
        call = await self._call_that_counts()
        return grpc.StatusCode.CANCELLED if self._cancelled else await call.code()

    async def details(self) -> str:
        """See grpc.aio.Call."""
        call = await self._call_that_counts()
        return "" if self._cancelled else await call.details()

    async def debug_error_string(self) -> str:
        """See grpc.aio.Call."""
        call = await self._call_that_counts()
        return "" if self._cancelled else await call.debug_error_string()


class _SettlingResponses(_SettlingCall):
    """Reading a stream of responses: the first one is looked at, the rest passes through."""

    _iterator: AsyncIterator[Any] | None = None

    async def _first_answer(self) -> Any:
        self._responses = aiter(self._call)
        return await anext(self._responses, _NOTHING)

    def __aiter__(self) -> AsyncIterator[Any]:
        if self._iterator is None:
            self._iterator = self._iterate()
        return self._iterator

    async def _iterate(self) -> AsyncIterator[Any]:
        first = await self._settled_answer()
        if first is _NOTHING:
            return
        yield first
        del first
        async for response in self._responses:
            yield response

    async def read(self) -> Any:
        """The next response, or grpc.aio.EOF."""
        return await anext(aiter(self), grpc.aio.EOF)


class _SettlingRequests(_SettlingCall):
    """Requests come from an iterator that was given to grpc; writing goes through that."""

    @property
    def _done_writing_flag(self) -> bool:
        # grpc's own wrapper around intercepted calls looks at this before it writes.
        return bool(self._call._done_writing_flag)

    async def write(self, request: Any) -> None:
        """See grpc.aio.StreamUnaryCall."""
        await self._call.write(request)

    async def done_writing(self) -> None:
        """See grpc.aio.StreamUnaryCall."""
        await self._call.done_writing()


class SettlingUnaryStreamCall(_SettlingResponses, grpc.aio.UnaryStreamCall):  # type: ignore[misc]
    """One request, many responses."""


class SettlingStreamStreamCall(
    _SettlingRequests,
    _SettlingResponses,
    grpc.aio.StreamStreamCall,  # type: ignore[misc]
):
    """Many requests, many responses."""


class SettlingStreamUnaryCall(_SettlingRequests, grpc.aio.StreamUnaryCall):  # type: ignore[misc]
    """Many requests, one response."""

    async def _first_answer(self) -> Any:
        return await self._call

    def __await__(self) -> Generator[Any, None, Any]:
        return self._settled_answer().__await__()

"""Lets calls in: checks the bearer token of every RPC, and ends streams when it stops counting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from local_platform.authorization import caller, task_limits
from local_platform.authorization.revocations import Revocations
from local_platform.authorization.verifier import InvalidTokenError, Token, Verifier

# Whoever wants to sign in asks here how to.
_OPEN_SERVICE = "flyteidl2.auth.AuthMetadataService"
_Next = Callable[[Any, Any], Awaitable[Any]]
_NextStream = Callable[[Any, Any], AsyncIterator[Any]]


class Gate:
    """An interceptor for every service. `required` False lets calls without a token in, too."""

    def __init__(self, verifier: Verifier, revocations: Revocations, *, required: bool) -> None:
        self._verifier = verifier
        self._revocations = revocations
        self._required = required

    async def intercept_unary(self, call_next: _Next, request: Any, ctx: Any) -> Any:
        caller.set_token(self._admit(request, ctx))
        return await call_next(request, ctx)

    async def intercept_server_stream(
        self, call_next: _NextStream, request: Any, ctx: Any
    ) -> AsyncIterator[Any]:
        token = self._admit(request, ctx)
        caller.set_token(token)
        answers = call_next(request, ctx)
        if token is not None:
            answers = self._while_it_counts(token, answers)
        # Closed with this one: a handler must not outlive the client that left.
        async with aclosing(answers):  # type: ignore[type-var]
            async for answer in answers:
                yield answer

    # No service has such RPCs. Should one get them, they must not come in unseen.

    async def intercept_client_stream(self, call_next: _Next, request: Any, ctx: Any) -> Any:
        caller.set_token(self._admit(None, ctx))
        return await call_next(request, ctx)

    async def intercept_bidi_stream(
        self, call_next: _NextStream, request: Any, ctx: Any
    ) -> AsyncIterator[Any]:
        caller.set_token(self._admit(None, ctx))
        async for answer in call_next(request, ctx):
            yield answer

    def _admit(self, request: Any, ctx: Any) -> Token | None:
        """The caller's token. UNAUTHENTICATED, PERMISSION_DENIED."""
        method = ctx.method()
        if method.service_name == _OPEN_SERVICE:
            return None
        header = ctx.request_headers().get("authorization", "")
        if not header and not self._required:
            return None
        scheme, _, text = header.partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise _unauthenticated("a bearer token is needed: sign in")
        token = self._verify(text.strip())
        if token.action is not None:
            rpc = f"{method.service_name}/{method.name}"
            why_not = task_limits.refusal(rpc, request, token.action)
            if why_not:
                raise ConnectError(Code.PERMISSION_DENIED, why_not)
        return token

    def _verify(self, text: str) -> Token:
        try:
            return self._verifier.verify(text)
        except InvalidTokenError as error:
            raise _unauthenticated(str(error)) from None

    async def _while_it_counts(
        self, token: Token, answers: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        """The answers, until the token expires or is revoked: then UNAUTHENTICATED."""
        over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        with self._revocations.told(token.revocable_by, lambda: _tell(over, "was revoked")):
            seconds = self._verifier.seconds_left(token)
            timer = over.get_loop().call_later(seconds, _tell, over, "has expired")
            try:
                while True:
                    try:
                        yield await _next_unless(over, answers)
                    except StopAsyncIteration:
                        return
            finally:
                timer.cancel()
                await answers.aclose()  # type: ignore[attr-defined]


def _tell(over: asyncio.Future[str], reason: str) -> None:
    if not over.done():
        over.set_result(reason)


async def _next_unless(over: asyncio.Future[str], answers: AsyncIterator[Any]) -> Any:
    """The next answer; UNAUTHENTICATED when the token stops counting before there is one."""
    step = asyncio.ensure_future(anext(answers))
    try:
        await asyncio.wait({step, over}, return_when=asyncio.FIRST_COMPLETED)
        if over.done():
            raise _unauthenticated(f"the token {over.result()}: sign in again")
        return step.result()
    finally:
        if not step.done():
            step.cancel()
            with suppress(asyncio.CancelledError):
                await step


def _unauthenticated(sentence: str) -> ConnectError:
    return ConnectError(Code.UNAUTHENTICATED, sentence)

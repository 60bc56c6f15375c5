"""Unary calls: a deadline on each, retries for idempotent ones, errors through the one door."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc

from remote_client._client.retry import CallRetry
from remote_client.errors import ClientClosedError, from_grpc

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

_RETRY = CallRetry()


async def call(
    client: ClientSet,
    service: str,
    method: str,
    request: Any,
    *,
    asked: str,
    idempotent: bool = True,
    timeout: float | None = None,
) -> Any:
    """Send a request and return the answer.

    `timeout` (seconds, the client's default when None) covers all tries together. Only calls that
    are `idempotent` are sent again. `asked` completes "Could not …" in errors. Raises RemoteError.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + (client.timeout_s if timeout is None else timeout)
    failures = 0
    while True:
        try:
            stub = getattr(client, service)
            answer = await getattr(stub, method)(request, timeout=max(deadline - loop.time(), 0.01))
        except grpc.aio.AioRpcError as error:
            failures += 1
            client.health.failed(error.code())
            delay = _RETRY.delay(error.code(), failures) if idempotent else None
            if delay is None or loop.time() + delay >= deadline:
                # Not chained: what the platform said is in the error, without what it must not say.
                raise from_grpc(error, asked=asked, endpoint=client.endpoint) from None
        except (asyncio.CancelledError, grpc.aio.UsageError):
            raise_if_closed(client)
            raise
        else:
            client.health.answered()
            return answer
        await asyncio.sleep(delay)


def raise_if_closed(client: ClientSet) -> None:
    """Closing a channel cancels what waits on it; tell that from a cancelled task."""
    task = asyncio.current_task()
    if client.closed and not (task and task.cancelling()):
        raise ClientClosedError(f"The client of {client.endpoint} was closed.") from None

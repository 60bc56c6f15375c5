"""One RPC as the auth interceptors see it: how to send it, and how to send it once more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from remote_client._client.auth.authenticator import Authenticator, GrpcAuthMetadata

__all__ = ["Exchange", "with_pairs"]

# grpc reports an HTTP 407 of a proxy as UNKNOWN, with this in its details. The proxy did not
# forward the request, so it is as safe to repeat as after UNAUTHENTICATED.
_PROXY_REFUSAL = "status: 407"


class Exchange:
    """Sends an RPC with the authenticator's credentials; at most once again with newer ones.

    continuation, details: as grpc gives them to an interceptor.
    request: makes what is sent (a message or an iterator of messages) for each sending.
    can_repeat: whether `request` can still be made again.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        continuation: Callable[[Any, Any], Awaitable[Any]],
        details: Any,
        request: Callable[[], Any],
        can_repeat: Callable[[], bool] = lambda: True,
    ) -> None:
        self._authenticator = authenticator
        self._continuation = continuation
        self._details = details
        self._request = request
        self._can_repeat = can_repeat
        self._used = GrpcAuthMetadata()
        self._repeated = False

    async def send(self) -> Any:
        """Send the RPC; returns grpc's call object at once, before any answer."""
        self._used = await self._authenticator.get_grpc_call_auth_metadata()
        metadata = with_pairs(self._details.metadata, self._used.pairs)
        details = self._details._replace(metadata=metadata)
        return await self._continuation(details, self._request())

    def is_refusal(self, code: grpc.StatusCode, details: str | None) -> bool:
        """Whether the answer says that the credentials were not accepted, and it is the first."""
        refused = code is grpc.StatusCode.UNAUTHENTICATED or (
            code is grpc.StatusCode.UNKNOWN and _PROXY_REFUSAL in (details or "")
        )
        return refused and not self._repeated

    async def send_again(self) -> Any | None:
        """Renew the credentials and send once more; None when that cannot be done.

        Renews even when the request itself cannot be repeated: the caller's next try then works.
        """
        self._repeated = True
        renewed = await self._authenticator.refresh_credentials(self._used)
        if not renewed or not self._can_repeat():
            return None
        return await self.send()


def with_pairs(metadata: Any, pairs: tuple[tuple[str, str], ...]) -> grpc.aio.Metadata:
    """The metadata with the pairs in it, in place of older values under the same keys."""
    replaced = {key for key, _ in pairs}
    kept = [(key, value) for key, value in metadata or () if key.lower() not in replaced]
    return grpc.aio.Metadata(*kept, *pairs)

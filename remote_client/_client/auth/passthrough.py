"""Credentials that the caller brings for each call, in a context variable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from remote_client._client.auth.authenticator import Authenticator, GrpcAuthMetadata

__all__ = ["PassthroughAuthenticator", "auth_metadata", "get_auth_metadata"]

_Pairs = tuple[tuple[str, str], ...]
_brought: ContextVar[_Pairs] = ContextVar("remote_client_auth_metadata", default=())


@contextmanager
def auth_metadata(*pairs: tuple[str, str]) -> Iterator[None]:
    """Send these metadata pairs with every passthrough call made inside the block.

    Only this task (or thread) and what it starts inside the block see them; an inner block
    replaces the outer one. Raises ValueError without a pair.
    """
    if not pairs:
        raise ValueError(
            'auth_metadata needs at least one pair, like ("authorization", "Bearer …")'
        )
    token = _brought.set(tuple((key.lower(), value) for key, value in pairs))
    try:
        yield
    finally:
        _brought.reset(token)


def get_auth_metadata() -> _Pairs:
    """The pairs that the surrounding `auth_metadata` block brought; () outside of one."""
    return _brought.get()


class PassthroughAuthenticator(Authenticator):
    """Sends what the surrounding `auth_metadata` block brought, and cannot renew it."""

    async def get_grpc_call_auth_metadata(self) -> GrpcAuthMetadata:
        """The block's pairs."""
        return GrpcAuthMetadata(get_auth_metadata())

    async def refresh_credentials(self, used: GrpcAuthMetadata | None = None) -> bool:
        """Nothing new to try: the caller who brought the credentials must renew them."""
        return False

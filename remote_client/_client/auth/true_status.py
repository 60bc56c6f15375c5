"""Keeps the status of a refused upload, which grpc.aio otherwise loses.

When a platform ends a call while the client still writes, the failed write sets the status to
INTERNAL before the real one (here UNAUTHENTICATED) has been read: about a quarter of the refused
streams in a test with grpcio 1.85. The writer goes on to wait for a status anyway, so it is
enough that nobody sets a false one.
"""

from __future__ import annotations

from typing import Any

__all__ = ["with_true_status"]


class _TrueStatus:
    """grpc's inner call, without the door by which a false status comes in."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def set_internal_error(self, description: str) -> None:
        """The real status is on its way."""


def with_true_status(call: Any) -> Any:
    """The call, whose status will be the platform's. Other versions of grpc are left alone."""
    inner = getattr(call, "_cython_call", None)
    if hasattr(inner, "set_internal_error"):
        call._cython_call = _TrueStatus(inner)
    return call

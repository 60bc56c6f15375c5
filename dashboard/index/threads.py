"""Runs the index's questions to the database beside the loop, and beside each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """A long question must not hold up the sign-ins of others, so each has a thread of the pool.

    A database in memory lives in one connection, and so in one thread.
    """
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        return await sync_to_async(work)(*args, **kwargs)

    def with_fresh_connection() -> T:
        close_old_connections()
        try:
            return work(*args, **kwargs)
        finally:
            close_old_connections()

    return await sync_to_async(with_fresh_connection, thread_sensitive=False)()

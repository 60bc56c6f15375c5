"""Which client a call uses when none is passed: the bound one, else the process's default."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from remote_client._scope import Scope
from remote_client.errors import ClientNotInitializedError

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

_bound: ContextVar[ClientSet | None] = ContextVar("remote_client_bound", default=None)
_default: ClientSet | None = None


@contextmanager
def bound(client: ClientSet) -> Iterator[ClientSet]:
    """Make `client` the one that calls in this block use, in this context alone."""
    token = _bound.set(client)
    try:
        yield client
    finally:
        _bound.reset(token)


def set_default(client: ClientSet | None) -> None:
    """Make `client` the one that the whole process uses where none is passed or bound."""
    global _default
    _default = client


def current_client(client: ClientSet | None = None) -> ClientSet:
    """The given client, else the bound one, else the default. Raises ClientNotInitializedError."""
    found = client or _bound.get() or _default
    if found is None:
        raise ClientNotInitializedError(
            "No client: call remote_client.init(endpoint) once, use `with client.bound():`, "
            "or pass client=."
        )
    return found


def resolve(
    client: ClientSet | None,
    *,
    project: str | None = None,
    domain: str | None = None,
    org: str | None = None,
) -> tuple[ClientSet, Scope]:
    """The client to use and its scope with what the caller named in place of the defaults."""
    found = current_client(client)
    return found, found.scope.over(org, project, domain)

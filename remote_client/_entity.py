"""What every entity is: a message of the platform, and the client that it came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from remote_client._json import ToJSONMixin
from remote_client._scope import Scope

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet


class Entity(ToJSONMixin):
    """A thing on the platform, as it was when it was read.

    `_pb` is the message, `_client` the client to ask further, `_scope` where it lives.
    """

    def __init__(self, pb: Any, client: ClientSet, scope: Scope) -> None:
        self._pb = pb
        self._client = client
        self._scope = scope

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        return iter(())

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={_short(value)}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({fields})"


class ScopedEntity(Entity):
    """An entity that lives in a project and a domain."""

    @property
    def project(self) -> str:
        """The project that it belongs to; "" where it belongs to none."""
        return self._scope.project

    @property
    def domain(self) -> str:
        """The domain that it belongs to; "" where it belongs to none."""
        return self._scope.domain

    @property
    def org(self) -> str:
        """The org; "" on platforms that have none."""
        return self._scope.org


def _short(value: object) -> str:
    text = str(value) if value.__class__.__module__.startswith("datetime") else repr(value)
    return text if len(text) <= 200 else f"{text[:199]}…"


def scope_of(identifier: Any, fallback: Scope) -> Scope:
    """Where a run or action id says it lives; lists of the real backend leave the org empty."""
    return Scope(
        org=identifier.org or fallback.org,
        project=identifier.project or fallback.project,
        domain=identifier.domain or fallback.domain,
    )

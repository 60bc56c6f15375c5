"""Who the platform takes the caller for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flyteidl2.auth import identity_pb2

from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._entity import Entity
from remote_client.syncify import syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["User"]


class User(Entity):
    """The identity behind a client's calls."""

    @syncify.classmethod
    @classmethod
    async def get(cls, *, client: ClientSet | None = None) -> User:
        """The identity. Raises Unauthenticated where the platform knows none."""
        client, scope = resolve(client)
        answer = await call(
            client,
            "identity_service",
            "UserInfo",
            identity_pb2.UserInfoRequest(),
            asked="read who is signed in",
        )
        return cls(answer, client, scope)

    @property
    def subject(self) -> str:
        """The stable identifier."""
        return str(self._pb.subject)

    @property
    def name(self) -> str:
        """The name to show: full name, else user name, e-mail or subject."""
        pb = self._pb
        full = pb.name or f"{pb.given_name} {pb.family_name}".strip()
        return str(full or pb.preferred_username or pb.email or pb.subject)

    @property
    def email(self) -> str:
        """The e-mail address; "" when unknown."""
        return str(self._pb.email)

    @property
    def username(self) -> str:
        """The user name; "" when unknown."""
        return str(self._pb.preferred_username)

    @property
    def picture(self) -> str:
        """The address of a picture; "" for none."""
        return str(self._pb.picture)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "subject", self.subject
        yield "name", self.name
        yield "email", self.email

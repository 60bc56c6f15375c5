"""Secrets of the fake platform: names by scope, and the values that it was sent."""

from __future__ import annotations

from typing import Any

from flyteidl2.secret import definition_pb2

from dashboard.pages import Scope
from remote_client import RemoteSecret
from remote_client._scope import Scope as ClientScope
from remote_client.errors import AlreadyExists, NotFound, RemoteError
from tests.unit.dashboard import things


def secret(where: Scope, name: str, kind: str = "regular") -> RemoteSecret:
    """A secret as the client gives it."""
    message = definition_pb2.Secret()
    message.id.name, message.id.project, message.id.domain = name, where.project, where.domain
    message.secret_metadata.type = 1 if kind == "image_pull" else 0
    message.secret_metadata.created_time.FromDatetime(things.at(0))
    message.secret_metadata.secret_status.overall_status = 2
    scope = ClientScope(project=where.project, domain=where.domain)
    return RemoteSecret(message, None, scope)  # type: ignore[arg-type]


class FakeSecrets:
    """Mixin: `secrets_there` by (project, domain, name)."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets_there: dict[tuple[str, str, str], str | bytes] = {}
        self.secret_kinds: dict[str, str] = {}
        self.secret_errors: dict[str, RemoteError] = {}
        """By project and domain, `project/domain`."""

    async def secrets(self, where: Scope) -> list[RemoteSecret]:
        self._ask("secrets")  # type: ignore[attr-defined]
        if error := self.secret_errors.get(f"{where.project}/{where.domain}"):
            raise error
        return [
            secret(where, name, self.secret_kinds.get(name, "regular"))
            for project, domain, name in self.secrets_there
            if (project, domain) == (where.project, where.domain)
        ]

    async def create_secret(
        self, where: Scope, name: str, value: str | bytes, kind: Any = "regular"
    ) -> None:
        self._ask("create_secret")  # type: ignore[attr-defined]
        key = (where.project, where.domain, name)
        if key in self.secrets_there:
            raise AlreadyExists(f"{value!r} exists")  # a platform that repeats what it was sent
        self.secrets_there[key] = value
        self.secret_kinds[name] = kind

    async def update_secret(
        self, where: Scope, name: str, value: str | bytes, kind: Any = "regular"
    ) -> None:
        self._ask("update_secret")  # type: ignore[attr-defined]
        self.secrets_there[self._secret_key(where, name)] = value

    async def delete_secret(self, where: Scope, name: str) -> None:
        self._ask("delete_secret")  # type: ignore[attr-defined]
        del self.secrets_there[self._secret_key(where, name)]

    def _secret_key(self, where: Scope, name: str) -> tuple[str, str, str]:
        key = (where.project, where.domain, name)
        if key not in self.secrets_there:
            raise NotFound(f"no secret {name}")
        return key

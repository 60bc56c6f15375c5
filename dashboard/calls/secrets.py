"""Calls about secrets; values go one way only."""

from __future__ import annotations

from typing import Any

from dashboard.calls.connection import Connection
from dashboard.pages import Scope
from remote_client import RemoteSecret

MOST_SECRETS = 1000
"""Of one scope."""

NOWHERE = Scope(project="", domain="")


class SecretCalls(Connection):
    """Lists, writes and deletes secrets; a scope without project, or without both, is a wider
    one."""

    async def secrets(self, where: Scope) -> list[RemoteSecret]:
        """The secrets of exactly this scope."""
        within = await self._in(where)
        with self.asking():
            listing = RemoteSecret.listall(exact=True, limit=MOST_SECRETS, **within)
            return [secret async for secret in listing]

    async def secret(self, where: Scope, name: str) -> RemoteSecret:
        """What is known of it, never its value. Raises NotFound."""
        within = await self._in(where)
        with self.asking():
            return await RemoteSecret.get.aio(name, **within)

    async def create_secret(
        self, where: Scope, name: str, value: str | bytes, kind: Any = "regular"
    ) -> None:
        """Raises AlreadyExists."""
        within = await self._in(where)
        with self.asking():
            await RemoteSecret.create.aio(name, value, kind, **within)

    async def update_secret(
        self, where: Scope, name: str, value: str | bytes, kind: Any = "regular"
    ) -> None:
        """Raises NotFound."""
        within = await self._in(where)
        with self.asking():
            await RemoteSecret.update.aio(name, value, kind, **within)

    async def delete_secret(self, where: Scope, name: str) -> None:
        """Raises NotFound."""
        within = await self._in(where)
        with self.asking():
            await RemoteSecret.delete.aio(name, **within)

    async def _in(self, where: Scope) -> dict[str, Any]:
        return {
            "client": await self.client(),
            "project": where.project,
            "domain": where.domain,
        }

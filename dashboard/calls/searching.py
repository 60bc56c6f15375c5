"""Calls of the search: the names in one project and domain that hold a text."""

from __future__ import annotations

from dashboard.calls.connection import Connection
from dashboard.pages import Scope
from remote_client import RemoteSecret, Task, Trigger

MOST_LOOKED_AT = 500
"""Triggers and secrets can't be asked for by a part of a name: so many are looked through."""


class SearchCalls(Connection):
    """Finds tasks, triggers and secrets by a part of their name."""

    async def task_names(self, scope: Scope, text: str, limit: int) -> list[str]:
        with self.asking():
            page = await Task.listpage.aio(
                limit=limit, name_contains=text, **await self.within(scope)
            )
        return [task.name for task in page.items]

    async def trigger_names(self, scope: Scope, text: str, limit: int) -> list[tuple[str, str]]:
        """Pairs of task and trigger."""
        listing = Trigger.listall(limit=MOST_LOOKED_AT, **await self.within(scope))
        with self.asking():
            found = [(trigger.task_name, trigger.name) async for trigger in listing]
        wanted = text.lower()
        return [pair for pair in found if wanted in " ".join(pair).lower()][:limit]

    async def secret_names(self, scope: Scope, text: str, limit: int) -> list[str]:
        listing = RemoteSecret.listall(limit=MOST_LOOKED_AT, **await self.within(scope))
        with self.asking():
            names = [secret.name async for secret in listing]
        return [name for name in names if text.lower() in name.lower()][:limit]

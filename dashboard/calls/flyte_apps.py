"""Calls about flyte apps."""

from __future__ import annotations

from dashboard.calls.connection import Connection
from dashboard.pages import Scope
from remote_client import App

MOST_APPS = 500


class AppCalls(Connection):
    """Lists, reads and changes apps; each raises Unimplemented where the platform serves none."""

    async def apps(self, scope: Scope) -> list[App]:
        listing = App.listall(limit=MOST_APPS, **await self.within(scope))
        with self.asking():
            return [app async for app in listing]

    async def app(self, scope: Scope, name: str) -> App:
        """Raises NotFound."""
        with self.asking():
            return await App.get.aio(name, **await self.within(scope))

    async def switch_app(self, app: App, active: bool) -> None:
        """Start it, or stop it."""
        with self.asking():
            await (app.activate.aio() if active else app.deactivate.aio())

    async def delete_app(self, app: App) -> None:
        with self.asking():
            await app.delete.aio()

"""Topic `apps`: a project's apps, listed again every few seconds for all who look."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.flyte_apps.pages import AppRow
from dashboard.flyte_apps.rows import app_row
from dashboard.live.listed import ListedTopic


class AppsTopic(ListedTopic[AppRow]):
    template = "flyte_apps/list.html"

    async def ask(self) -> Sequence[AppRow]:
        await self.platform.project(self.scope.project)
        apps = await self.platform.apps(self.scope)
        return sorted((app_row(self.scope, app) for app in apps), key=lambda row: row.name)

    def key_of(self, row: AppRow) -> str:
        return row.name

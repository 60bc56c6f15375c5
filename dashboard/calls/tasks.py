"""Calls about tasks."""

from __future__ import annotations

from dashboard.calls.connection import Connection
from dashboard.pages import Scope
from remote_client import Page, Run, Task, TaskDetails, TaskVersion
from remote_client._filters import SortBy
from remote_client._task_query import latest_version


class TaskCalls(Connection):
    """Lists and reads tasks and their versions."""

    async def tasks_page(
        self,
        scope: Scope,
        *,
        token: str,
        limit: int,
        text: str,
        environment: str,
        deployed_by: str,
        sort_by: SortBy,
    ) -> Page[Task]:
        """A page (`items`, `next_token`) of tasks; "" for no filter."""
        with self.asking():
            return await Task.listpage.aio(
                limit=limit,
                token=token,
                name_contains=text,
                by_task_env=environment or None,
                deployed_by=deployed_by,
                sort_by=sort_by,
                **await self.within(scope),
            )

    async def task(self, scope: Scope, name: str, version: str = "") -> TaskDetails:
        """A version of a task, the newest one for "". Raises RemoteTaskNotFoundError."""
        lazy = Task.get(
            name,
            version=version or None,
            auto_version=None if version else "latest",
            **await self.within(scope),
        )
        with self.asking():
            return await lazy.fetch.aio()

    async def newest_version(self, scope: Scope, name: str) -> str:
        """The newest version of a task. Raises RemoteTaskNotFoundError."""
        within = await self.within(scope)
        client = within["client"].with_scope(project=scope.project, domain=scope.domain)
        with self.asking():
            return await latest_version(client, client.scope, name)

    async def versions_page(
        self, scope: Scope, name: str, *, token: str, limit: int
    ) -> Page[TaskVersion]:
        """A page of a task's versions, the newest first."""
        with self.asking():
            return await Task.versionpage.aio(
                name, limit=limit, token=token, **await self.within(scope)
            )

    async def runs_of_task(self, scope: Scope, name: str, limit: int) -> list[Run]:
        """The task's last runs, the newest first."""
        with self.asking():
            page = await Run.listpage.aio(task_name=name, limit=limit, **await self.within(scope))
        return list(page.items)

"""Calls about projects."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Literal

from dashboard.calls.connection import Connection
from remote_client import Project

PROJECT_KNOWN_S = 30.0
"""How long a project that was found counts as existing; asking again on every page is waste."""


class ProjectCalls(Connection):
    """Lists, reads and changes projects."""

    async def projects(self) -> list[Project]:
        """Those that are not archived."""
        with self.asking():
            return [p async for p in Project.listall(client=await self.client())]

    async def archived_projects(self) -> list[Project]:
        with self.asking():
            return [p async for p in Project.listall(archived=True, client=await self.client())]

    async def project(self, project_id: str) -> Project:
        """Raises NotFound: every other question about a project that isn't there says "nothing"."""
        found_at, project = self._projects.get(project_id, (0.0, None))
        if project is not None and time.monotonic() - found_at < PROJECT_KNOWN_S:
            return project
        return await self.project_as_it_is(project_id)

    async def project_as_it_is(self, project_id: str) -> Project:
        """The project asked for anew. Raises NotFound."""
        with self.asking():
            project = await Project.get.aio(project_id, client=await self.client())
        self._projects[project_id] = (time.monotonic(), project)
        return project

    async def create_project(
        self, project_id: str, name: str, description: str, labels: Mapping[str, str]
    ) -> Project:
        """Raises AlreadyExists and InvalidArgument."""
        with self.asking():
            return await Project.create.aio(
                project_id, name, description, labels, client=await self.client()
            )

    async def update_project(
        self,
        project_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        labels: Mapping[str, str] | None = None,
        state: Literal["active", "archived"] | None = None,
    ) -> Project:
        """Change what is named, keep the rest. Raises NotFound."""
        self._projects.pop(project_id, None)
        with self.asking():
            return await Project.update.aio(
                project_id,
                name=name,
                description=description,
                labels=labels,
                state=state,
                client=await self.client(),
            )

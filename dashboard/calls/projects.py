"""Calls about projects."""

from __future__ import annotations

import time

from dashboard.calls.connection import Connection
from remote_client import Project

PROJECT_KNOWN_S = 30.0
"""How long a project that was found counts as existing; asking again on every page is waste."""


class ProjectCalls(Connection):
    """Lists and reads projects."""

    async def projects(self) -> list[Project]:
        with self.asking():
            return [p async for p in Project.listall(client=await self.client())]

    async def project(self, project_id: str) -> Project:
        """Raises NotFound: every other question about a project that isn't there says "nothing"."""
        found_at, project = self._projects.get(project_id, (0.0, None))
        if project is not None and time.monotonic() - found_at < PROJECT_KNOWN_S:
            return project
        with self.asking():
            project = await Project.get.aio(project_id, client=await self.client())
        self._projects[project_id] = (time.monotonic(), project)
        return project

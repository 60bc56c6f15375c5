"""Projects of the fake platform: listed, created, changed and archived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remote_client.errors import AlreadyExists, NotFound
from tests.unit.dashboard import things


class FakeProjects:
    """Mixin: `projects_there` by id, archived ones among them."""

    projects_there: dict[str, Any]

    async def projects(self) -> list[Any]:
        self._ask("projects")  # type: ignore[attr-defined]
        return [p for p in self.projects_there.values() if p.state == "active"]

    async def archived_projects(self) -> list[Any]:
        self._ask("archived_projects")  # type: ignore[attr-defined]
        return [p for p in self.projects_there.values() if p.state == "archived"]

    async def project_as_it_is(self, project_id: str) -> Any:
        self._ask("project_as_it_is")  # type: ignore[attr-defined]
        if project_id not in self.projects_there:
            raise NotFound(f"no project {project_id}")
        return self.projects_there[project_id]

    async def create_project(
        self, project_id: str, name: str, description: str, labels: Mapping[str, str]
    ) -> Any:
        self._ask("create_project")  # type: ignore[attr-defined]
        if project_id in self.projects_there:
            raise AlreadyExists(f"project {project_id} exists")
        self.projects_there[project_id] = things.project(project_id)
        return await self.update_project(
            project_id, name=name, description=description, labels=labels
        )

    async def update_project(self, project_id: str, **changes: Any) -> Any:
        self._ask("update_project")  # type: ignore[attr-defined]
        message = self.projects_there[project_id]._pb
        message.name = changes.get("name") or message.name
        message.description = changes.get("description") or message.description
        if changes.get("labels") is not None:
            message.labels.values.clear()
            message.labels.values.update(changes["labels"])
        if changes.get("state"):
            message.state = 1 if changes["state"] == "archived" else 0
        return self.projects_there[project_id]

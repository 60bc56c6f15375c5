"""The fake platform's answers to the search."""

from __future__ import annotations

from typing import Any

from dashboard.pages import Scope


class FakeSearch:
    """Names by kind; an exception in the place of names is raised."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, Any] = {"tasks": [], "triggers": [], "secrets": []}
        self.names_asked: list[tuple[str, str]] = []

    async def task_names(self, scope: Scope, text: str, limit: int) -> list[str]:
        return self._names("tasks", text, limit)

    async def trigger_names(self, scope: Scope, text: str, limit: int) -> list[tuple[str, str]]:
        return self._names("triggers", text, limit)

    async def secret_names(self, scope: Scope, text: str, limit: int) -> list[str]:
        return self._names("secrets", text, limit)

    def _names(self, kind: str, text: str, limit: int) -> Any:
        self.names_asked.append((kind, text))
        names = self.names[kind]
        if isinstance(names, Exception):
            raise names
        return [name for name in names if text in str(name)][:limit]

"""Lists of runs of the fake platform: pages that a test gave, else the runs that are there."""

from __future__ import annotations

from typing import Any

from dashboard.pages import Scope
from dashboard.rows import run_order
from remote_client import Page


class FakeRunLists:
    """Answers questions with every run that it has: the asker looks at each once more."""

    projects_there: dict[str, Any]
    runs_there: dict[str, Any]
    pages: dict[str, Page[Any]]

    def __init__(self) -> None:
        super().__init__()
        self.where_questions: list[tuple[Any, str, int]] = []

    async def projects_known(self) -> list[Any]:
        self._ask("projects_known")
        return list(self.projects_there.values())

    async def runs_where(
        self, scope: Scope, part: Any, *, token: str = "", limit: int = 100
    ) -> Page[Any]:
        self._ask("runs_where")
        self.where_questions.append((part, token, limit))
        if token in self.pages:
            return self.pages[token]
        here = [run for run in self.runs_there.values() if run.domain == scope.domain]
        is_down = ("created_at", "asc") not in (part.sort_by or ())
        return Page(sorted(here, key=run_order, reverse=is_down), "")

    def _ask(self, what: str) -> None:
        raise NotImplementedError

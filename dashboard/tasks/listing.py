"""The tasks of a project, page by page, as the platform lists them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from django.urls import reverse

from dashboard import links
from dashboard.pages import Head, Scope
from dashboard.tasks.pages import TaskRow, TaskStats
from dashboard.tasks.statistics import statistics
from dashboard.upstream import platform
from remote_client import Page, Task
from remote_client.errors import RemoteError

PAGE_TASKS = 50

# What the platform's allow-list sorts tasks by, of what the list shows.
_SORTS = {"name": "name", "environment": "environment", "deployed": "created_at"}
_COLUMNS = (
    ("name", "Task"),
    ("runs", "Last runs"),
    ("success", "Success"),
    ("median", "Median"),
    ("last", "Last run"),
    ("deployed", "Deployed"),
    ("triggers", "Triggers"),
)


@dataclass(frozen=True)
class TasksQuery:
    """What an address asks for; what makes no sense in it counts as not said."""

    text: str = ""
    environment: str = ""
    by: str = ""
    sort: str = "-deployed"
    token: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> TasksQuery:
        sort = request.GET.get("sort", "")
        return cls(
            text=request.GET.get("q", "").strip()[:255],
            environment=request.GET.get("env", "").strip()[:255],
            by=request.GET.get("by", "").strip()[:255],
            sort=sort if sort.removeprefix("-") in _SORTS else "-deployed",
            token=request.GET.get("after", "")[:500],
        )

    @property
    def sort_by(self) -> tuple[str, Literal["asc", "desc"]]:
        return _SORTS[self.sort.removeprefix("-")], "desc" if self.sort[0] == "-" else "asc"

    def url(self, scope: Scope, **changes: str) -> str:
        """The list's address with other values."""
        sort = "" if self.sort == "-deployed" else self.sort
        query = {"q": self.text, "env": self.environment, "by": self.by, "sort": sort, **changes}
        return links.tasks_url(scope, **query)


async def listed(scope: Scope, query: TasksQuery, limit: int = PAGE_TASKS) -> Page[Task]:
    """One page of tasks. A task that another sorting would show twice is shown once."""
    return await platform().tasks_page(
        scope,
        token=query.token,
        limit=limit,
        text=query.text,
        environment=query.environment,
        deployed_by=query.by,
        sort_by=query.sort_by,
    )


async def rows(scope: Scope, tasks: list[Task]) -> tuple[TaskRow, ...]:
    """With how their last runs went, and their triggers."""
    names = [task.name for task in tasks]
    stats, triggers = await asyncio.gather(statistics(scope, names), _triggers(scope))
    return tuple(
        task_row(scope, task, stats.get(task.name, TaskStats()), triggers.get(task.name, ()))
        for task in tasks
    )


def task_row(
    scope: Scope,
    task: Task,
    stats: TaskStats,
    triggers: tuple[tuple[str, str, bool], ...] = (),
) -> TaskRow:
    return TaskRow(
        name=task.name,
        url=links.task_url(scope, task.name),
        environment=task.environment_name,
        description=task.description,
        version=task.version,
        version_url=links.task_url(scope, task.name, task.version),
        deployed_at=task.deployed_at,
        deployed_by=task.deployed_by,
        launch_url=links.launch_url(scope, task.name, task.version),
        runs_url=links.runs_url(scope, q=f"task:{task.name}"),
        stats=stats,
        triggers=triggers,
    )


async def _triggers(scope: Scope) -> dict[str, tuple[tuple[str, str, bool], ...]]:
    """Triggers by task; none where the platform has no answer."""
    found: defaultdict[str, list[tuple[str, str, bool]]] = defaultdict(list)
    try:
        for trigger in await platform().triggers(scope):
            url = trigger_url(scope, trigger.task_name, trigger.name)
            found[trigger.task_name].append((trigger.name, url, trigger.is_active))
    except RemoteError:
        return {}
    return {task: tuple(sorted(each)) for task, each in found.items()}


def trigger_url(scope: Scope, task: str, name: str) -> str:
    where = {"domain": scope.domain, "project": scope.project}
    return reverse("trigger", kwargs={**where, "task": task, "name": name})


def heads(scope: Scope, query: TasksQuery) -> tuple[Head, ...]:
    return tuple(_head(scope, query, key, label) for key, label in _COLUMNS)


def _head(scope: Scope, query: TasksQuery, key: str, label: str) -> Head:
    if key not in _SORTS:
        return Head(key, label)
    is_sorted = query.sort.removeprefix("-") == key
    down = query.sort.startswith("-")
    first = "-" if key == "deployed" else ""
    wanted = ("" if down else "-") if is_sorted else first
    words = ("descending" if down else "ascending") if is_sorted else ""
    return Head(key, label, query.url(scope, sort=f"{wanted}{key}"), words)

"""The API's operations on tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from dashboard.api.schemas import ErrorOut
from dashboard.errors import PageProblem
from dashboard.launching.blueprints import Blueprint, of_task
from dashboard.launching.to_json import json_of
from dashboard.tasks.listing import TasksQuery
from dashboard.tasks.problems import no_task
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client import Task, TaskDetails, TaskVersion
from remote_client.errors import NotFound

Name = Annotated[str, Query(min_length=1, max_length=255)]
Limit = Annotated[int, Query(ge=1, le=100)]

router = Router(tags=["tasks"])
_ERRORS = dict.fromkeys((401, 403, 404, 422, 502, 503), ErrorOut)


class TaskOut(Schema):
    name: str
    short_name: str
    environment: str
    description: str
    version: str
    """The newest."""
    deployed_at: datetime | None
    deployed_by: str

    @classmethod
    def of(cls, task: Task) -> TaskOut:
        return cls(
            name=task.name,
            short_name=task.short_name,
            environment=task.environment_name,
            description=task.description,
            version=task.version,
            deployed_at=task.deployed_at,
            deployed_by=task.deployed_by,
        )


class TasksOut(Schema):
    items: list[TaskOut]
    next_token: str
    """Ask again with `token` set to it; empty on the last page."""


class VersionOut(Schema):
    version: str
    deployed_at: datetime | None
    deployed_by: str

    @classmethod
    def of(cls, version: TaskVersion) -> VersionOut:
        return cls(
            version=version.version,
            deployed_at=version.deployed_at,
            deployed_by=version.deployed_by,
        )


class VersionsOut(Schema):
    items: list[VersionOut]
    next_token: str


class InputOut(Schema):
    name: str
    type: str
    required: bool
    description: str
    default: Any = None
    """As `inputs` of a launch takes it; null as well where there is none."""


class TaskDetailsOut(Schema):
    name: str
    version: str
    short_name: str
    environment: str
    description: str
    source: str
    inputs: list[InputOut]
    outputs: list[InputOut]
    image: str
    resources: dict[str, str]
    retries: int
    timeout_s: float | None
    cache: str

    @classmethod
    def of(cls, task: TaskDetails, blueprint: Blueprint) -> TaskDetailsOut:
        outputs = task.interface.outputs.values()
        return cls(
            name=task.name,
            version=task.version,
            short_name=task.short_name,
            environment=task.environment_name,
            description=task.description,
            source=task.source_link,
            inputs=_inputs(blueprint),
            outputs=[
                InputOut(
                    name=each.name, type=each.type_name, required=True, description=each.description
                )
                for each in outputs
            ],
            image=task.image,
            resources=task.resources[0],
            retries=task.retries,
            timeout_s=task.timeout.total_seconds() if task.timeout else None,
            cache=task.cache,
        )


def _inputs(blueprint: Blueprint) -> list[InputOut]:
    pairs = zip(blueprint.parts, blueprint.originals, strict=True)
    return [
        InputOut(
            name=part.name,
            type=part.shape.type_name,
            required=part.required and default is None,
            description=part.description,
            default=json_of(part.shape, default) if default and not default.kept else None,
        )
        for part, default in pairs
    ]


@router.get("/tasks", response={200: TasksOut, **_ERRORS}, operation_id="list_tasks")
async def tasks(
    request: HttpRequest,
    project: Name,
    domain: Name,
    text: str = "",
    environment: str = "",
    deployed_by: str = "",
    limit: Limit = 50,
    token: str = "",
) -> TasksOut:
    """A page of tasks, the newest deployment first; `text` is part of the name."""
    scope = await existing_scope(request, project, domain, action="task.see")
    found = await platform().tasks_page(
        scope,
        token=token,
        limit=limit,
        text=text,
        environment=environment,
        deployed_by=deployed_by,
        sort_by=TasksQuery().sort_by,
    )
    return TasksOut(items=[TaskOut.of(task) for task in found.items], next_token=found.next_token)


@router.get("/tasks/{name}", response={200: TaskDetailsOut, **_ERRORS}, operation_id="get_task")
async def task(
    request: HttpRequest, name: str, project: Name, domain: Name, version: str = ""
) -> TaskDetailsOut:
    """A version of a task, the newest one by default: what it takes, and how it runs."""
    scope = await existing_scope(request, project, domain, action="task.see", thing=name)
    try:
        found = await platform().task(scope, name, version)
    except NotFound:
        raise PageProblem(no_task(scope, name, version)) from None
    return TaskDetailsOut.of(found, of_task(scope, found))


@router.get(
    "/tasks/{name}/versions",
    response={200: VersionsOut, **_ERRORS},
    operation_id="list_task_versions",
)
async def versions(
    request: HttpRequest,
    name: str,
    project: Name,
    domain: Name,
    limit: Limit = 50,
    token: str = "",
) -> VersionsOut:
    """A page of a task's versions, the newest first."""
    scope = await existing_scope(request, project, domain, action="task.see", thing=name)
    found = await platform().versions_page(scope, name, token=token, limit=limit)
    if not found.items and not token:
        raise PageProblem(no_task(scope, name))
    return VersionsOut(
        items=[VersionOut.of(each) for each in found.items], next_token=found.next_token
    )

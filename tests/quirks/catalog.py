"""Projects, tasks and identity as the backend answers for them."""

import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

import grpc
from flyteidl2.auth import auth_service_pb2
from flyteidl2.cluster import payload_pb2
from flyteidl2.common import list_pb2
from flyteidl2.project import project_service_pb2
from flyteidl2.task import task_definition_pb2, task_service_pb2

from tests.quirks.listing import TASKS, VERSIONS, Refused, invalid, page_with_late_end
from tests.quirks.run_calls import not_found
from tests.quirks.world import World

ARCHIVED_STATES = (1, 3)
_PROJECT_COLUMNS = frozenset(
    ("identifier", "name", "description", "labels", "state", "created_at", "updated_at")
)
_CONDITION = re.compile(r"(eq|ne|contains|value_in)\((\w+),(.*)\)")


class Projects:
    """ProjectService: filters are a little language of their own."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def GetProject(self, request: Any) -> Any:
        if request.id not in self._world.projects:
            raise not_found(f'project "{request.id}"')
        project = self._world.projects[request.id]
        return project_service_pb2.GetProjectResponse(project=project)

    async def CreateProject(self, request: Any) -> Any:
        if not request.project.id:
            raise invalid("project id is required")
        if request.project.id in self._world.projects:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS, "project already exists")
        self._world.add_project(request.project.id, description=request.project.description)
        self._world.projects[request.project.id].labels.CopyFrom(request.project.labels)
        return project_service_pb2.CreateProjectResponse()

    async def UpdateProject(self, request: Any) -> Any:
        """Replaces everything but the domains."""
        held = self._world.projects.get(request.project.id)
        if held is None:
            raise not_found(f'project "{request.project.id}"')
        domains = list(held.domains)
        held.CopyFrom(request.project)
        del held.domains[:]
        held.domains.extend(domains)
        return project_service_pb2.UpdateProjectResponse()

    async def ListProjects(self, request: Any) -> Any:
        """No limit means all; without a filter the archived are hidden; the order is no order."""
        if request.token and not request.token.isdecimal():
            raise invalid("invalid token")
        tests = [_project_test(part) for part in request.filters.split("+") if part]
        projects = [p for p in self._world.projects.values() if all(t(p) for t in tests)]
        if not tests:
            projects = [p for p in projects if p.state not in ARCHIVED_STATES]
        _sort_projects(projects, request.sort_by)
        offset, limit = int(request.token or 0), request.limit or len(projects) or 1
        chosen = projects[offset : offset + limit]
        full = request.limit and len(chosen) == limit
        answer = project_service_pb2.Projects(
            projects=chosen, token=str(offset + limit) if full else ""
        )
        return project_service_pb2.ListProjectsResponse(projects=answer)


def _sort_projects(projects: list[Any], sort: Any) -> None:
    if not sort.key:
        return
    if sort.key not in _PROJECT_COLUMNS:
        raise invalid("invalid sort field")
    descending = sort.direction == list_pb2.Sort.DESCENDING
    projects.sort(key=lambda project: _project_cell(project, sort.key), reverse=descending)


def _project_test(part: str) -> Callable[[Any], bool]:
    match = _CONDITION.fullmatch(part)
    if match is None or match.group(2) not in _PROJECT_COLUMNS:
        raise invalid(f"invalid filter {part!r}")
    function, column, value = (group.strip() for group in match.groups())
    tests: dict[str, Callable[[str], bool]] = {
        "eq": lambda cell: cell == value,
        "ne": lambda cell: cell != value,
        "contains": lambda cell: value in cell,
        "value_in": lambda cell: cell in value.split(";"),
    }
    return lambda project: tests[function](_project_cell(project, column))


def _project_cell(project: Any, column: str) -> str:
    renamed = {"identifier": project.id, "state": str(project.state)}
    return str(renamed.get(column, getattr(project, column, "")))


class Tasks:
    """TaskService: one row per name in lists, versions asked for apart."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def GetTaskDetails(self, request: Any) -> Any:
        """The version is required: there is no "latest" here."""
        task = request.task_id
        details = self._world.tasks.get((task.project, task.domain, task.name, task.version))
        if details is None:
            raise not_found(f"task [{task.name}]")
        details.task_id.CopyFrom(task)
        return task_service_pb2.GetTaskDetailsResponse(details=details)

    async def ListTasks(self, request: Any) -> Any:
        """The newest version of each name, among those that pass the filters."""
        scope = request.WhichOneof("scope_by")
        if scope is None:
            raise invalid("scope_by is required")
        keys = [k for k in self._world.tasks if scope == "org" or _task_in(k, request.project_id)]
        newest = {(p, d, name): (p, d, name, version) for p, d, name, version in keys}
        chosen, token = page_with_late_end(request.request, newest.values(), TASKS, self._cell)
        answer = task_service_pb2.ListTasksResponse(
            tasks=[self._task(key) for key in chosen], token=token
        )
        answer.metadata.total = answer.metadata.filtered_total = len(newest) if chosen else 0
        return answer

    async def ListVersions(self, request: Any) -> Any:
        task = request.task_name
        name = (task.project, task.domain, task.name)
        keys = [key for key in self._world.tasks if key[:3] == name]
        chosen, token = page_with_late_end(request.request, keys, VERSIONS, self._cell)
        versions = [
            task_service_pb2.ListVersionsResponse.VersionResponse(
                version=key[3], deployed_at=self._world.tasks[key].metadata.deployed_at
            )
            for key in chosen
        ]
        return task_service_pb2.ListVersionsResponse(versions=versions, token=token)

    def _cell(self, key: tuple[str, ...], column: str) -> Any:
        cells = dict(zip(("project", "domain", "name", "version"), key, strict=True))
        if column in ("created_at", "updated_at"):
            return self._world.tasks[key].metadata.deployed_at.ToDatetime(tzinfo=UTC)
        return cells.get(column, "")

    def _task(self, key: tuple[str, ...]) -> Any:
        project, domain, name, version = key
        identifier = task_definition_pb2.TaskIdentifier(
            project=project, domain=domain, name=name, version=version
        )
        metadata = self._world.tasks[key].metadata
        return task_definition_pb2.Task(task_id=identifier, metadata=metadata)


def _task_in(key: tuple[str, ...], project: Any) -> bool:
    return key[:2] == (project.name, project.domain)


class Identity:
    """Without identity headers there is nobody to tell of."""

    async def UserInfo(self, request: Any) -> Any:
        raise Refused(grpc.StatusCode.UNAUTHENTICATED, "no identity in the request")


class AuthMetadata:
    """No authorization server is configured: only half of the service answers."""

    async def GetPublicClientConfig(self, request: Any) -> Any:
        return auth_service_pb2.GetPublicClientConfigResponse(
            client_id="flytectl", authorization_metadata_key="authorization"
        )


class Clusters:
    """One cluster: the one that was asked."""

    async def SelectCluster(self, request: Any) -> Any:
        return payload_pb2.SelectClusterResponse()

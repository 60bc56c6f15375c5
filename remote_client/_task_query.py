"""Which tasks and versions a listing asks for, and how one page of them is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flyteidl2.common import list_pb2
from flyteidl2.task import task_definition_pb2, task_service_pb2

from remote_client._client.calls import call
from remote_client._filters import NEWEST_FIRST, SortBy, equal, list_request
from remote_client._identity import identity_name
from remote_client._listing import Page
from remote_client._scope import Scope
from remote_client._times import instant
from remote_client.errors import RemoteTaskNotFoundError

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet


@dataclass(frozen=True, slots=True)
class TaskVersion:
    """A version of a task."""

    version: str
    deployed_at: datetime | None
    deployed_by: str


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Conditions and order over the tasks of one project and domain."""

    client: ClientSet
    scope: Scope
    name: str | None
    environment: str | None
    sort_by: SortBy
    name_contains: str = ""
    deployed_by: str = ""

    async def page(self, size: int, token: str) -> Page[Any]:
        """One page of Task messages."""
        filters = equal("name", self.name)
        if self.name_contains:
            filters.append(
                list_pb2.Filter(
                    function=list_pb2.Filter.CONTAINS_CASE_INSENSITIVE,
                    field="name",
                    values=[self.name_contains],
                )
            )
        prefix = f"{self.environment}." if self.environment is not None else ""
        if prefix:
            # The platform has no "starts with": it narrows down, and the rest is done here.
            contains = list_pb2.Filter.CONTAINS
            filters.append(list_pb2.Filter(function=contains, field="name", values=[prefix]))
        request = task_service_pb2.ListTasksRequest(
            project_id=self.scope.project_id(),
            request=list_request(limit=size, token=token, sort_by=self.sort_by, filters=filters),
        )
        if self.deployed_by:
            request.known_filters.add(deployed_by=self.deployed_by)
        asked = f"list the tasks of {self.scope.label}"
        answer = await call(self.client, "task_service", "ListTasks", request, asked=asked)
        found = [task for task in answer.tasks if task.task_id.name.startswith(prefix)]
        return Page(found, answer.token)


async def latest_version(client: ClientSet, scope: Scope, name: str) -> str:
    """The newest version of a task. Raises RemoteTaskNotFoundError when it has none."""
    page = await TaskQuery(client, scope, name, None, NEWEST_FIRST).page(1, "")
    if not page.items:
        raise RemoteTaskNotFoundError(
            f"Could not read task {name!r} in {scope.label}: it has no versions."
        )
    return str(page.items[0].task_id.version)


async def read_versions(
    client: ClientSet, scope: Scope, name: str, size: int, token: str
) -> Page[TaskVersion]:
    """One page of the versions of a task, the newest first."""
    request = task_service_pb2.ListVersionsRequest(
        task_name=task_definition_pb2.TaskName(
            org=scope.org, project=scope.project, domain=scope.domain, name=name
        ),
        request=list_request(limit=size, token=token, sort_by=NEWEST_FIRST),
    )
    asked = f"list the versions of task {name!r} in {scope.label}"
    answer = await call(client, "task_service", "ListVersions", request, asked=asked)
    return Page([_version(one) for one in answer.versions], answer.token)


def _version(pb: Any) -> TaskVersion:
    return TaskVersion(
        version=str(pb.version),
        deployed_at=instant(pb.deployed_at),
        deployed_by=identity_name(pb.deployed_by),
    )

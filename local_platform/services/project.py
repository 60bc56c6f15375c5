"""ProjectService."""

from __future__ import annotations

import json

from flyteidl2.common.list_pb2 import Sort
from flyteidl2.project import project_service_connect as connect
from flyteidl2.project import project_service_pb2 as pb

from local_platform import clock
from local_platform.context import Call, Platform
from local_platform.errors import already_exists, invalid, missing
from local_platform.names import DOMAINS, check_project_id
from local_platform.services.project_filters import matcher
from local_platform.store import ProjectRecord

_ARCHIVED = (pb.PROJECT_STATE_ARCHIVED, pb.PROJECT_STATE_SYSTEM_ARCHIVED)
_SORT_FIELDS = {
    "identifier": "id",
    "id": "id",
    "name": "name",
    "description": "description",
    "state": "state",
    "created_at": "created_at",
    "updated_at": "updated_at",
}


class ProjectService(connect.ProjectService):  # type: ignore[misc]
    def __init__(self, platform: Platform) -> None:
        self._projects = platform.store.projects

    async def create_project(
        self, request: pb.CreateProjectRequest, ctx: Call
    ) -> pb.CreateProjectResponse:
        project = request.project
        check_project_id(project.id)
        if not self._projects.create(_record(project, created_at=clock.now())):
            raise already_exists(f'project "{project.id}" already exists')
        return pb.CreateProjectResponse()

    async def update_project(
        self, request: pb.UpdateProjectRequest, ctx: Call
    ) -> pb.UpdateProjectResponse:
        check_project_id(request.project.id)
        if not self._projects.update(_record(request.project, created_at=0)):
            raise missing("project", request.project.id)
        return pb.UpdateProjectResponse()

    async def get_project(self, request: pb.GetProjectRequest, ctx: Call) -> pb.GetProjectResponse:
        if not request.id:
            raise invalid("the project id is empty")
        record = self._projects.get(request.id)
        if record is None:
            raise missing("project", request.id)
        return pb.GetProjectResponse(project=_message(record))

    async def list_projects(
        self, request: pb.ListProjectsRequest, ctx: Call
    ) -> pb.ListProjectsResponse:
        """All that pass; without a filter the archived ones are left out. Limit 0: no limit."""
        matches = matcher(request.filters)
        records = [
            record
            for record in self._projects.all()
            if (matches(record) if matches else record.state not in _ARCHIVED)
        ]
        records = _sorted(records, request.sort_by)
        start = _offset(request.token)
        end = start + request.limit if request.limit else len(records)
        page = pb.Projects(
            projects=[_message(record) for record in records[start:end]],
            token=str(end) if end < len(records) else "",
        )
        return pb.ListProjectsResponse(projects=page)


def _offset(token: str) -> int:
    if token and not token.isdigit():
        raise invalid(f'invalid token "{token}"')
    return int(token or 0)


def _sorted(records: list[ProjectRecord], sort: Sort) -> list[ProjectRecord]:
    if not sort.key:
        return records
    field = _SORT_FIELDS.get(sort.key)
    if field is None:
        raise invalid(f'invalid sort field "{sort.key}"; known fields: {", ".join(_SORT_FIELDS)}')
    descending = sort.direction == Sort.DESCENDING
    return sorted(records, key=lambda record: getattr(record, field), reverse=descending)


def _record(project: pb.Project, created_at: int) -> ProjectRecord:
    return ProjectRecord(
        id=project.id,
        name=project.name or project.id,
        description=project.description,
        labels=json.dumps(dict(project.labels.values), sort_keys=True),
        state=project.state,
        created_at=created_at,
        updated_at=clock.now(),
    )


def _message(record: ProjectRecord) -> pb.Project:
    project = pb.Project(
        id=record.id,
        name=record.name,
        description=record.description,
        state=record.state,
        domains=[pb.Domain(id=domain, name=domain) for domain in DOMAINS],
    )
    project.labels.values.update(json.loads(record.labels))
    return project

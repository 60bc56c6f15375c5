"""The API's operations on single projects."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from dashboard.access.guard import require
from dashboard.api.errors import error_json
from dashboard.api.schemas import ErrorOut, ProjectOut
from dashboard.projects import changing
from remote_client.errors import AlreadyExists

router = Router()

_ERRORS = dict.fromkeys((401, 403, 404, 409, 422, 502, 503), ErrorOut)


class ProjectIn(Schema):
    name: str = ""
    """The id, when it is left out."""
    description: str = ""
    labels: dict[str, str] | None = None


class ProjectChangeIn(Schema):
    """What is left out stays."""

    name: str | None = None
    description: str | None = None
    labels: dict[str, str] | None = None
    is_archived: bool | None = None


@router.get(
    "/projects/{project}", response={200: ProjectOut, **_ERRORS}, operation_id="get_project"
)
async def project(request: HttpRequest, project: str) -> Any:
    """One project, archived or not."""
    await require(request, "project.see", project)
    return ProjectOut.of(await changing.found_project(project))


@router.post(
    "/projects/{project}", response={201: ProjectOut, **_ERRORS}, operation_id="create_project"
)
async def create(request: HttpRequest, project: str, body: ProjectIn) -> Any:
    """Create a project with this id; 409 when it is taken."""
    await require(request, "project.create", thing=project)
    name = body.name or project
    try:
        labels = changing.checked(
            project, name, body.description, _lines(body.labels or {}), is_new=True
        )
        made = await changing.create(request, project, name, body.description, labels)
    except changing.BadProject as bad:
        return error_json(request, 422, str(bad))
    except AlreadyExists:
        return error_json(request, 409, f"There is a project {project!r} already.")
    return 201, ProjectOut.of(made)


@router.patch(
    "/projects/{project}", response={200: ProjectOut, **_ERRORS}, operation_id="change_project"
)
async def change(request: HttpRequest, project: str, body: ProjectChangeIn) -> Any:
    """Change a project, archive it or bring it back."""
    await require(request, "project.change", project)
    found = await changing.found_project(project)
    name = found.name if body.name is None else body.name
    text = found.description if body.description is None else body.description
    wanted = found.labels if body.labels is None else body.labels
    if (body.name, body.description, body.labels) != (None, None, None):
        try:
            labels = changing.checked(project, name, text, _lines(wanted), is_new=False)
        except changing.BadProject as bad:
            return error_json(request, 422, str(bad))
        found = await changing.change(request, project, name, text, labels)
    if body.is_archived is not None:
        found = await changing.archive(request, project, archived=body.is_archived)
    return ProjectOut.of(found)


def _lines(labels: dict[str, str]) -> str:
    return "\n".join(f"{name}={value}" for name, value in labels.items())

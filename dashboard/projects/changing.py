"""Creates and changes projects for the pages and for the API, and writes it down."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.http import HttpRequest

from dashboard.access import audit
from dashboard.access.guard import no_project
from dashboard.errors import PageProblem
from dashboard.upstream import platform
from remote_client import Project
from remote_client.errors import NotFound, RemoteError

MOST_DESCRIPTION = 300
MOST_NAME = 64
_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class BadProject(ValueError):
    """What was typed can't be a project; `errors` has a sentence by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


async def found_project(project: str) -> Project:
    """As it is now. Raises PageProblem for one that isn't there."""
    try:
        return await platform().project_as_it_is(project)
    except NotFound:
        raise PageProblem(no_project(project)) from None


def slug(name: str) -> str:
    """An id out of a name: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].strip("-")


def checked(
    project_id: str, name: str, description: str, labels: str, *, is_new: bool
) -> dict[str, str]:
    """The labels. Raises BadProject."""
    errors: dict[str, str] = {}
    if is_new and not _ID.fullmatch(project_id):
        errors["id"] = "An id has 1 to 63 small letters, digits and hyphens, no hyphen at the ends."
    if not name or len(name) > MOST_NAME:
        errors["name"] = f"A name has 1 to {MOST_NAME} characters."
    if len(description) > MOST_DESCRIPTION:
        errors["description"] = f"At most {MOST_DESCRIPTION} characters."
    pairs: dict[str, str] = {}
    for line in labels.splitlines():
        key, sign, value = line.strip().partition("=")
        if line.strip() and not (sign and key.strip()):
            errors["labels"] = f"Each line is name=value; {line.strip()[:40]!r} is not."
        elif key.strip():
            pairs[key.strip()] = value.strip()
    if errors:
        raise BadProject(errors)
    return pairs


async def create(
    request: HttpRequest, project_id: str, name: str, description: str, labels: Mapping[str, str]
) -> Project:
    """Raises AlreadyExists, InvalidArgument and the platform's other errors."""
    try:
        made = await platform().create_project(project_id, name, description, labels)
    except RemoteError as error:
        await _failed(request, "project.create", project_id, error)
        raise
    await audit.record(request, "project.create", project_id)
    return made


async def change(
    request: HttpRequest, project_id: str, name: str, description: str, labels: Mapping[str, str]
) -> Project:
    try:
        changed = await platform().update_project(
            project_id, name=name, description=description, labels=labels
        )
    except RemoteError as error:
        await _failed(request, "project.change", project_id, error)
        raise
    await audit.record(request, "project.change", project_id, detail="name, description, labels")
    return changed


async def archive(request: HttpRequest, project_id: str, *, archived: bool) -> Project:
    """Archive it, or bring it back."""
    try:
        changed = await platform().update_project(
            project_id, state="archived" if archived else "active"
        )
    except RemoteError as error:
        await _failed(request, "project.change", project_id, error)
        raise
    word = "archived" if archived else "restored"
    await audit.record(request, "project.change", project_id, detail=word)
    return changed


async def _failed(request: HttpRequest, action: str, project: str, error: RemoteError) -> None:
    await audit.record(request, action, project, result=audit.FAILED, detail=error.message)

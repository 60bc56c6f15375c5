"""The API's operations on flyte apps."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from dashboard.api.errors import error_json
from dashboard.api.schemas import ErrorOut
from dashboard.flyte_apps import changing
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client import App
from remote_client.errors import Unimplemented

router = Router()

Name = Annotated[str, Query(min_length=1, max_length=255)]
_ERRORS = dict.fromkeys((401, 403, 404, 422, 501, 502, 503), ErrorOut)


class AppOut(Schema):
    name: str
    status: str
    message: str
    desired_state: str
    replicas: int
    endpoint: str
    type: str
    updated_at: datetime | None

    @classmethod
    def of(cls, app: App) -> AppOut:
        return cls(
            name=app.name,
            status=app.status,
            message=app.status_message,
            desired_state=app.desired_state,
            replicas=app.replicas,
            endpoint=app.endpoint,
            type=app.type,
            updated_at=app.updated_at,
        )


class AppsOut(Schema):
    items: list[AppOut]


class AppSwitchIn(Schema):
    is_active: bool


@router.get("/apps", response={200: AppsOut, **_ERRORS}, operation_id="list_apps")
async def apps(request: HttpRequest, project: Name, domain: Name) -> Any:
    """The apps of a project and domain; 501 where the platform serves none."""
    scope = await existing_scope(request, project, domain, action="app.see")
    try:
        return AppsOut(items=[AppOut.of(app) for app in await platform().apps(scope)])
    except Unimplemented:
        return error_json(request, 501, "This platform serves no apps.")


@router.get("/apps/{name}", response={200: AppOut, **_ERRORS}, operation_id="get_app")
async def app(request: HttpRequest, name: str, project: Name, domain: Name) -> Any:
    """One app."""
    thing = f"{project}/{domain}/{name}"
    scope = await existing_scope(request, project, domain, action="app.see", thing=thing)
    return AppOut.of(await changing.found_app(scope, name))


@router.post("/apps/{name}/switch", response={200: AppOut, **_ERRORS}, operation_id="switch_app")
async def switch(
    request: HttpRequest, name: str, project: Name, domain: Name, body: AppSwitchIn
) -> Any:
    """Start or stop an app; answers it as it is then."""
    thing = f"{project}/{domain}/{name}"
    scope = await existing_scope(request, project, domain, action="app.switch", thing=thing)
    found = await changing.found_app(scope, name)
    await changing.switch(request, scope, found, active=body.is_active)
    return AppOut.of(found)


@router.delete("/apps/{name}", response={204: None, **_ERRORS}, operation_id="delete_app")
async def delete(request: HttpRequest, name: str, project: Name, domain: Name) -> Any:
    """Delete an app."""
    thing = f"{project}/{domain}/{name}"
    scope = await existing_scope(request, project, domain, action="app.delete", thing=thing)
    await changing.delete(request, scope, await changing.found_app(scope, name))
    return 204, None

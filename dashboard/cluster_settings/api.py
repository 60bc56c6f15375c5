"""The API's operations on settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from dashboard.api.errors import error_json
from dashboard.api.schemas import ErrorOut
from dashboard.cluster_settings import changing
from dashboard.cluster_settings.values import where
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client import SettingsLevels
from remote_client.errors import Unimplemented

router = Router()

Name = Annotated[str, Query(min_length=1, max_length=255)]
Level = Literal["org", "domain", "project"]
_ERRORS = dict.fromkeys((401, 403, 404, 409, 422, 501, 502, 503), ErrorOut)


class SettingOut(Schema):
    name: str
    kind: str
    value: Any
    """Null where nothing is set."""
    level: str
    """The level that it comes from; empty where none says anything."""


class SettingsOut(Schema):
    version: int
    """Of the level that was asked for; 0 while it says nothing."""
    values: dict[str, Any]
    """What that level itself says; null for explicitly nothing."""
    effective: list[SettingOut]

    @classmethod
    def of(cls, levels: SettingsLevels) -> SettingsOut:
        own = levels.levels[-1]
        return cls(
            version=own.version,
            values=dict(own.values),
            effective=[
                SettingOut(name=each.name, kind=each.kind, value=each.value, level=each.level)
                for each in levels.effective
            ],
        )


class SettingsIn(Schema):
    version: int
    """The version that this replaces; 0 for none."""
    values: dict[str, Any]
    """All that the level is to say; what is left out inherits, null is explicitly nothing."""


@router.get("/settings", response={200: SettingsOut, **_ERRORS}, operation_id="get_settings")
async def settings(
    request: HttpRequest, project: Name, domain: Name, level: Level = "project"
) -> Any:
    """The platform's settings at a level; 501 where it keeps none."""
    scope = await existing_scope(request, project, domain, action="settings.see")
    try:
        return SettingsOut.of(await platform().settings_levels(where(scope, level)))
    except Unimplemented:
        return error_json(request, 501, "This platform keeps no settings.")


@router.put("/settings", response={200: SettingsOut, **_ERRORS}, operation_id="put_settings")
async def save(
    request: HttpRequest, project: Name, domain: Name, body: SettingsIn, level: Level = "project"
) -> Any:
    """Replace what a level says; 409 when it has another version by now."""
    scope = await existing_scope(request, project, domain, action="settings.change")
    await changing.require_level(request, scope, level)
    try:
        levels = await platform().settings_levels(where(scope, level))
        await changing.save(request, scope, level, levels, body.values, body.version)
        return SettingsOut.of(await platform().settings_levels(where(scope, level)))
    except Unimplemented:
        return error_json(request, 501, "This platform keeps no settings.")
    except changing.Conflict:
        return error_json(request, 409, "The level has another version by now; read it again.")
    except ValueError as error:
        return error_json(request, 422, str(error))

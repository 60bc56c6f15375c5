"""Saves settings for the pages and for the API, and writes it down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from dashboard.access import audit
from dashboard.access.guard import no_project, require
from dashboard.access.rights import Rights
from dashboard.cluster_settings.pages import LEVELS
from dashboard.errors import PageProblem
from dashboard.pages import Scope
from dashboard.upstream import platform
from remote_client import SettingLevel, SettingsLevels
from remote_client.errors import AlreadyExists, FailedPrecondition, RemoteError


class Conflict(Exception):
    """Somebody saved this level meanwhile."""


def may_change(rights: Rights, scope: Scope, level: str) -> bool:
    """Wider levels are everybody's: to change them takes the role everywhere."""
    return rights.may("settings.change", scope.project if level == "project" else "")


async def require_level(request: HttpRequest, scope: Scope, level: str) -> None:
    if level not in LEVELS:
        raise PageProblem(no_project(level))
    await require(request, "settings.change", scope.project, thing(scope, level))
    if level != "project":
        await require(request, "settings.change", "", thing(scope, level))


def thing(scope: Scope, level: str) -> str:
    return {
        "org": "org",
        "domain": scope.domain,
        "project": f"{scope.project}/{scope.domain}",
    }[level]


async def save(
    request: HttpRequest,
    scope: Scope,
    level: str,
    levels: SettingsLevels,
    values: Mapping[str, Any],
    version: int,
) -> SettingLevel:
    """Replace what the level says, as it was at that version. Raises Conflict and ValueError."""
    if levels.levels[-1].version != version:
        raise Conflict
    try:
        saved = await platform().save_settings(levels, values)
    except (FailedPrecondition, AlreadyExists):
        raise Conflict from None
    except RemoteError as error:
        await audit.record(
            request,
            "settings.change",
            thing(scope, level),
            result=audit.FAILED,
            detail=error.message,
        )
        raise
    names = ", ".join(sorted(values)) or "nothing"
    detail = f"version {saved.version}: {names}"
    await audit.record(request, "settings.change", thing(scope, level), detail=detail)
    return saved

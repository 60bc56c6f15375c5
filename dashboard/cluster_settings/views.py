"""The settings that hold in a project, where each comes from, and this dashboard's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.access.rights import of_request
from dashboard.cluster_settings import changing
from dashboard.cluster_settings.own import own_settings
from dashboard.cluster_settings.pages import (
    LEVELS,
    LevelChoice,
    SettingField,
    SettingGroup,
    SettingRow,
    SettingsFormPage,
    SettingsPage,
)
from dashboard.cluster_settings.values import text, title, value, where, words
from dashboard.pages import Scope
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client import Setting, SettingsLevels
from remote_client.errors import InvalidArgument, PermissionDenied, Unimplemented

NO_SETTINGS = (
    "This platform keeps no settings: every run and app starts with what its own program and the"
    " platform's configuration say."
)


@require_safe
async def settings(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="settings.see")
    level = request.GET.get("level", "") if request.GET.get("level") in LEVELS else "project"
    page = SettingsPage(scope, (), (), await own_settings(request, scope))
    try:
        levels = await platform().settings_levels(where(scope, level))
        all_levels = await platform().settings_levels(scope) if level != "project" else levels
    except Unimplemented:
        page = replace(page, problem=NO_SETTINGS)
    except PermissionDenied as error:
        page = replace(page, problem=f"The platform does not show its settings: {error.message}")
    else:
        page = _filled(request, page, level, levels, all_levels)
    return render(request, "settings/page.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
async def edit(request: HttpRequest, domain: str, project: str, level: str) -> HttpResponse:
    """All that one level says; what it does not say is inherited from the wider ones."""
    scope = await existing_scope(request, project, domain, action="settings.change")
    await changing.require_level(request, scope, level)
    levels = await platform().settings_levels(where(scope, level))
    page = _form(scope, level, levels)
    if request.method != "POST":
        return render(request, "settings/form.html", {"page": page})
    page = replace(page, fields=tuple(_typed(request, each) for each in page.fields))
    return await _save(request, scope, page, levels)


async def _save(
    request: HttpRequest, scope: Scope, page: SettingsFormPage, levels: SettingsLevels
) -> HttpResponse:
    values, fields = _values(page)
    page = replace(page, fields=fields)
    errors = {each.name: each.error for each in fields if each.error}
    if errors:
        return _show(request, replace(page, errors=errors), 422)
    given = request.POST.get("version", "")
    version = int(given) if given.isdecimal() else 0
    try:
        saved = await changing.save(request, scope, page.level, levels, values, version)
    except changing.Conflict:
        fresh = await platform().settings_levels(where(scope, page.level))
        number = fresh.levels[-1].version
        says = (
            f"Somebody saved version {number} of these settings meanwhile. Nothing was saved."
            " Saving now replaces that version with what is below."
        )
        return _show(request, replace(page, conflict=says, version=number), 409)
    except (ValueError, InvalidArgument) as error:
        return _show(request, replace(page, errors={"": str(error)}), 422)
    messages.success(request, f"Settings for {page.words} are saved (version {saved.version}).")
    return redirect(_address(scope, page.level))


def _show(request: HttpRequest, page: SettingsFormPage, status: int) -> HttpResponse:
    return render(request, "settings/form.html", {"page": page}, status=status)


# --- the page ---------------------------------------------------------------------------------


def _filled(
    request: HttpRequest,
    page: SettingsPage,
    level: str,
    levels: SettingsLevels,
    all_levels: SettingsLevels,
) -> SettingsPage:
    scope, rights = page.scope, of_request(request)
    groups: dict[str, list[SettingRow]] = {}
    for setting in levels.effective:
        groups.setdefault(title(setting.name), []).append(_row(scope, level, setting))
    choices = tuple(
        LevelChoice(
            key=each.name,
            words=words(scope, each.name),
            url=_address(scope, each.name),
            is_chosen=each.name == level,
            says=len(each.values),
            may_change=changing.may_change(rights, scope, each.name),
        )
        for each in all_levels.levels
    )
    may = changing.may_change(rights, scope, level)
    return replace(
        page,
        levels=choices,
        groups=tuple(SettingGroup(name, tuple(rows)) for name, rows in groups.items()),
        edit_url=_address(scope, level, "settings-edit") if may else "",
    )


def _row(scope: Scope, level: str, setting: Setting) -> SettingRow:
    return SettingRow(
        name=setting.name,
        kind=setting.kind,
        text=text(setting.value),
        level=words(scope, setting.level),
        is_own=setting.level == level,
        is_none=bool(setting.level) and setting.value is None,
    )


def _address(scope: Scope, level: str, page: str = "settings") -> str:
    kwargs = {"domain": scope.domain, "project": scope.project}
    if page == "settings":
        query = f"?level={level}" if level != "project" else ""
        return reverse(page, kwargs=kwargs) + query
    return reverse(page, kwargs={**kwargs, "level": level})


# --- the form ---------------------------------------------------------------------------------


def _form(scope: Scope, level: str, levels: SettingsLevels) -> SettingsFormPage:
    own = levels.levels[-1]
    return SettingsFormPage(
        scope=scope,
        level=level,
        words=words(scope, level),
        version=own.version,
        fields=tuple(
            _field(scope, setting, own.values, levels)
            for setting in levels.effective
            if setting.kind != "other"
        ),
        cancel_url=_address(scope, level),
    )


def _field(scope: Scope, setting: Setting, own: Any, levels: SettingsLevels) -> SettingField:
    state = "inherit"
    if setting.name in own:
        state = "none" if own[setting.name] is None else "value"
    wider = [each for each in levels.levels[:-1] if setting.name in each.values]
    inherited = "(set nowhere)"
    if wider:
        said = text(wider[-1].values[setting.name]) or "nothing"
        inherited = f"{' '.join(said.split())} (from {words(scope, wider[-1].name)})"
    shown = text(own[setting.name]) if state == "value" else ""
    return SettingField(setting.name, setting.kind, state, shown, inherited)


def _typed(request: HttpRequest, each: SettingField) -> SettingField:
    state = request.POST.get(f"state:{each.name}", "inherit")
    typed = request.POST.get(f"value:{each.name}", "").replace("\r\n", "\n")[:4000]
    return replace(
        each, state=state if state in ("inherit", "none", "value") else "inherit", text=typed
    )


def _values(page: SettingsFormPage) -> tuple[dict[str, Any], tuple[SettingField, ...]]:
    """What the level is to say, and the fields with what is wrong in them."""
    values: dict[str, Any] = {}
    fields = []
    for each in page.fields:
        error = ""
        if each.state == "none":
            values[each.name] = None
        elif each.state == "value":
            try:
                values[each.name] = value(each.name, each.kind, each.text)
            except ValueError as wrong:
                error = str(wrong)
        fields.append(replace(each, error=error))
    return values, tuple(fields)

"""The list of a project's apps, one app, and what can be done with it."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.flyte_apps import changing
from dashboard.flyte_apps.pages import AppPage, AppsPage
from dashboard.flyte_apps.rows import app_row, app_url, condition_row, web_address
from dashboard.live import registry
from dashboard.live.protocol import AppsArgs
from dashboard.pages import Scope
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client import App
from remote_client.errors import Unimplemented

TABS = ("events", "spec", "json")


@require_safe
async def apps(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="app.see")
    search = request.GET.get("q", "").strip()[:255]
    status = request.GET.get("status", "").strip()[:40]
    async with registry.visited(AppsArgs(project, domain)) as topic:
        try:
            rows = await topic.refresh()
        except Unimplemented:
            page = AppsPage(scope, (), 0, (), "", "", "", platform().endpoint, is_served=False)
            return render(request, "flyte_apps/list.html", {"page": page})
        cursor = topic.cursor
    shown = tuple(
        row
        for row in rows
        if search.lower() in f"{row.name} {row.kind} {row.endpoint}".lower()
        and status in ("", row.status.key)
    )
    names = {row.name for row in shown}
    page = AppsPage(
        scope=scope,
        apps=shown,
        total=len(rows),
        hidden=tuple(row.name for row in rows if row.name not in names),
        search=search,
        status=status,
        cursor=cursor,
        endpoint=platform().endpoint,
    )
    return render(request, "flyte_apps/list.html", {"page": page})


@require_safe
async def app(request: HttpRequest, domain: str, project: str, name: str) -> HttpResponse:
    thing = f"{project}/{domain}/{name}"
    scope = await existing_scope(request, project, domain, action="app.see", thing=thing)
    found = await changing.found_app(scope, name)
    page = _page(scope, found, request.GET.get("tab", ""))
    return render(request, "flyte_apps/detail.html", {"page": page})


@require_POST
async def switch(request: HttpRequest, domain: str, project: str, name: str) -> HttpResponse:
    """Field `active`, 1 or 0."""
    thing = f"{project}/{domain}/{name}"
    scope = await existing_scope(request, project, domain, action="app.switch", thing=thing)
    active = request.POST.get("active") == "1"
    await changing.switch(request, scope, await changing.found_app(scope, name), active=active)
    messages.success(request, f"App {name} is being {'started' if active else 'stopped'}.")
    return redirect(app_url(scope, name))


@require_http_methods(["GET", "HEAD", "POST"])
async def delete(request: HttpRequest, domain: str, project: str, name: str) -> HttpResponse:
    """Says what it will do, and does it when asked to."""
    thing = f"{project}/{domain}/{name}"
    scope = await existing_scope(request, project, domain, action="app.delete", thing=thing)
    found = await changing.found_app(scope, name)
    if request.method != "POST":
        return render(request, "flyte_apps/delete.html", {"page": _page(scope, found, "")})
    await changing.delete(request, scope, found)
    messages.success(request, f"App {name} is deleted.")
    return redirect(f"{scope.base_url}/apps")


def _page(scope: Scope, app: App, tab: str) -> AppPage:
    return AppPage(
        scope=scope,
        app=app_row(scope, app),
        description=app.description,
        facts=_facts(app),
        links=tuple((title, at) for title, at in app.links if web_address(at)),
        conditions=tuple(condition_row(each) for each in app.conditions),
        command=" ".join(app.command),
        json=json.dumps(app.to_dict(), indent=2, ensure_ascii=False),
        tab=tab if tab in TABS else "events",
    )


def _facts(app: App) -> tuple[tuple[str, str], ...]:
    least, most = app.replica_bounds
    facts = (
        ("Type", app.type),
        ("Image", app.image),
        ("Scales between", f"{least} and {most} replicas" if most else ""),
        ("Answers", "anybody" if app.allows_anonymous else "people who are signed in"),
        ("Deployed by", app.creator),
        ("Revision", str(app.revision)),
    )
    return tuple((label, value) for label, value in facts if value)

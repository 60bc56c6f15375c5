"""The list of projects, where everything begins."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dashboard.access.rights import of_request
from dashboard.pages import ProjectsPage
from dashboard.rows import project_row
from dashboard.upstream import platform


@require_safe
async def home(request: HttpRequest) -> HttpResponse:
    return redirect("projects")


@require_safe
async def projects(request: HttpRequest) -> HttpResponse:
    rights = of_request(request)
    if not rights.highest:
        return render(request, "people/no_role.html")
    found = [p for p in await platform().projects() if rights.may("project.see", p.id)]
    if not found and not rights.everywhere:
        return render(request, "people/no_role.html")
    page = ProjectsPage(
        projects=tuple(project_row(project) for project in found),
        endpoint=platform().endpoint,
    )
    return render(request, "projects/list.html", {"page": page})

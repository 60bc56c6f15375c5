"""The list of projects."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.access.rights import of_request
from dashboard.projects.pages import ProjectsPage
from dashboard.projects.rows import counts_of, project_row
from dashboard.upstream import platform
from remote_client import Project


@require_safe
async def projects(request: HttpRequest) -> HttpResponse:
    """Those that the reader may see; `?q=` searches, `?archived=1` shows the archived ones."""
    rights = of_request(request)
    if not rights.highest:
        return render(request, "people/no_role.html")
    shows_archived = request.GET.get("archived") == "1"
    asked = platform().archived_projects() if shows_archived else platform().projects()
    found = [p for p in await asked if rights.may("project.see", p.id)]
    if not found and not rights.everywhere and not shows_archived:
        return render(request, "people/no_role.html")
    search = request.GET.get("q", "").strip()[:200]
    shown = [project for project in found if _matches(project, search)]
    counts, note = await counts_of(shown)
    page = ProjectsPage(
        projects=tuple(project_row(project, counts.get(project.id)) for project in shown),
        endpoint=platform().endpoint,
        search=search,
        shows_archived=shows_archived,
        total=len(found),
        may_create=rights.may("project.create"),
        note=note,
    )
    return render(request, "projects/list.html", {"page": page})


def _matches(project: Project, search: str) -> bool:
    labels = " ".join(f"{name}={value}" for name, value in project.labels.items())
    words = f"{project.id} {project.name} {project.description} {labels}".lower()
    return all(word in words for word in search.lower().split())

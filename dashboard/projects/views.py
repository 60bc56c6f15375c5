"""One project, and the forms that create, change, archive and restore one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access.guard import require
from dashboard.access.rights import of_request
from dashboard.models import Grant, Person
from dashboard.pages import Scope
from dashboard.projects import changing
from dashboard.projects.changing import BadProject
from dashboard.projects.pages import (
    DomainLinks,
    DomainRuns,
    Holder,
    ProjectFormPage,
    ProjectPage,
)
from dashboard.projects.rows import counts_of, project_row
from dashboard.triggers.rows import last_run
from dashboard.upstream import platform
from remote_client import Project
from remote_client.errors import (
    AlreadyExists,
    DeadlineExceeded,
    InvalidArgument,
    RemoteError,
    Unavailable,
)

RUNS = 5
TASKS = 8
FIELDS = ("id", "name", "description", "labels")


@require_safe
async def project(request: HttpRequest, project: str) -> HttpResponse:
    await require(request, "project.see", project)
    found = await changing.found_project(project)
    return render(request, "projects/detail.html", {"page": await _page(request, found)})


@require_http_methods(["GET", "HEAD", "POST"])
async def new(request: HttpRequest) -> HttpResponse:
    await require(request, "project.create")
    page = ProjectFormPage(_typed(request), is_new=True, cancel_url=reverse("projects"))
    if request.method != "POST":
        return render(request, "projects/form.html", {"page": page})
    values = page.values
    project_id = values["id"] or changing.slug(values["name"])
    try:
        labels = changing.checked(
            project_id, values["name"], values["description"], values["labels"], is_new=True
        )
        made = await changing.create(
            request, project_id, values["name"], values["description"], labels
        )
    except BadProject as bad:
        return _wrong(request, page, bad.errors)
    except AlreadyExists:
        says = f"There is a project {project_id!r} already, perhaps an archived one."
        return _wrong(request, page, {"id": says})
    except InvalidArgument as error:
        return _wrong(request, page, {"id": error.message})
    messages.success(request, f"Project {made.id} is there.")
    return redirect("project", project=made.id)


@require_http_methods(["GET", "HEAD", "POST"])
async def edit(request: HttpRequest, project: str) -> HttpResponse:
    await require(request, "project.change", project)
    found = await changing.found_project(project)
    values = _typed(request) if request.method == "POST" else _values(found)
    back = reverse("project", kwargs={"project": project})
    page = ProjectFormPage({**values, "id": project}, is_new=False, cancel_url=back)
    if request.method != "POST":
        return render(request, "projects/form.html", {"page": page})
    try:
        labels = changing.checked(
            project, values["name"], values["description"], values["labels"], is_new=False
        )
        await changing.change(request, project, values["name"], values["description"], labels)
    except BadProject as bad:
        return _wrong(request, page, bad.errors)
    except InvalidArgument as error:
        return _wrong(request, page, {"name": error.message})
    messages.success(request, f"Project {project} is changed.")
    return redirect(back)


@require_POST
async def archive(request: HttpRequest, project: str) -> HttpResponse:
    """Field `id`, the project's id typed once more."""
    await require(request, "project.change", project)
    found = await changing.found_project(project)
    if request.POST.get("id", "").strip() != project:
        page = replace(await _page(request, found), error=f"Type {project} to archive it.")
        return render(request, "projects/detail.html", {"page": page}, status=422)
    await changing.archive(request, project, archived=True)
    messages.success(request, f"Project {project} is archived. Its runs stay; nothing was ended.")
    return redirect("project", project=project)


@require_POST
async def restore(request: HttpRequest, project: str) -> HttpResponse:
    await require(request, "project.change", project)
    await changing.found_project(project)
    await changing.archive(request, project, archived=False)
    messages.success(request, f"Project {project} is back.")
    return redirect("project", project=project)


# --- the page ---------------------------------------------------------------------------------


async def _page(request: HttpRequest, found: Project) -> ProjectPage:
    rights = of_request(request)
    counts, _ = await counts_of([found])
    row = project_row(found, counts.get(found.id))
    parts = await asyncio.gather(*(_domain(found.id, each) for each in row.domains))
    return ProjectPage(
        project=row,
        domains=tuple(parts),
        holders=await sync_to_async(_holders)(found.id),
        default_role=settings.DEFAULT_ROLE,
        may_change=rights.may("project.change", found.id),
        may_see_secrets=rights.may("secret.list", found.id),
    )


async def _domain(project: str, links: DomainLinks) -> DomainRuns:
    """Its newest runs; a domain that can't be listed does not hide the others."""
    scope = Scope(project=project, domain=links.name)
    try:
        found = await platform().runs_page(scope, token="", limit=RUNS, phase="", task="")
        tasks = await platform().trigger_tasks(scope)
    except (Unavailable, DeadlineExceeded):
        raise
    except RemoteError as error:
        return DomainRuns(links, (), (), error.message)
    runs = tuple(last_run(scope, run) for run in found.items)
    return DomainRuns(links, runs, tuple(tasks[:TASKS]))


def _holders(project: str) -> tuple[Holder, ...]:
    """Who has which role there, people with the highest role first."""
    order = {"admin": 0, "operator": 1, "viewer": 2}
    grants = Grant.objects.filter(project__in=("", project), person__is_active=True)
    holders = [
        Holder(
            person=grant.person.username,
            role=grant.role,
            place="here" if grant.project else "everywhere",
            how="from a group" if grant.origin == Grant.BY_GROUP else "",
        )
        for grant in grants.select_related("person")
    ]
    admins = Person.objects.filter(is_superuser=True, is_active=True)
    holders += [Holder(each.username, "admin", "everywhere", "from the shell") for each in admins]
    unique = {(each.person, each.role, each.place): each for each in holders}
    return tuple(sorted(unique.values(), key=lambda each: (order[each.role], each.person)))


# --- forms ------------------------------------------------------------------------------------


def _typed(request: HttpRequest) -> dict[str, str]:
    given = request.POST if request.method == "POST" else request.GET
    return {name: given.get(name, "").replace("\r\n", "\n").strip()[:2000] for name in FIELDS}


def _values(found: Project) -> dict[str, str]:
    return {
        "id": found.id,
        "name": found.name,
        "description": found.description,
        "labels": "\n".join(f"{name}={value}" for name, value in sorted(found.labels.items())),
    }


def _wrong(request: HttpRequest, page: ProjectFormPage, errors: dict[str, str]) -> HttpResponse:
    return render(request, "projects/form.html", {"page": replace(page, errors=errors)}, status=422)

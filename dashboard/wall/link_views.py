"""The page on which wall links are made, listed and revoked."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import audit
from dashboard.access.guard import require
from dashboard.access.rights import of_request
from dashboard.errors import PageProblem, home_link
from dashboard.pages import ErrorPage
from dashboard.people import person_of
from dashboard.views.scopes import existing_scope
from dashboard.wall import linking
from dashboard.wall.models import LABEL_CHARS, WallLink, where_of
from dashboard.wall.pages import LinkRow, LinksPage


@require_http_methods(["GET", "HEAD", "POST"])
async def all_links(request: HttpRequest) -> HttpResponse:
    """Of the wall of all projects; the list has every link that the reader may revoke."""
    await require(request, "wall.link", "")
    return await _page(request, "", "", reverse("wall"))


@require_http_methods(["GET", "HEAD", "POST"])
async def scope_links(request: HttpRequest, project: str, domain: str) -> HttpResponse:
    await existing_scope(request, project, domain, action="wall.link")
    kwargs = {"domain": domain, "project": project}
    return await _page(request, project, domain, reverse("scope-wall", kwargs=kwargs))


@require_POST
async def revoke(request: HttpRequest, number: int) -> HttpResponse:
    found = await sync_to_async(linking.by_number)(number)
    if found is None or not of_request(request).may("wall.see", found.project):
        raise PageProblem(_no_link())
    await require(request, "wall.link", found.project, str(found))
    await sync_to_async(linking.revoke)(found)
    await audit.record(request, "wall.link", str(found), detail="revoked")
    messages.success(request, f"The link {found.label} no longer works.")
    if not found.project:
        return redirect("wall-links")
    domain = found.domain or request.POST.get("domain", "")
    if not domain:
        return redirect("wall-links")
    return redirect("scope-wall-links", domain=domain, project=found.project)


async def made(request: HttpRequest, project: str, domain: str, label: str) -> tuple[WallLink, str]:
    """A new link and its address, written to the audit log."""
    link, token = await sync_to_async(linking.make)(
        str(person_of(request) or ""), project=project, domain=domain, label=label
    )
    await audit.record(request, "wall.link", str(link), detail="made")
    return link, request.build_absolute_uri(reverse("wall-link", kwargs={"token": token}))


async def _page(request: HttpRequest, project: str, domain: str, wall_url: str) -> HttpResponse:
    error = new_url = ""
    if request.method == "POST":
        label = request.POST.get("label", "").strip()
        reach = "" if request.POST.get("whole") else domain
        if not label or len(label) > LABEL_CHARS or not label.isprintable():
            error = f"A label of 1 to {LABEL_CHARS} characters is needed: where the screen hangs."
        else:
            _, new_url = await made(request, project, reach, label)
    found = await sync_to_async(linking.kept_by)(of_request(request), project)
    page = LinksPage(
        where=where_of(project, domain),
        wall_url=wall_url,
        links=tuple(row_of(link) for link in found),
        new_url=new_url,
        error=error,
        has_whole=bool(project),
    )
    return render(request, "wall/links.html", {"page": page}, status=400 if error else 200)


def row_of(link: WallLink) -> LinkRow:
    return LinkRow(
        id=link.pk,
        label=link.label,
        where=link.where,
        made_by=link.made_by,
        made_at=link.made_at,
        last_used_at=link.last_used_at,
        revoked_at=link.revoked_at,
    )


def _no_link() -> ErrorPage:
    return ErrorPage(404, "No such link", "There is no wall link of that number.",
                     "Look at the list of links.", links=(home_link(),))  # fmt: skip

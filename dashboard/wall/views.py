"""The wall: for people who are signed in, and for whoever has a link to it."""

from __future__ import annotations

import json

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard import links
from dashboard.access.guard import require
from dashboard.access.rights import of_request
from dashboard.errors import error_response
from dashboard.live import registry
from dashboard.live.protocol import WallArgs
from dashboard.pages import ErrorPage
from dashboard.upstream import act_as
from dashboard.views.scopes import existing_scope
from dashboard.wall import linking
from dashboard.wall.models import where_of
from dashboard.wall.pages import WallPage
from dashboard.wall.release import release

FIRST_FIGURES_S = 3.0
"""A wall without figures says so: it is shown no later than this."""


@require_safe
async def wall(request: HttpRequest) -> HttpResponse:
    """Of all projects, or of all domains of the one that `project` names."""
    project = request.GET.get("project", "")
    await require(request, "wall.see", project)
    url = reverse("wall-links") if not project else ""
    return await _signed_in(request, WallArgs(project), url, "")


@require_safe
async def scope_wall(request: HttpRequest, project: str, domain: str) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="wall.see")
    url = reverse("scope-wall-links", kwargs={"domain": domain, "project": project})
    return await _signed_in(request, WallArgs(project, domain), url, links.all_runs_url(scope))


@login_not_required
@require_safe
async def link(request: HttpRequest, token: str) -> HttpResponse:
    """The wall of a link; whoever else is signed in in this browser makes no difference."""
    found = await sync_to_async(linking.find)(token)
    if found is None:
        response = await sync_to_async(error_response)(request, _dead_link())
    else:
        act_as(None)
        page = await wall_page(WallArgs(found.project, found.domain))
        response = render(request, "wall/wall.html", {"page": page})
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


async def _signed_in(
    request: HttpRequest, args: WallArgs, links_url: str, runs_url: str
) -> HttpResponse:
    may_link = of_request(request).may("wall.link", args.project)
    page = await wall_page(args, links_url if may_link else "", runs_url)
    return render(request, "wall/wall.html", {"page": page})


async def wall_page(args: WallArgs, links_url: str = "", runs_url: str = "") -> WallPage:
    async with registry.visited(args) as topic:
        await topic.first(FIRST_FIGURES_S)
        is_lost = topic.state.state == "reconnecting"
        return WallPage(
            where=where_of(args.project, args.domain),
            args=json.dumps({"project": args.project, "domain": args.domain}),
            figures=topic.figures,
            read_at=topic.read_at,
            lost_since=topic.state.since if is_lost else None,
            release=release(),
            links_url=links_url,
            runs_url=runs_url,
        )


def _dead_link() -> ErrorPage:
    return ErrorPage(
        410,
        "This link does not work",
        "It was revoked, or its address is incomplete.",
        "Whoever gave it to you can make a new one.",
    )

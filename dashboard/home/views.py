"""Home: what concerns the reader, across projects."""

from __future__ import annotations

import asyncio

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import places
from dashboard.home import gathering
from dashboard.home.pages import HomePage
from dashboard.people import person_of
from dashboard.run_lists.finding import Viewer
from dashboard.upstream import platform


@require_safe
async def home(request: HttpRequest) -> HttpResponse:
    page = await home_page(request)
    if page is None:
        return render(request, "people/no_role.html")
    return render(request, "home/home.html", {"page": page})


async def home_page(request: HttpRequest) -> HomePage | None:
    """None for a person who may not see any project."""
    viewer = Viewer.of(request)
    if not viewer.rights.highest:
        return None
    # Asked first: when the platform can't be reached, that is the page.
    scopes = await viewer.scopes()
    if not scopes and not viewer.rights.everywhere:
        return None
    there = set(scopes)
    visited = tuple(scope for scope in places.visited(request) if scope in there)
    mine, running, failures, waiting = await asyncio.gather(
        gathering.runs(viewer, gathering.MINE, visited),
        gathering.runs(viewer, gathering.RUNNING, visited),
        gathering.failures(viewer),
        gathering.waiting(viewer),
    )
    return HomePage(
        person=str(person_of(request) or ""),
        mine=mine,
        running=running,
        failures=failures,
        waiting=waiting,
        places=visited,
        first_scope=next(iter((*visited, *scopes)), None),
        endpoint=platform().endpoint,
    )

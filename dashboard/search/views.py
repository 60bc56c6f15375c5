"""The search as a page, and as the JSON that the command palette reads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import places
from dashboard.access.rights import of_request
from dashboard.pages import Scope
from dashboard.search.finding import KINDS, find
from dashboard.search.pages import SearchPage


@require_safe
async def search(request: HttpRequest) -> HttpResponse:
    """Complete without script: a form and what it found."""
    return render(request, "search/page.html", {"page": await _page(request)})


@require_safe
async def search_json(request: HttpRequest) -> HttpResponse:
    page = await _page(request)
    return JsonResponse({"text": page.text, "groups": [group.as_json() for group in page.groups]})


async def _page(request: HttpRequest) -> SearchPage:
    text = request.GET.get("q", "").strip()
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    scope = _scope(request)
    return SearchPage(text, kind, scope, await find(request, text, scope, kind))


def _scope(request: HttpRequest) -> Scope | None:
    """The place that the address names, or the one that was last visited."""
    project, domain = request.GET.get("project", ""), request.GET.get("domain", "")
    if project and domain and of_request(request).may("project.see", project):
        return Scope(project=project, domain=domain)
    return next(iter(places.visited(request)), None)

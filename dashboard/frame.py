"""Fills the frame that every page stands in: who is signed in, where, and what else there is."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from dashboard.access.rights import of_request
from dashboard.pages import Frame, Scope
from dashboard.people import person_of


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: `frame` for `base.html`. Touches neither database nor platform."""
    scope = _scope(request)
    return {
        "frame": Frame(
            endpoint=settings.FLYTE_ENDPOINT,
            person=str(person_of(request) or ""),
            scope=scope,
            rail=_rail(request, scope),
            may=of_request(request).all_in(scope.project if scope else ""),
        )
    }


def _scope(request: HttpRequest) -> Scope | None:
    match = request.resolver_match
    if match is None or "project" not in match.kwargs:
        return None
    return Scope(project=match.kwargs["project"], domain=match.kwargs["domain"])


def _rail(request: HttpRequest, scope: Scope | None) -> tuple[tuple[str, str, str, bool], ...]:
    here = request.resolver_match.url_name if request.resolver_match else ""
    home = ("home", "Home", reverse("projects"), here == "projects")
    if scope is None:
        return (home,)
    runs = reverse("runs", kwargs={"domain": scope.domain, "project": scope.project})
    return (home, ("runs", "Runs", runs, here in ("runs", "run")))

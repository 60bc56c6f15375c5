"""Where a reader is and was: the project and domain of an address, and the last ones, in a cookie.

The cookie names scopes, newest first (`project/domain.project/domain`); it is read with the
reader's rights, since another person may have used the same browser before.
"""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboard.access.rights import of_request
from dashboard.middleware import Layer
from dashboard.pages import Scope

COOKIE = "places"
KEPT = 5
YEAR_S = 365 * 24 * 3600

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


class RememberPlaces(Layer):
    """Notes the scope of every page that was shown, for the rail of pages that have none."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = await self.get_response(request)
        scope = scope_of_address(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if scope and is_page and response.status_code == 200:
            _remember(request, response, scope)
        return response


def scope_of_address(request: HttpRequest) -> Scope | None:
    """The scope that the address names."""
    match = request.resolver_match
    if match is None or not {"project", "domain"} <= match.kwargs.keys():
        return None
    return Scope(project=match.kwargs["project"], domain=match.kwargs["domain"])


def visited(request: HttpRequest) -> tuple[Scope, ...]:
    """The scopes that were last visited, newest first, as far as the reader may see them."""
    rights = of_request(request)
    scopes = _parse(request.COOKIES.get(COOKIE, ""))
    return tuple(scope for scope in scopes if rights.may("project.see", scope.project))


def _remember(request: HttpRequest, response: HttpResponseBase, scope: Scope) -> None:
    before = _parse(request.COOKIES.get(COOKIE, ""))
    if before[:1] == [scope]:
        return
    scopes = [scope, *(other for other in before if other != scope)][:KEPT]
    text = ".".join(f"{each.project}/{each.domain}" for each in scopes)
    response.set_cookie(
        COOKIE, text, max_age=YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure()
    )


def _parse(text: str) -> list[Scope]:
    """What doesn't look like names is left out: a cookie is whatever a browser sends."""
    pairs = [pair.split("/") for pair in text.split(".") if pair.count("/") == 1]
    return [
        Scope(project=project, domain=domain)
        for project, domain in pairs
        if _NAME.fullmatch(project) and _NAME.fullmatch(domain)
    ][:KEPT]

"""What happens around every view: request ids, sign-in, and pages for the platform's errors."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_cache_control

from dashboard.access.rights import rights_of
from dashboard.errors import PageProblem, error_response, page_for
from dashboard.identity import sessions
from dashboard.models import Person
from dashboard.people import person_of
from dashboard.upstream import SERVICE, act_as, platform
from remote_client.errors import RemoteError, Unauthenticated

logger = logging.getLogger(__name__)

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class Layer:
    """A middleware that runs on the server's loop, without a thread."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return await self.get_response(request)


class RequestIds(Layer):
    """Gives every request an id, which error pages and the log both name.

    A proxy's own `X-Request-ID` is kept when it looks like one.
    """

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        request.request_id = request_id  # type: ignore[attr-defined]
        response = await self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class SignInRequired(Layer):
    """Sends strangers to the sign-in page, from every view that is not marked as open to them.

    The mark is Django's `login_not_required`. `request.person` is whoever is signed in, and
    `request.rights` what they may do, as the database has it now.
    """

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = await request.auser()
        request.sign_in_ended = False  # type: ignore[attr-defined]
        act_as(None)
        if isinstance(person, Person) and not await sessions.is_kept(request.session):
            request.sign_in_ended = True  # type: ignore[attr-defined]
        elif isinstance(person, Person):
            act_as(await sessions.acting_person(request.session, person))
            request.person = person  # type: ignore[attr-defined]
            request.rights = await rights_of(person)  # type: ignore[attr-defined]
        response = await self.get_response(request)
        if not response.has_header("Cache-Control"):
            # What one person saw must not come back from a cache after they signed out.
            patch_cache_control(response, private=True, no_store=True)
        return response

    async def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if person_of(request) or not getattr(view, "login_required", True):
            return None
        if getattr(request, "sign_in_ended", False):
            return sign_in_first(request, reason="ended")
        return sign_in_first(request)


class RemoteErrors(Layer):
    """Turns the platform's errors into pages; views don't catch them."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, PageProblem):
            return error_response(request, error.page)
        if isinstance(error, Unauthenticated):
            return sign_in_first(request, reason=_refused_whom())
        if isinstance(error, RemoteError):
            logger.warning("%s %s: %s", request.method, request.path, error)
            return error_response(request, page_for(error, platform().unreachable_since))
        return None


def _refused_whom() -> str:
    """Whose credentials the platform refused: the person's own, or the dashboard's."""
    return "platform" if platform().identity == SERVICE else "ended"


def sign_in_first(request: HttpRequest, **hints: str) -> HttpResponseRedirect:
    """To the sign-in page, which leads back: only for a page that can be asked for again."""
    if request.method in ("GET", "HEAD"):
        hints["next"] = request.get_full_path()
    query = f"?{urlencode(hints)}" if hints else ""
    return HttpResponseRedirect(reverse("sign-in") + query)

"""Signing in at a server: the way there, which only a form of ours begins, and the way back."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from social_core.exceptions import SocialAuthBaseException
from social_django.models import DjangoStorage

from dashboard.access import audit
from dashboard.errors import error_response
from dashboard.identity import records, refusals, sessions
from dashboard.identity.announcement import AnnouncementError
from dashboard.identity.providers import PlatformSignIn, Provider, ProviderSignIn, Strategy
from dashboard.models import Person
from dashboard.pages import LeavingPage
from dashboard.views.session import safe_next
from remote_client.errors import RemoteError

logger = logging.getLogger(__name__)

_KINDS: dict[str, type[Provider]] = {kind.name: kind for kind in (PlatformSignIn, ProviderSignIn)}


# These two are synchronous, as social-auth is: each has a thread of its own while it waits.


@login_not_required
@never_cache
@require_POST
def begin(request: HttpRequest, kind: str) -> HttpResponse:
    """To the server, by a page that goes there.

    Not by a redirect: browsers hold those to `form-action`, and which hosts a provider sends
    people through nobody knows beforehand.
    """
    next_url = safe_next(request, request.POST.get("next", ""))
    backend = _backend(request, kind)
    records.sweep_attempts()
    try:
        url, title = backend.auth_url_to(next_url), backend.here.title
    except (SocialAuthBaseException, AnnouncementError) as error:
        return _refused(request, error, next_url)
    page = LeavingPage(url=url, title=title)
    return render(request, "session/leaving.html", {"page": page})


@login_not_required
@never_cache
@require_GET
def complete(request: HttpRequest, kind: str) -> HttpResponse:
    """Back from the server, with a code for this browser's sign-in alone."""
    backend = _backend(request, kind)
    next_url = safe_next(request, backend.next_url())
    try:
        person = backend.complete(user=None, request=request)
    except (SocialAuthBaseException, AnnouncementError, RemoteError) as error:
        return _refused(request, error, next_url)
    assert isinstance(person, Person)
    lifetime_s = None if backend.here.carries_tokens else settings.OIDC_SIGN_IN_LIFETIME_S
    sessions.begin(request, person, backend.kept, lifetime_s)
    return HttpResponseRedirect(next_url)


def _backend(request: HttpRequest, kind: str) -> Any:
    if kind not in _KINDS:
        raise Http404
    back = reverse("sign-in-complete", args=[kind])
    return _KINDS[kind](Strategy(DjangoStorage, request), redirect_uri=back)


def _refused(request: HttpRequest, error: Exception, next_url: str) -> HttpResponse:
    if isinstance(error, SocialAuthBaseException):
        page, why = refusals.page_for(error, next_url), f"{error.code} ({error.stage})"
    else:
        page, why = refusals.unreachable(str(error)), type(error).__name__
    # Neither what the server wrote nor the address: they may hold codes.
    logger.warning("A sign-in was refused: %s", why)
    audit.write_for(request, "sign-in", result=audit.REFUSED, detail=why)
    return error_response(request, page)

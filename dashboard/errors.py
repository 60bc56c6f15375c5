"""Says in words what went wrong: from an error of the platform to the page that a person reads."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from dashboard.pages import ErrorPage
from remote_client.errors import (
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    RemoteError,
    Unavailable,
)

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5
"""How long a reader's browser waits before it asks again for a page that needs the platform."""


class PageProblem(Exception):
    """A view's way to answer with an error page instead of its own."""

    def __init__(self, page: ErrorPage) -> None:
        super().__init__(page.message)
        self.page = page


def home_link() -> tuple[str, str]:
    return ("All projects", reverse("projects"))


def page_for(error: RemoteError, unreachable_since: datetime | None) -> ErrorPage:
    """The page for an error that the platform, or the way to it, answered with.

    `unreachable_since` is the first failure since the platform last answered, if it did not.
    """
    if isinstance(error, Unavailable | DeadlineExceeded):
        return _unreachable(error, unreachable_since)
    for kind, (status, title, advice) in _KNOWN.items():
        if isinstance(error, kind):
            return ErrorPage(status, title, _sentence(error), advice, links=(home_link(),))
    return ErrorPage(
        502,
        "The platform could not answer",
        _sentence(error),
        "Try again. If it stays like this, the platform's own log says more.",
        links=(home_link(),),
    )


_KNOWN = {
    NotFound: (404, "Not found", "Check the name in the address, or look for it in its project."),
    PermissionDenied: (403, "Not allowed", "Ask whoever runs the platform for access."),
    InvalidArgument: (400, "The platform refused the question", "Check the address of this page."),
}


def _unreachable(error: RemoteError, since: datetime | None) -> ErrorPage:
    """Since when, and what to do: on this machine the platform is a command away."""
    moment = f" since {since:%H:%M:%S} UTC" if since else ""
    slow = isinstance(error, DeadlineExceeded)
    what = "did not answer in time" if slow else "is not reachable"
    return ErrorPage(
        503,
        "Platform not reachable",
        f"The platform at {settings.FLYTE_ENDPOINT} {what}{moment}.",
        "Start the platform, or check FLYTE_ENDPOINT. This page asks again by itself.",
        retry_after_s=RETRY_AFTER_S,
    )


def _sentence(error: RemoteError) -> str:
    return error.message or f"The platform answered {error.code().name}."


def error_response(request: HttpRequest, page: ErrorPage) -> HttpResponse:
    """The page rendered; as plain text should the templates themselves be what broke."""
    page = replace(page, request_id=getattr(request, "request_id", ""))
    try:
        response = render(request, "errors/page.html", {"page": page}, status=page.status)
    except Exception:
        logger.exception("The error page can't be rendered.")
        text = f"{page.title}. {page.message} {page.advice}\n"
        response = HttpResponse(text, content_type="text/plain; charset=utf-8", status=page.status)
    if page.retry_after_s is not None:
        response["Retry-After"] = str(page.retry_after_s)
    return response

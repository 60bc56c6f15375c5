"""Pages for what Django itself refuses: unknown addresses, bad requests, our own faults."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from dashboard.errors import error_response, home_link
from dashboard.pages import ErrorPage


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    page = ErrorPage(
        404,
        "No such page",
        f"There is nothing at {request.path}.",
        "Check the address, search for the name, or start from the projects.",
        links=(home_link(),),
    )
    return error_response(request, page)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    page = ErrorPage(
        403, "Not allowed", "You may not do this.", "Ask for access.", links=(home_link(),)
    )
    return error_response(request, page)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    page = ErrorPage(
        400,
        "Not understood",
        "The request was malformed, or came to a host name that is not in ALLOWED_HOSTS.",
        "Check the address.",
    )
    return error_response(request, page)


def too_many_tries(request: HttpRequest, *args: Any) -> HttpResponse:
    """For who guesses passwords; the right one is not looked at any more either."""
    page = ErrorPage(
        429,
        "Too many tries",
        "Five passwords for this name were wrong. Further ones are not looked at.",
        "Try again in a quarter of an hour, or ask an admin.",
        links=(("Sign in", reverse("sign-in")),),
    )
    return error_response(request, page)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    page = ErrorPage(
        403,
        "This form is out of date",
        "It was not sent by a page of this browser's present sign-in.",
        "Go back, load the page again and send it once more. Cookies must be allowed.",
        links=(home_link(),),
    )
    return error_response(request, page)


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    page = ErrorPage(
        500,
        "Flightboard failed",
        "Something broke while this page was being made. The server's log says what.",
        "Try again. If it stays, report the request id below.",
        links=(home_link(),),
    )
    return error_response(request, page)

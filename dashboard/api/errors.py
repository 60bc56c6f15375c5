"""Turns everything that can go wrong into JSON: status, one sentence, the request's id."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from dashboard.errors import PageProblem, page_for
from dashboard.upstream import SignedOut, platform
from remote_client.errors import RemoteError

logger = logging.getLogger(__name__)


def error_json(request: HttpRequest, status: int, sentence: str) -> JsonResponse:
    """The body that every refusal and failure of the API has."""
    request_id = getattr(request, "request_id", "")
    body = {"status": status, "error": sentence, "request_id": request_id}
    response = JsonResponse(body, status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Flightboard API"'
    return response


def install(api: NinjaAPI) -> None:
    """Give the API its handlers."""
    api.add_exception_handler(AuthenticationError, _unauthenticated)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(PageProblem, _problem)
    api.add_exception_handler(RemoteError, _remote)
    api.add_exception_handler(Exception, _broken)


def _unauthenticated(request: HttpRequest, error: Any) -> HttpResponse:
    return error_json(request, 401, "Send an API token: Authorization: Bearer fb_… .")


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    first = error.errors[0] if error.errors else {"loc": (), "msg": "unclear"}
    name = ".".join(str(part) for part in first["loc"][1:])
    said = str(first["msg"])
    return error_json(request, 422, f"{name}: {said}" if name else said)


def _http(request: HttpRequest, error: Any) -> HttpResponse:
    return error_json(request, error.status_code, str(error))


def _problem(request: HttpRequest, error: Any) -> HttpResponse:
    return error_json(request, error.page.status, error.page.message)


def _remote(request: HttpRequest, error: Any) -> HttpResponse:
    """With the status of the page that tells a reader of it."""
    if isinstance(error, SignedOut):
        return error_json(request, 401, "The token's owner is signed out: sign in in a browser.")
    logger.warning("%s %s: %s", request.method, request.path, error)
    page = page_for(error, platform().unreachable_since)
    response = error_json(request, page.status, page.message)
    if page.retry_after_s is not None:
        response["Retry-After"] = str(page.retry_after_s)
    return response


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("%s %s failed.", request.method, request.path, exc_info=error)
    return error_json(request, 500, "Flightboard failed. The server's log says why.")

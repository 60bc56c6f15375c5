"""Addresses about one input or output: itself as JSON, and the files that it points at."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import links
from dashboard.action_tabs import sandbox, stores
from dashboard.action_tabs.previews import (
    MOST_PAGE_BYTES,
    MOST_PICTURE_BYTES,
    SNIFFED_BYTES,
    preview_of,
)
from dashboard.action_tabs.stores import Stored, Unreadable
from dashboard.action_tabs.value_copies import as_json
from dashboard.action_tabs.value_trees import as_reference, located
from dashboard.action_tabs.value_views import PAGES, Place, ending_of
from dashboard.errors import PageProblem
from dashboard.pages import ErrorPage
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client.errors import ClientError

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
MOST_PAGES = 10_000_000


@require_safe
async def value(
    request: HttpRequest,
    domain: str,
    project: str,
    run: str,
    action: str,
    side: str,
    value: str,
    what: str,
) -> HttpResponseBase:
    """`json`, or of a file that it points at: `download`, `inline`, `preview`."""
    thing = f"{project}/{domain}/{run}/{action}/{side}/{value}"
    scope = await existing_scope(request, project, domain, action="action.see", thing=thing)
    place = Place(scope, run, action, side)
    answer = _ANSWERS.get(what)
    if answer is None or side not in ("inputs", "outputs"):
        raise PageProblem(_missing(place, "There is no such address."))
    return await answer(request, place, value, await _value(place, value))


async def _value(place: Place, name: str) -> Any:
    """The value, as the platform has it for who asks. Raises PageProblem."""
    details = await platform().action(place.scope, place.run, place.action)
    try:
        if place.side == "inputs":
            return await platform().input_value(details, name)
        return await platform().output_value(details, name)
    except (ClientError, KeyError) as error:
        words = str(error) if isinstance(error, ClientError) else f"It has no {name!r}."
        raise PageProblem(_missing(place, words)) from None


async def _json(request: HttpRequest, place: Place, name: str, value: Any) -> HttpResponseBase:
    text = await asyncio.to_thread(as_json, value)
    response = HttpResponse(text + "\n", content_type="application/json")
    return sandbox.as_download(response, f"{place.run}-{place.action}-{name}.json")


async def _download(request: HttpRequest, place: Place, name: str, value: Any) -> HttpResponseBase:
    stored = await _stored(request, place, value)
    start, end, status = _wanted(request, stored.size)
    if status == 416:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{stored.size}"
        return refused
    response = StreamingHttpResponse(
        _body(request, stored, start, end), status=status, content_type="application/octet-stream"
    )
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    if status == 206:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    return sandbox.as_download(response, stored.name)


async def _inline(request: HttpRequest, place: Place, name: str, value: Any) -> HttpResponseBase:
    """A picture or a page, for an element of ours."""
    stored = await _stored(request, place, value)
    ending = ending_of(stored.name)
    head = await _reading(place, stores.first_bytes(stored, SNIFFED_BYTES))
    kind = sandbox.picture_type(head, ending)
    if kind and stored.size <= MOST_PICTURE_BYTES:
        body = await _reading(place, stores.first_bytes(stored, MOST_PICTURE_BYTES))
        return sandbox.as_picture(HttpResponse(body, content_type=kind))
    if ending in PAGES and stored.size <= MOST_PAGE_BYTES:
        body = await _reading(place, stores.first_bytes(stored, MOST_PAGE_BYTES))
        return sandbox.as_page(HttpResponse(body, content_type="text/html; charset=utf-8"))
    raise PageProblem(_missing(place, "It is neither a picture nor a page."))


async def _preview(request: HttpRequest, place: Place, name: str, value: Any) -> HttpResponseBase:
    """A page of its own, or with `part=1` its inside for the panel."""
    at, inside = request.GET.get("at", ""), request.GET.get("file", "")
    given = request.GET.get("page", "1")
    page = min(max(1, int(given)), MOST_PAGES) if given.isdecimal() and len(given) < 9 else 1
    reference = _reference(place, value, at)
    context = {
        "preview": await preview_of(reference, inside, page),
        "place": place,
        "name": name,
        "title": inside or reference.uri.rstrip("/").rpartition("/")[2],
        "page": page,
        "inside": inside,
        "back_url": links.action_url(place.scope, place.run, place.action, tab=place.side),
        "urls": _Urls(place, name, at, inside),
    }
    template = "_preview.html" if request.GET.get("part") else "preview.html"
    return render(request, f"values/{template}", context)


class _Urls:
    """Addresses about the same file, for the template."""

    def __init__(self, place: Place, name: str, at: str, inside: str) -> None:
        self._place, self._name, self._at, self._inside = place, name, at, inside

    def _to(self, what: str, **query: str) -> str:
        query = {"at": self._at, "file": self._inside, **query}
        return self._place.url(self._name, what, **query)

    @property
    def download(self) -> str:
        return self._to("download")

    @property
    def inline(self) -> str:
        return self._to("inline")

    def files(self, paths: list[str]) -> list[tuple[str, str]]:
        """Preview and download of each file of a folder."""
        return [(self._to("preview", file=p), self._to("download", file=p)) for p in paths]

    def page(self, number: int) -> str:
        return self._to("preview", page=str(number))


def _reference(place: Place, value: Any, pointer: str) -> Any:
    try:
        reference = as_reference(located(value, pointer))
    except KeyError:
        reference = None
    if reference is None:
        raise PageProblem(_missing(place, "No file stands there."))
    return reference


async def _stored(request: HttpRequest, place: Place, value: Any) -> Stored:
    reference = _reference(place, value, request.GET.get("at", ""))
    inside = request.GET.get("file", "")
    try:
        return await stores.find(stores.joined(reference.uri, inside) if inside else reference.uri)
    except Unreadable as error:
        raise PageProblem(_missing(place, str(error))) from None


async def _reading(place: Place, work: Any) -> bytes:
    try:
        body: bytes = await work
    except Unreadable as error:
        raise PageProblem(_missing(place, str(error))) from None
    return body


async def _body(request: HttpRequest, stored: Stored, start: int, end: int) -> AsyncIterator[bytes]:
    if request.method == "HEAD":
        return
    async for chunk in stores.chunks(stored, start, end):
        yield chunk


def _wanted(request: HttpRequest, size: int) -> tuple[int, int, int]:
    """From, to and the status: all of it, or the one range that a download goes on with."""
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or not any(match.groups()):
        return 0, size, 200
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    return (start, end, 206) if start < end else (0, 0, 416)


def _missing(place: Place, words: str) -> ErrorPage:
    back = links.action_url(place.scope, place.run, place.action, tab=place.side)
    return ErrorPage(
        404,
        "Can't be shown",
        words,
        "Go back to the action; it says what is there.",
        links=((f"{place.side.title()} of the action", back),),
    )


_ANSWERS = {"json": _json, "download": _download, "inline": _inline, "preview": _preview}

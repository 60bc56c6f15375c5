"""The audit log for admins: searchable, a hundred entries a page, and as JSON lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.access import audit as log
from dashboard.access.entries import FIELDS, BadSearch, Search
from dashboard.access.guard import require
from dashboard.access.pages import AuditPage, AuditRow
from dashboard.live.protocol import iso
from dashboard.models import AuditEntry

EXPORT_CHUNK = 500


@require_safe
async def audit(request: HttpRequest) -> HttpResponse:
    await require(request, "audit.read")
    asked = {name: request.GET.get(name, "").strip() for name in FIELDS}
    error = ""
    try:
        search = Search.of(asked)
    except BadSearch as bad:
        search, error = Search(), str(bad)
    before = request.GET.get("before", "")
    start = int(before) if before.isdecimal() and len(before) < 16 else None
    entries, following = await sync_to_async(search.page)(start)
    page = AuditPage(
        entries=tuple(_row(entry) for entry in entries),
        asked=asked,
        actions=await sync_to_async(_known_actions)(),
        older_url=_url("audit", asked, before=str(following)) if following else "",
        newest_url=_url("audit", asked) if start else "",
        export_url=_url("audit-export", asked),
        error=error,
    )
    return render(request, "audit/list.html", {"page": page}, status=400 if error else 200)


@require_safe
async def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Every entry that the search finds, newest first, one JSON object a line, as it is read."""
    await require(request, "audit.read")
    asked = {name: request.GET.get(name, "").strip() for name in FIELDS}
    try:
        search = Search.of(asked)
    except BadSearch as bad:
        return HttpResponse(f"{bad}\n", content_type="text/plain; charset=utf-8", status=400)
    await log.record(request, "audit.export")
    response = StreamingHttpResponse(_lines(search), content_type="application/jsonl")
    response["Content-Disposition"] = 'attachment; filename="flightboard-audit.jsonl"'
    # Django would compress each chunk on its own, and some readers stop after the first.
    response["Content-Encoding"] = "identity"
    return response


async def _lines(search: Search) -> AsyncIterator[bytes]:
    async for entry in search.entries().aiterator(chunk_size=EXPORT_CHUNK):
        row = _row(entry)
        fields = {**vars(row), "at": iso(row.at)}
        yield json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def _row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        at=entry.at,
        person=entry.person,
        action=entry.action,
        thing=entry.thing,
        result=entry.result,
        detail=entry.detail,
        address=entry.address,
        request_id=entry.request_id,
    )


def _known_actions() -> tuple[str, ...]:
    found = AuditEntry.objects.order_by("action").values_list("action", flat=True)
    return tuple(found.distinct())


def _url(name: str, asked: dict[str, str], **more: str) -> str:
    query = urlencode({key: value for key, value in {**asked, **more}.items() if value})
    return f"{reverse(name)}?{query}" if query else reverse(name)

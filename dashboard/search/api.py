"""The API's operations on search."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from dashboard.access.guard import require
from dashboard.access.rights import of_request
from dashboard.api.schemas import ErrorOut
from dashboard.pages import Scope
from dashboard.search.finding import MOST_CHARS, find

router = Router()


class ItemOut(Schema):
    label: str
    url: str
    more: str
    phase: str


class GroupOut(Schema):
    key: str
    title: str
    note: str
    items: list[ItemOut]


class SearchOut(Schema):
    groups: list[GroupOut]


_ERRORS = dict.fromkeys((401, 403, 404, 422), ErrorOut)


@router.get("/search", response={200: SearchOut, **_ERRORS}, operation_id="search")
async def search(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=1, max_length=MOST_CHARS)],
    project: str = "",
    domain: str = "",
    kind: str = "",
) -> SearchOut:
    """Runs and projects everywhere that hold the text; with a project and domain, more of those.

    `kind` is one of runs, tasks, triggers, projects and secrets; empty for all.
    """
    if not of_request(request).highest:
        await require(request, "token.own")
    if project:
        await require(request, "project.see", project)
    scope = Scope(project=project, domain=domain) if project and domain else None
    groups = await find(request, q, scope, kind)
    return SearchOut(groups=[GroupOut(**group.as_json()) for group in groups])

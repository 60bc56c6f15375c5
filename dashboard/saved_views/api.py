"""The API's operations on saved views."""

from __future__ import annotations

from typing import Annotated

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from dashboard.access import audit
from dashboard.access.guard import require
from dashboard.access.rights import of_request
from dashboard.api.errors import error_json
from dashboard.api.schemas import ErrorOut
from dashboard.models import Person
from dashboard.people import person_of
from dashboard.saved_views import keeping
from dashboard.saved_views.keeping import Content, NotKept
from dashboard.saved_views.models import NAME_CHARS, QUERY_CHARS, SavedView
from dashboard.views.scopes import existing_scope

router = Router()

Name = Annotated[str, Query(min_length=1, max_length=255)]
_ERRORS = dict.fromkeys((401, 403, 404, 422, 502, 503), ErrorOut)


class ViewOut(Schema):
    id: int
    name: str
    project: str
    """Empty for every project."""
    domain: str
    query: str
    sort: str
    columns: str
    owner: str
    is_shared: bool

    @classmethod
    def of(cls, view: SavedView) -> ViewOut:
        return cls(
            id=view.pk,
            name=view.name,
            project=view.project,
            domain=view.domain,
            query=view.query,
            sort=view.sort,
            columns=view.columns,
            owner=view.owner.username,
            is_shared=view.is_shared,
        )


class ViewsOut(Schema):
    items: list[ViewOut]


class ViewIn(Schema):
    name: str = Field(max_length=NAME_CHARS)
    query: str = Field("", max_length=QUERY_CHARS)
    sort: str = ""
    columns: str = ""
    is_shared: bool = False
    is_everywhere: bool = False
    """For every project rather than the one of the address."""


class ViewChange(Schema):
    """What is left out stays."""

    name: str | None = Field(None, max_length=NAME_CHARS)
    query: str | None = Field(None, max_length=QUERY_CHARS)
    sort: str | None = None
    columns: str | None = None
    is_shared: bool | None = None


@router.get("/views", response={200: ViewsOut, **_ERRORS}, operation_id="list_views")
async def list_views(request: HttpRequest, project: Name, domain: Name) -> ViewsOut:
    """The views that the token's owner may use in a project."""
    scope = await existing_scope(request, project, domain, action="run.list")
    found = await sync_to_async(keeping.visible)(_person(request), of_request(request), scope)
    return ViewsOut(items=[ViewOut.of(view) for view in found])


@router.post("/views", response={201: ViewOut, **_ERRORS}, operation_id="save_view")
async def save_view(
    request: HttpRequest, project: Name, domain: Name, body: ViewIn
) -> tuple[int, ViewOut] | HttpResponse:
    """Save a view, for oneself or shared."""
    scope = await existing_scope(request, project, domain, action="run.list")
    where = None if body.is_everywhere else scope
    if body.is_shared:
        await require(request, "view.share", where.project if where else "", body.name)
    content = Content(body.query, body.sort, body.columns)
    try:
        view = await sync_to_async(keeping.create)(
            _person(request), where, body.name, content, is_shared=body.is_shared
        )
    except NotKept as refusal:
        return error_json(request, 422, str(refusal))
    await _record(request, "view.save", view)
    return 201, ViewOut.of(view)


@router.patch("/views/{view}", response={200: ViewOut, **_ERRORS}, operation_id="change_view")
async def change_view(request: HttpRequest, view: int, body: ViewChange) -> ViewOut | HttpResponse:
    """Rename a view, give it another content, share it or no longer."""
    found = await _changeable(request, view)
    if isinstance(found, HttpResponse):
        return found
    if body.is_shared is not None and body.is_shared != found.is_shared:
        await require(request, "view.share", found.project, found.name)
    content = Content(
        found.query if body.query is None else body.query,
        found.sort if body.sort is None else body.sort,
        found.columns if body.columns is None else body.columns,
    )
    try:
        await sync_to_async(keeping.change)(
            found, name=body.name, content=content, is_shared=body.is_shared
        )
    except NotKept as refusal:
        return error_json(request, 422, str(refusal))
    await _record(request, "view.change", found)
    return ViewOut.of(found)


@router.delete("/views/{view}", response={204: None, **_ERRORS}, operation_id="delete_view")
async def delete_view(request: HttpRequest, view: int) -> tuple[int, None] | HttpResponse:
    """Delete a view; for a day it can be restored."""
    found = await _changeable(request, view)
    if isinstance(found, HttpResponse):
        return found
    await sync_to_async(keeping.delete)(found)
    await _record(request, "view.delete", found)
    return 204, None


@router.post(
    "/views/{view}/restore", response={200: ViewOut, **_ERRORS}, operation_id="restore_view"
)
async def restore_view(request: HttpRequest, view: int) -> ViewOut | HttpResponse:
    """Undo a deletion."""
    found = await _changeable(request, view, deleted=True)
    if isinstance(found, HttpResponse):
        return found
    await sync_to_async(keeping.restore)(found)
    await _record(request, "view.restore", found)
    return ViewOut.of(found)


async def _changeable(
    request: HttpRequest, number: int, *, deleted: bool = False
) -> SavedView | HttpResponse:
    """The view, when the token's owner may change it; else the answer that says why not."""
    await require(request, "token.own")
    person, rights = _person(request), of_request(request)
    found = await sync_to_async(keeping.get)(person, rights, number, deleted=deleted)
    if found is None:
        return error_json(request, 404, f"There is no view {number}.")
    if not keeping.may_change(found, person, rights):
        await require(request, "view.share", found.project, found.name)
    return found


def _person(request: HttpRequest) -> Person:
    person = person_of(request)
    assert person is not None
    return person


async def _record(request: HttpRequest, action: str, view: SavedView) -> None:
    await audit.record(request, action, f"view {view.pk}", detail=f"{view.name} ({view.where})")

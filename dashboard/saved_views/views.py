"""Saved views: their list, and what is done to one. Each act is a form, and ends on the list."""

from __future__ import annotations

from dataclasses import replace

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import links
from dashboard.access import audit
from dashboard.access.guard import require
from dashboard.access.rights import of_request
from dashboard.errors import PageProblem, home_link
from dashboard.models import Person
from dashboard.pages import ErrorPage, Scope
from dashboard.people import person_of
from dashboard.saved_views import keeping
from dashboard.saved_views.keeping import Content, NotKept
from dashboard.saved_views.models import SavedView
from dashboard.saved_views.pages import ViewsPage
from dashboard.saved_views.rows import menu, view_row
from dashboard.views.scopes import existing_scope


@require_http_methods(["GET", "HEAD", "POST"])
async def views(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    """The views of a scope; a POST saves one and opens it."""
    scope = await existing_scope(request, project, domain, action="run.list")
    if request.method != "POST":
        return await _list(request, scope)
    where = None if request.POST.get("everywhere") else scope
    is_shared = bool(request.POST.get("shared"))
    name = request.POST.get("name", "")
    if is_shared:
        await require(request, "view.share", where.project if where else "", name)
    try:
        view = await sync_to_async(keeping.create)(
            _person(request), where, name, _content(request), is_shared=is_shared
        )
    except NotKept as refusal:
        return await _list(request, scope, error=str(refusal))
    await _record(request, "view.save", view)
    messages.success(request, f"Saved as “{view.name}”.")
    return redirect(links.runs_url(scope, view=str(view.pk)))


@require_POST
async def change(request: HttpRequest, domain: str, project: str, view: int) -> HttpResponse:
    """A new name, a new content, shared or no longer: what the form has of it."""
    scope, found = await _changeable(request, project, domain, view)
    is_shared = bool(request.POST.get("shared")) if "sharing" in request.POST else None
    if is_shared is not None and is_shared != found.is_shared:
        await require(request, "view.share", found.project, found.name)
    try:
        await sync_to_async(keeping.change)(
            found,
            name=request.POST.get("name"),
            content=_content(request) if "q" in request.POST else None,
            is_shared=is_shared,
        )
    except NotKept as refusal:
        return await _list(request, scope, error=str(refusal))
    await _record(request, "view.change", found)
    messages.success(request, f"“{found.name}” is up to date.")
    if "q" in request.POST:
        return redirect(links.runs_url(scope, view=str(found.pk)))
    return redirect(links.views_url(scope))


@require_POST
async def delete(request: HttpRequest, domain: str, project: str, view: int) -> HttpResponse:
    scope, found = await _changeable(request, project, domain, view)
    await sync_to_async(keeping.delete)(found)
    await _record(request, "view.delete", found)
    return redirect(f"{links.views_url(scope)}?deleted={found.pk}")


@require_POST
async def restore(request: HttpRequest, domain: str, project: str, view: int) -> HttpResponse:
    """Undoes a deletion."""
    scope, found = await _changeable(request, project, domain, view, deleted=True)
    await sync_to_async(keeping.restore)(found)
    await _record(request, "view.restore", found)
    messages.success(request, f"“{found.name}” is back.")
    return redirect(links.views_url(scope))


@require_POST
async def open_with(request: HttpRequest, domain: str, project: str, view: int) -> HttpResponse:
    """The reader's list opens with this view from now on; without `on`, no longer."""
    scope = await existing_scope(request, project, domain, action="run.list")
    found = await _found(request, scope, view)
    is_wanted = bool(request.POST.get("on"))
    await sync_to_async(keeping.open_with)(_person(request), scope, found if is_wanted else None)
    opens = f"“{found.name}”" if is_wanted else "all runs"
    messages.success(request, f"Your runs of {scope.project}/{scope.domain} open with {opens}.")
    return redirect(links.views_url(scope))


# --- inside -------------------------------------------------------------------------------------


async def _list(request: HttpRequest, scope: Scope, *, error: str = "") -> HttpResponse:
    person, rights = _person(request), of_request(request)
    page = ViewsPage(
        scope=scope,
        views=await sync_to_async(menu)(person, rights, scope),
        runs_url=links.all_runs_url(scope),
        may_share=rights.may("view.share", scope.project),
        error=error,
    )
    deleted = request.GET.get("deleted", "")
    if deleted.isdecimal() and len(deleted) < 12:
        gone = await sync_to_async(keeping.get)(person, rights, int(deleted), deleted=True)
        if gone and gone.deleted_at and keeping.may_change(gone, person, rights):
            page = replace(page, undo=view_row(gone, person, rights, scope))
    status = 400 if error else 200
    return render(request, "saved_views/list.html", {"page": page}, status=status)


async def _found(
    request: HttpRequest, scope: Scope, number: int, *, deleted: bool = False
) -> SavedView:
    found = await sync_to_async(keeping.get)(
        _person(request), of_request(request), number, deleted=deleted
    )
    if found is None:
        raise PageProblem(no_view(scope))
    return found


async def _changeable(
    request: HttpRequest, project: str, domain: str, number: int, *, deleted: bool = False
) -> tuple[Scope, SavedView]:
    """The scope of the address, and a view of it that the person may change."""
    scope = await existing_scope(request, project, domain, action="run.list")
    found = await _found(request, scope, number, deleted=deleted)
    if not keeping.may_change(found, _person(request), of_request(request)):
        await require(request, "view.share", found.project, found.name)
    return scope, found


def no_view(scope: Scope) -> ErrorPage:
    return ErrorPage(
        404,
        "No such view",
        "There is no saved view of that number, or it is not shared with you.",
        "Choose one from the list of views.",
        links=(("Saved views", links.views_url(scope)), home_link()),
    )


def _content(request: HttpRequest) -> Content:
    given = request.POST
    return Content(
        " ".join(given.get("q", "").split()), given.get("sort", ""), given.get("columns", "")
    )


def _person(request: HttpRequest) -> Person:
    person = person_of(request)
    assert person is not None
    return person


async def _record(request: HttpRequest, action: str, view: SavedView) -> None:
    shared = "shared, " if view.is_shared else ""
    detail = f"{view.name} ({shared}{view.where})"
    await audit.record(request, action, f"view {view.pk}", detail=detail)

"""Reads the address of a list: its query, order, columns and saved view; nothing is lost of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from dashboard.access.rights import Rights, of_request
from dashboard.errors import PageProblem
from dashboard.models import Person
from dashboard.pages import Scope
from dashboard.people import person_of
from dashboard.run_lists import columns
from dashboard.run_lists.lists import Asked
from dashboard.run_lists.pages import ViewMenu
from dashboard.run_lists.query import BadQuery, RunQuery
from dashboard.saved_views import keeping
from dashboard.saved_views.models import SavedView
from dashboard.saved_views.pages import ViewRow
from dashboard.saved_views.rows import menu, view_row
from dashboard.saved_views.views import no_view


@dataclass(frozen=True)
class Address:
    """What a list's address says, and the saved views that go with it."""

    text: str
    """The query as it was typed."""
    sort: str
    columns: frozenset[str]
    after: str
    before: str
    menu: ViewMenu
    opening: ViewRow | None = None
    """The view that the reader's list opens with, for an address that asks for nothing."""

    def asked(self) -> Asked:
        """Understood. Raises BadQuery."""
        query = RunQuery.parse(self.text, self.sort)
        kept = {"view": str(self.menu.current.id)} if self.menu.current else {}
        return Asked(query, self.columns, self.after, self.before, address=kept)


async def read_address(request: HttpRequest, scope: Scope) -> Address:
    """Raises PageProblem for a view that is not there."""
    person, rights = person_of(request), of_request(request)
    assert person is not None
    number = request.GET.get("view", "")
    view, found = await sync_to_async(_views)(person, rights, scope, number)
    if number and view is None:
        raise PageProblem(no_view(scope))
    text = request.GET.get("q", view.query if view else "")
    shown = Address(
        text=_with_older_filters(request, text),
        sort=request.GET.get("sort", view.sort if view else ""),
        columns=columns.chosen(request, view.columns if view else ""),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        menu=found,
    )
    if view is None:
        default = next((row for row in found.views if row.is_default), None)
        return replace(shown, opening=None if request.GET else default)
    return replace(shown, menu=replace(found, is_changed=_is_changed(shown, view)))


def _views(
    person: Person, rights: Rights, scope: Scope, number: str
) -> tuple[SavedView | None, ViewMenu]:
    is_number = number.isdecimal() and len(number) < 12
    view = keeping.get(person, rights, int(number)) if is_number else None
    found = ViewMenu(
        views=menu(person, rights, scope),
        current=view_row(view, person, rights, scope) if view else None,
        may_share=rights.may("view.share", scope.project),
        may_share_everywhere=rights.may("view.share"),
    )
    return view, found


def _with_older_filters(request: HttpRequest, text: str) -> str:
    """Addresses of before there was a query had `phase` and `task`."""
    older = (
        f'{field}:"{value}"' if " " in value else f"{field}:{value}"
        for field in ("phase", "task")
        if (value := request.GET.get(field, "").strip())
    )
    return " ".join(part for part in (text.strip(), *older) if part)


def _is_changed(shown: Address, view: SavedView) -> bool:
    if view.columns and shown.columns != columns.keys_of(view.columns):
        return True
    try:
        return RunQuery.parse(shown.text, shown.sort) != RunQuery.parse(view.query, view.sort)
    except BadQuery:
        return True

"""Saved views as their menu and their list show them."""

from __future__ import annotations

from dashboard import links
from dashboard.access.rights import Rights
from dashboard.models import Person
from dashboard.pages import Scope
from dashboard.saved_views import keeping
from dashboard.saved_views.models import SavedView
from dashboard.saved_views.pages import ViewRow


def menu(person: Person, rights: Rights, scope: Scope) -> tuple[ViewRow, ...]:
    """Every view that the person may use in the scope, their own first."""
    opening = keeping.opening_view(person, rights, scope)
    views = keeping.visible(person, rights, scope)
    rows = [view_row(view, person, rights, scope, opening) for view in views]
    return tuple(sorted(rows, key=lambda row: (not row.is_own, row.name.lower())))


def view_row(
    view: SavedView,
    person: Person,
    rights: Rights,
    scope: Scope,
    opening: SavedView | None = None,
) -> ViewRow:
    return ViewRow(
        id=view.pk,
        name=view.name,
        url=links.runs_url(scope, view=str(view.pk)),
        query=view.query,
        sort=view.sort,
        where=view.where,
        owner=str(view.owner),
        is_own=view.owner_id == person.pk,
        is_shared=view.is_shared,
        is_default=opening is not None and opening.pk == view.pk,
        may_change=keeping.may_change(view, person, rights),
    )

"""Keeps saved views: who sees which, who may change which, and what a list opens with.

Functions are for a thread (`sync_to_async`). A view that one may not see does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from dashboard.access.rights import Rights
from dashboard.models import Person
from dashboard.pages import Scope
from dashboard.saved_views.models import NAME_CHARS, QUERY_CHARS, DefaultView, SavedView

MOST_VIEWS = 200
"""Of one person: nobody needs more, and a script that makes them without end should be told."""

UNDO_KEPT = timedelta(days=1)


class NotKept(Exception):
    """The view can't be saved like this; the text says what to do."""


@dataclass(frozen=True)
class Content:
    """What of a list a view keeps."""

    query: str = ""
    sort: str = ""
    columns: str = ""


def visible(person: Person, rights: Rights, scope: Scope | None = None) -> list[SavedView]:
    """The person's own views and those shared with them, by name; of one scope when given."""
    own = Q(owner=person)
    found = _kept().filter(own | Q(is_shared=True)).select_related("owner")
    if scope is not None:
        here = Q(project=scope.project, domain=scope.domain)
        found = found.filter(here | Q(project=""))
    return [view for view in found if _may_see(view, person, rights)]


def get(person: Person, rights: Rights, number: int, *, deleted: bool = False) -> SavedView | None:
    """The view of that number, when the person may see it."""
    views = SavedView.objects if deleted else _kept()
    view = views.select_related("owner").filter(pk=number).first()
    return view if view is not None and _may_see(view, person, rights) else None


def may_change(view: SavedView, person: Person, rights: Rights) -> bool:
    """One's own, and shared ones of a project in which one may share."""
    if view.owner_id == person.pk:
        return True
    return view.is_shared and rights.may("view.share", view.project)


def create(
    person: Person, scope: Scope | None, name: str, content: Content, *, is_shared: bool = False
) -> SavedView:
    """Raises NotKept."""
    if _kept().filter(owner=person).count() >= MOST_VIEWS:
        raise NotKept(f"You have {MOST_VIEWS} views. Delete some that you no longer use.")
    view = SavedView(
        owner=person,
        project=scope.project if scope else "",
        domain=scope.domain if scope else "",
        is_shared=is_shared,
    )
    _fill(view, name, content)
    view.save()
    return view


def change(
    view: SavedView,
    *,
    name: str | None = None,
    content: Content | None = None,
    is_shared: bool | None = None,
) -> None:
    """What is None stays. Raises NotKept."""
    kept = Content(view.query, view.sort, view.columns)
    _fill(view, view.name if name is None else name, content or kept)
    if is_shared is not None:
        view.is_shared = is_shared
    view.updated_at = timezone.now()
    view.save()


def delete(view: SavedView) -> None:
    """Out of every list, until it is restored or a day has passed."""
    SavedView.objects.filter(deleted_at__lt=timezone.now() - UNDO_KEPT).delete()
    view.deleted_at = timezone.now()
    view.save(update_fields=["deleted_at"])


def restore(view: SavedView) -> None:
    view.deleted_at = None
    view.save(update_fields=["deleted_at"])


# --- what a list opens with ---------------------------------------------------------------------


def opening_view(person: Person, rights: Rights, scope: Scope) -> SavedView | None:
    """The view that the person's list of this scope opens with."""
    found = (
        DefaultView.objects.filter(person=person, project=scope.project, domain=scope.domain)
        .filter(view__deleted_at=None)
        .select_related("view__owner")
        .first()
    )
    return found.view if found and _may_see(found.view, person, rights) else None


@transaction.atomic
def open_with(person: Person, scope: Scope, view: SavedView | None) -> None:
    """None: the list opens with all runs again."""
    DefaultView.objects.filter(person=person, project=scope.project, domain=scope.domain).delete()
    if view is not None:
        DefaultView.objects.create(
            person=person, project=scope.project, domain=scope.domain, view=view
        )


# --- inside -------------------------------------------------------------------------------------


def _kept() -> QuerySet[SavedView]:
    return SavedView.objects.filter(deleted_at=None)


def _may_see(view: SavedView, person: Person, rights: Rights) -> bool:
    """A view of every project holds no name of one, so whoever has a role may see it."""
    if view.project and not rights.may("run.list", view.project):
        return False
    return view.owner_id == person.pk or view.is_shared


def _fill(view: SavedView, name: str, content: Content) -> None:
    name = " ".join(name.split())
    if not name:
        raise NotKept("Give the view a name.")
    if len(name) > NAME_CHARS:
        raise NotKept(f"A name has at most {NAME_CHARS} characters.")
    if len(content.query) > QUERY_CHARS:
        raise NotKept(f"A view's query has at most {QUERY_CHARS} characters.")
    same = _kept().filter(owner_id=view.owner_id, project=view.project, domain=view.domain)
    if same.filter(name=name).exclude(pk=view.pk).exists():
        raise NotKept(f"You have a view “{name}” here already. Choose another name.")
    view.name, view.query = name, content.query
    view.sort, view.columns = content.sort[:40], content.columns[:200]

"""Changes who may do what: gives and takes roles, closes and opens accounts.

Whatever would leave nobody with the role of admin everywhere is refused.
"""

from __future__ import annotations

from django.db import transaction

from dashboard.access.permissions import Role
from dashboard.access.rights import default_role
from dashboard.models import Grant, Person


class LastAdmin(Exception):
    """Nobody would be left who can manage people."""


def give(person: Person, role: Role, project: str, *, by: Person) -> Grant:
    """Give a role by hand; it replaces the one given by hand for the same place before.

    Raises LastAdmin when that would be the last admin's own lowering.
    """
    with transaction.atomic():
        _lock_admins()
        grant, _ = Grant.objects.update_or_create(
            person=person,
            project=project,
            origin=Grant.BY_HAND,
            defaults={"role": role.key, "given_by": by.username},
        )
        _keep_an_admin()
    return grant


def take(grant: Grant) -> None:
    """Take a role away. Raises LastAdmin."""
    with transaction.atomic():
        _lock_admins()
        grant.delete()
        _keep_an_admin()


def set_active(person: Person, is_active: bool) -> None:
    """Close an account, which ends its sign-ins, tokens and sockets, or open it again.

    Raises LastAdmin.
    """
    with transaction.atomic():
        _lock_admins()
        person.is_active = is_active
        person.save(update_fields=["is_active"])
        _keep_an_admin()


def _lock_admins() -> None:
    """So that two admins cannot remove one another at once."""
    list(Grant.objects.select_for_update().filter(project="", role=Role.ADMIN.key))


def _keep_an_admin() -> None:
    active = Person.objects.filter(is_active=True)
    by_grant = active.filter(grants__project="", grants__role=Role.ADMIN.key)
    if default_role() is Role.ADMIN or by_grant.exists():
        return
    if not active.filter(is_superuser=True).exists():
        raise LastAdmin("Flightboard needs one admin: give the role to somebody else first.")

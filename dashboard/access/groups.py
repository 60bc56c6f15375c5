"""Replaces a person's grants from groups by what the provider says at this sign-in."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from dashboard.access import audit
from dashboard.access.mapping import roles_of
from dashboard.models import AuditEntry, Grant, Person


def apply(person: Person, groups: Iterable[str]) -> None:
    """Give what ROLE_GROUPS maps the groups to, and take what an earlier sign-in gave.

    Grants given by hand stay. Synchronous, as the sign-in pipeline is. Nothing is written when
    nothing changes.
    """
    wanted = {project: role.key for project, role in roles_of(groups, settings.ROLE_GROUPS).items()}
    with transaction.atomic():
        own = Grant.objects.select_for_update().filter(person=person, origin=Grant.BY_GROUP)
        for grant in own:
            if wanted.get(grant.project) == grant.role:
                del wanted[grant.project]
            else:
                grant.delete()
                _note(person, "grant.take", grant)
        for project, role in wanted.items():
            grant = Grant.objects.create(
                person=person, project=project, role=role, origin=Grant.BY_GROUP
            )
            _note(person, "grant.give", grant)


def _note(person: Person, action: str, grant: Grant) -> None:
    audit.write(
        person="",
        action=action,
        thing=f"{person.username}: {grant}",
        result=AuditEntry.DONE,
        detail="by the identity provider's groups",
    )

"""Hears of what happens to people: marks changed access, and writes sign-ins to the audit log."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from dashboard.access import audit, changes
from dashboard.models import Grant, Person


@receiver([post_save, post_delete], sender=Grant)
def _grant_changed(instance: Grant, **kwargs: Any) -> None:
    changes.note(instance.person_id)


@receiver(post_save, sender=Person)
def _person_saved(
    instance: Person, created: bool, update_fields: Any = None, **kwargs: Any
) -> None:
    if created:
        audit.write(person="", action="person.make", thing=instance.username)
    is_sign_in_alone = update_fields is not None and set(update_fields) == {"last_login"}
    if not created and not is_sign_in_alone:
        changes.note(instance.pk)


@receiver(user_logged_in)
def _signed_in(request: HttpRequest | None, user: Person, **kwargs: Any) -> None:
    audit.write_for(request, "sign-in", person=user.username)


@receiver(user_logged_out)
def _signed_out(request: HttpRequest | None, user: Person | None, **kwargs: Any) -> None:
    if user is not None:
        audit.write_for(request, "sign-out", person=user.username)
        changes.note(user.pk)


@receiver(user_login_failed)
def _refused(
    credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """A name is written only when it is somebody's: people type passwords into the wrong field."""
    given = str(credentials.get("username", ""))
    is_known = bool(given) and Person.objects.filter(username=given).exists()
    audit.write_for(
        request,
        "sign-in",
        result=audit.REFUSED,
        person=given if is_known else "",
        detail="" if is_known else "no account of the name that was given",
    )

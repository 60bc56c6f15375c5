"""What the database holds about access: grants, their changes, the audit log and API tokens."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

ROLES = (("viewer", "viewer"), ("operator", "operator"), ("admin", "admin"))


class Grant(models.Model):
    """A role that a person has in one project, or everywhere."""

    BY_HAND, BY_GROUP = "hand", "group"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants"
    )
    project = models.CharField(max_length=255, blank=True, default="")
    """Empty for everywhere."""
    role = models.CharField(max_length=16, choices=ROLES)
    origin = models.CharField(max_length=8, default=BY_HAND)
    """`hand`: stays until it is taken away. `group`: replaced at each sign-in."""
    given_by = models.CharField(max_length=150, blank=True, default="")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "project", "origin"), name="one_grant_each_place"
            ),
        )
        ordering = ("project", "origin")

    def __str__(self) -> str:
        return f"{self.role} {f'in {self.project}' if self.project else 'everywhere'}"


class AccessChange(models.Model):
    """A mark that a person's access changed, for the open sockets of every server process."""

    person_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"access of person {self.person_id} at {self.at:%Y-%m-%d %H:%M:%S}"


class AppendOnly(Exception):
    """Somebody tried to change or delete what was written down for good."""


class _AppendOnlyQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Audit entries are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("Audit entries are never deleted.")


class AuditEntry(models.Model):
    """Who did what to which thing, and how it went. Only ever added to.

    It names people by text, so that it outlives their accounts.
    """

    DONE, REFUSED, FAILED = "done", "refused", "failed"

    at = models.DateTimeField(default=timezone.now, db_index=True)
    person = models.CharField(max_length=150, blank=True, db_index=True)
    """User name; empty for a stranger."""
    action = models.CharField(max_length=40, db_index=True)
    thing = models.CharField(max_length=500, blank=True)
    result = models.CharField(max_length=8)
    detail = models.CharField(max_length=500, blank=True)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    objects = _AppendOnlyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.person or '-'} {self.action} {self.result}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("Audit entries are never changed.")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Audit entries are never deleted.")


class ApiToken(models.Model):
    """A person's token for scripts; only its hash is kept."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=16, choices=ROLES)
    project = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"token {self.name!r} of person {self.person_id}"

    @property
    def is_good(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

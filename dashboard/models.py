"""What the database holds: the people who may sign in, and their one-time links."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    """Someone who may sign in. A class of our own, so that roles can join it later."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class SignInLink(models.Model):
    """A link that signs one person in once; only the hash of its token is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link for person {self.person_id}, good until {self.expires_at:%Y-%m-%d %H:%M:%S}"


# Below the people whom they belong to. Django looks for models in this module alone.
from dashboard.access.models import (  # noqa: E402
    AccessChange,
    ApiToken,
    AuditEntry,
    Grant,
)
from dashboard.identity.records import SignIn  # noqa: E402

__all__ = ["AccessChange", "ApiToken", "AuditEntry", "Grant", "Person", "SignIn", "SignInLink"]

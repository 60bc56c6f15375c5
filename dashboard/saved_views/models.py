"""Tables of saved views: what a list shows, under a name; and which one a list opens with."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

NAME_CHARS = 80
QUERY_CHARS = 1000


class SavedView(models.Model):
    """A query, an order and a choice of columns under a name.

    An empty project means every project. A deleted view is kept for a while, for the undo.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    project = models.CharField(max_length=255, blank=True, default="")
    domain = models.CharField(max_length=255, blank=True, default="")
    name = models.CharField(max_length=NAME_CHARS)
    query = models.CharField(max_length=QUERY_CHARS, blank=True, default="")
    sort = models.CharField(max_length=40, blank=True, default="")
    columns = models.CharField(max_length=200, blank=True, default="")
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name", "id")
        indexes = (models.Index(fields=("project", "domain"), name="views_of_a_scope"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.where})"

    @property
    def where(self) -> str:
        """Where it can be used, in words."""
        return f"{self.project}/{self.domain}" if self.project else "every project"


class DefaultView(models.Model):
    """The view that one person's list of a project and domain opens with."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="default_views"
    )
    project = models.CharField(max_length=255)
    domain = models.CharField(max_length=255)
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="defaults")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "project", "domain"), name="one_default_view_a_scope"
            ),
        )

    def __str__(self) -> str:
        return f"view {self.view_id} opens {self.project}/{self.domain} for {self.person_id}"

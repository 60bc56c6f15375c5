"""The table of wall links: addresses that show one wall to whoever has them, until revoked."""

from django.db import models
from django.utils import timezone

LABEL_CHARS = 80


class WallLink(models.Model):
    """A link's token is kept as a hash alone. An empty project or domain stands for all of them."""

    token_hash = models.CharField(max_length=64, unique=True)
    project = models.CharField(max_length=255, blank=True, default="")
    domain = models.CharField(max_length=255, blank=True, default="")
    label = models.CharField(max_length=LABEL_CHARS)
    made_by = models.CharField(max_length=150)
    """By name: the link outlives the account, as an entry of the audit log does."""
    made_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return f"{self.label}: {self.where}"

    @property
    def where(self) -> str:
        """What the wall is about, in words."""
        return where_of(self.project, self.domain)


def where_of(project: str, domain: str) -> str:
    if not project:
        return "All projects"
    return f"{project} / {domain}" if domain else project

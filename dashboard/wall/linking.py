"""Makes, finds and revokes wall links. A token has 256 random bits and is kept as its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from dashboard.access.rights import Rights
from dashboard.wall.models import WallLink

USE_NOTED = timedelta(minutes=1)
"""The time of the last use is written down at most this often."""


def make(person: str, *, project: str, domain: str, label: str) -> tuple[WallLink, str]:
    """A new link and its token, which nobody can read again."""
    token = secrets.token_urlsafe(32)
    link = WallLink.objects.create(
        token_hash=_hash(token), project=project, domain=domain, label=label, made_by=person
    )
    return link, token


def find(token: str) -> WallLink | None:
    """The link of a token, as long as it counts; its use is noted."""
    link = WallLink.objects.filter(token_hash=_hash(token), revoked_at=None).first()
    if link is not None:
        note_use(link)
    return link


def counts(link: WallLink) -> bool:
    """Whether it still counts; asked again and again while its wall is open, which is its use."""
    fresh = WallLink.objects.filter(pk=link.pk, revoked_at=None).first()
    if fresh is not None:
        note_use(fresh)
    return fresh is not None


def note_use(link: WallLink) -> None:
    now = timezone.now()
    if link.last_used_at is None or now - link.last_used_at > USE_NOTED:
        WallLink.objects.filter(pk=link.pk).update(last_used_at=now)


def kept_by(rights: Rights, project: str = "") -> list[WallLink]:
    """The links that somebody may revoke, the newest first; of one project when it is named."""
    links = WallLink.objects.filter(project=project) if project else WallLink.objects.all()
    return [link for link in links[:500] if rights.may("wall.link", link.project)]


def by_number(number: int) -> WallLink | None:
    return WallLink.objects.filter(pk=number).first()


def revoke(link: WallLink) -> None:
    """For good. Walls that it shows hear of it within seconds."""
    WallLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

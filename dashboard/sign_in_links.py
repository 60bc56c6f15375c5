"""One-time sign-in links: made at the shell of this machine, redeemed by its browser.

The token has 256 bits, is kept only as a SHA-256 hash, works once and expires soon.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from dashboard.models import Person, SignInLink


def make(person: Person) -> str:
    """A fresh token for the person; links that have expired are swept out on the way."""
    now = timezone.now()
    SignInLink.objects.filter(expires_at__lt=now).delete()
    token = secrets.token_urlsafe(32)
    lifetime = timedelta(seconds=settings.SIGN_IN_LINK_LIFETIME_S)
    SignInLink.objects.create(person=person, token_hash=_hash(token), expires_at=now + lifetime)
    return token


def redeem(token: str) -> Person | None:
    """The person whom the token signs in, or None when it is unknown, used or expired.

    The update is the claim: of two requests with the same token exactly one changes the row.
    """
    now = timezone.now()
    link = SignInLink.objects.filter(token_hash=_hash(token))
    if not link.filter(used_at=None, expires_at__gt=now).update(used_at=now):
        return None
    person = link.select_related("person").get().person
    return person if person.is_active else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

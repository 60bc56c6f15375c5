"""The database's record of a sign-in: whose, at which server, and its sealed tokens.

One row per sign-in of a browser, so that signing out of one browser leaves the others alone.
Whoever renews the tokens claims the row first: a refresh token counts once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from dashboard.identity.sealing import seal, unseal

CLAIM = timedelta(seconds=20)
"""How long one process may take to renew; then another one may try."""


@dataclass(frozen=True)
class Tokens:
    """What the server gave; `refresh` "" when it gave none. `repr` shows neither."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None


class SignIn(models.Model):
    """A person's sign-in at the platform's authorization server."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins"
    )
    provider = models.CharField(max_length=32)
    issuer = models.CharField(max_length=255)
    header_key = models.CharField(max_length=64, default="authorization")
    sealed = models.TextField()
    expires_at = models.DateTimeField(null=True)
    renewed_at = models.DateTimeField(default=timezone.now)
    renewals = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    began_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sign-in {self.pk} of person {self.person_id}"

    @property
    def tokens(self) -> Tokens:
        """Raises `sealing.UnreadableError`."""
        kept = json.loads(unseal(self.sealed)) if self.sealed else {}
        return Tokens(kept.get("access", ""), kept.get("refresh", ""), self.expires_at)

    @tokens.setter
    def tokens(self, tokens: Tokens) -> None:
        self.sealed = seal(json.dumps({"access": tokens.access, "refresh": tokens.refresh}))
        self.expires_at = tokens.expires_at


def begin(person_id: int, provider: str, issuer: str, header_key: str, tokens: Tokens) -> SignIn:
    """Keep a new sign-in; ended ones of long ago are swept out on the way."""
    long_ago = timezone.now() - timedelta(days=30)
    SignIn.objects.filter(ended_at__lt=long_ago).delete()
    row = SignIn(person_id=person_id, provider=provider, issuer=issuer[:255], header_key=header_key)
    row.tokens = tokens
    row.save()
    return row


def read(sign_in_id: int) -> SignIn | None:
    """The sign-in, if it counts; None when it ended or never was."""
    return SignIn.objects.filter(pk=sign_in_id, ended_at=None).first()


def newest_of(person_id: int) -> SignIn | None:
    """The person's newest sign-in that counts."""
    return SignIn.objects.filter(person_id=person_id, ended_at=None).order_by("-pk").first()


def claim(sign_in_id: int, renewals: int) -> bool:
    """Whether the caller may renew. The update is the lock: of several callers one changes it."""
    now = timezone.now()
    free = SignIn.objects.filter(pk=sign_in_id, renewals=renewals, ended_at=None).filter(
        Q(claimed_until=None) | Q(claimed_until__lt=now)
    )
    return bool(free.update(claimed_until=now + CLAIM))


def release(sign_in_id: int) -> None:
    """Give a claim up; somebody else may try at once."""
    SignIn.objects.filter(pk=sign_in_id).update(claimed_until=None)


def renew(sign_in_id: int, tokens: Tokens) -> bool:
    """Keep renewed tokens. False when the person signed out meanwhile: they must not come back."""
    row = SignIn(pk=sign_in_id)
    row.tokens = tokens
    return bool(
        SignIn.objects.filter(pk=sign_in_id, ended_at=None).update(
            sealed=row.sealed,
            expires_at=row.expires_at,
            renewed_at=timezone.now(),
            renewals=F("renewals") + 1,
            claimed_until=None,
        )
    )


def end(sign_in_id: int) -> None:
    """The sign-in counts no more, and its tokens are gone."""
    live = SignIn.objects.filter(pk=sign_in_id, ended_at=None)
    live.update(ended_at=timezone.now(), sealed="", claimed_until=None)


def sweep_attempts() -> None:
    """Forget sign-ins that somebody began an hour ago or more, and never finished."""
    from social_django.models import Association, Nonce

    hour_ago = int(timezone.now().timestamp()) - 3600
    Nonce.objects.filter(timestamp__lt=hour_ago).delete()
    Association.objects.filter(issued__lt=hour_ago).delete()

"""API tokens: made for a person, kept as a hash, found again by what a script sends.

A token is `fb_` and 256 random bits, so a plain SHA-256 is as good a hash as a slow one.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from dashboard.access.permissions import Role
from dashboard.access.rights import Rights, read_rights
from dashboard.models import ApiToken, Person

PREFIX = "fb_"
LONGEST_DAYS = 365
MOST_TOKENS = 50

USE_NOTED = timedelta(minutes=1)
"""The time of the last use is written down at most this often, not with every call."""


class NotGiven(Exception):
    """The token can't be made; the text says why."""


def make(person: Person, *, name: str, role: Role, project: str, days: int) -> tuple[ApiToken, str]:
    """A new token and its text, which nobody can read again.

    Raises NotGiven when the role is above what the person has there themselves.
    """
    rights = read_rights(person)
    own = rights.role_in(project) if project else rights.highest
    if role > own:
        where = f"in project {project!r}" if project else "anywhere"
        raise NotGiven(f"You are not {role.key} {where}, so a token of yours can't be either.")
    if not 1 <= days <= LONGEST_DAYS:
        raise NotGiven(f"A token lasts from 1 to {LONGEST_DAYS} days.")
    if ApiToken.objects.filter(person=person, revoked_at=None).count() >= MOST_TOKENS:
        raise NotGiven(f"You have {MOST_TOKENS} tokens already. Revoke one first.")
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=person,
        name=name,
        token_hash=_hash(text),
        role=role.key,
        project=project,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, text


def find(text: str) -> tuple[ApiToken, Rights] | None:
    """The token and what it may do now; None when it is unknown, revoked, expired or closed.

    It never may more than its owner: a role that the owner lost is lost to the token too.
    """
    if not text.startswith(PREFIX):
        return None
    token = ApiToken.objects.select_related("person").filter(token_hash=_hash(text)).first()
    if token is None or not token.is_good or not token.person.is_active:
        return None
    _note_use(token)
    rights = read_rights(token.person).limited_to(Role.named(token.role), token.project)
    return token, rights


def revoke(person: Person, token_id: int) -> ApiToken | None:
    """End a token of the person; None when they have no such token."""
    token = ApiToken.objects.filter(person=person, pk=token_id).first()
    if token is not None and token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
    return token


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USE_NOTED:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

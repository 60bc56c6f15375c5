"""Writes the audit log: who did what to which thing, when, from where, and how it went.

Whoever writes passes names and outcomes, never a value that was typed or a token.
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from dashboard.access.addresses import address_of
from dashboard.models import AuditEntry
from dashboard.people import person_of

DONE, REFUSED, FAILED = AuditEntry.DONE, AuditEntry.REFUSED, AuditEntry.FAILED


def write(
    *,
    person: str,
    action: str,
    thing: str = "",
    result: str = DONE,
    detail: str = "",
    address: str = "",
    request_id: str = "",
) -> None:
    """Add an entry; texts are cut to what the table takes, and freed of control characters."""
    AuditEntry.objects.create(
        person=_clean(person, 150),
        action=action,
        thing=_clean(thing, 500),
        result=result,
        detail=_clean(detail, 500),
        address=address,
        request_id=_clean(request_id, 64),
    )


def write_for(
    request: HttpRequest | None,
    action: str,
    thing: str = "",
    *,
    result: str = DONE,
    detail: str = "",
    person: str | None = None,
) -> None:
    """Add an entry about a request; `person` in the place of who is signed in, at a sign-in."""
    write(
        person=_who(request) if person is None else person,
        action=action,
        thing=thing,
        result=result,
        detail=detail or _means(request),
        address=address_of(request) if request is not None else "",
        request_id=getattr(request, "request_id", ""),
    )


async def record(request: HttpRequest, action: str, thing: str = "", **more: Any) -> None:
    """`write_for`, on the loop."""
    await sync_to_async(write_for)(request, action, thing, **more)


def _who(request: HttpRequest | None) -> str:
    person = person_of(request) if request is not None else None
    return person.username if person else ""


def _means(request: HttpRequest | None) -> str:
    """By which API token, if by one."""
    token = getattr(request, "api_token", None)
    return f"by API token {token.name!r}" if token is not None else ""


def _clean(text: str, most: int) -> str:
    plain = "".join(char if char.isprintable() else "�" for char in text)
    return plain if len(plain) <= most else plain[: most - 1] + "…"

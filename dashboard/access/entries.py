"""Searches the audit log: by person, action, thing and time, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from dashboard.models import AuditEntry

PAGE_ENTRIES = 100

FIELDS = ("person", "action", "thing", "since", "until")


class BadSearch(ValueError):
    """What was asked for makes no sense; the text says why."""


@dataclass(frozen=True)
class Search:
    """Empty texts and None filter nothing. `thing` is found anywhere in the thing's name."""

    person: str = ""
    action: str = ""
    thing: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Search:
        """From the fields of a form; moments are ISO 8601, UTC unless they say. Raises BadSearch"""
        return cls(
            person=given.get("person", "").strip(),
            action=given.get("action", "").strip(),
            thing=given.get("thing", "").strip(),
            since=_moment(given.get("since", "")),
            until=_moment(given.get("until", "")),
        )

    def entries(self) -> QuerySet[AuditEntry]:
        filters: dict[str, Any] = {
            "person": self.person,
            "action": self.action,
            "thing__icontains": self.thing,
            "at__gte": self.since,
            "at__lte": self.until,
        }
        asked = {name: value for name, value in filters.items() if value}
        return AuditEntry.objects.filter(**asked).order_by("-pk")

    def page(self, before: int | None) -> tuple[list[AuditEntry], int | None]:
        """Up to 100 entries older than entry `before`, and where the next page begins."""
        entries = self.entries()
        if before is not None:
            entries = entries.filter(pk__lt=before)
        found = list(entries[: PAGE_ENTRIES + 1])
        rest = found[PAGE_ENTRIES:]
        found = found[:PAGE_ENTRIES]
        return found, found[-1].pk if rest else None


def _moment(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadSearch(f"{text!r} is not a time such as 2026-05-04T12:00.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

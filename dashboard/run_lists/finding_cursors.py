"""Where a page of a list ends: a cursor that stays right while runs come and go."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from dashboard.run_lists.facts import RunFacts
from dashboard.run_lists.query_words import BadQuery

OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Place:
    """Where a run stands among runs by when they were created."""

    started: datetime
    name: str
    project: str = ""
    domain: str = ""


def place_of(facts: RunFacts) -> Place:
    return Place(facts.started or OLDEST, facts.name, facts.project, facts.domain)


@dataclass(frozen=True)
class Cursor:
    """It counts by the `place` of a run, by the platform's `token`, or by a key of the `index`."""

    kind: str
    parts: tuple[str | int, ...]

    def text(self) -> str:
        packed = json.dumps([self.kind, *self.parts], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """None for the beginning. Raises BadQuery for what this server never gave."""
        if not text:
            return None
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            kind, *parts = json.loads(raw)
            cursor = cls(kind, tuple(parts))
            if kind == "place":
                cursor.place()
            if not all(isinstance(part, str | int) for part in parts) or kind not in _KINDS:
                raise ValueError(kind)
        except (ValueError, TypeError):
            raise BadQuery("The page's address is not whole.", 0, "Begin with the first.") from None
        return cursor

    @classmethod
    def at(cls, place: Place) -> Cursor:
        return cls("place", (place.started.isoformat(), place.name, place.project, place.domain))

    def place(self) -> Place:
        """Raises ValueError."""
        started, name, project, domain = (str(part) for part in self.parts)
        at = datetime.fromisoformat(started)
        if at.tzinfo is None:
            raise ValueError(started)
        return Place(at, name, project, domain)


_KINDS = ("place", "token", "index")

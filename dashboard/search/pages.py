"""What the search finds, for its page, the palette and the API alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dashboard.pages import Scope


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    more: str = ""
    """What tells it from others of its name."""
    icon: str = "search"
    phase: str = ""
    """Of a run: the key of its phase, and `icon` is the phase's."""


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    items: tuple[Item, ...] = ()
    note: str = ""
    """Why it is empty although there may be something."""
    more_url: str = ""
    """Where all of them are."""

    def as_json(self) -> dict[str, Any]:
        items = [vars(item) for item in self.items]
        return {"key": self.key, "title": self.title, "note": self.note, "items": items}


@dataclass(frozen=True)
class SearchPage:
    text: str
    kind: str
    scope: Scope | None
    """Where tasks, triggers and secrets are looked for; None when no project was visited."""
    groups: tuple[Group, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not any(group.items for group in self.groups)

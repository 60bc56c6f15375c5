"""Search, filters and order of the triggers' list, as its address says them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from dashboard.triggers.pages import Choice, TriggerRow

_LATE = datetime.max.replace(tzinfo=UTC)
_EARLY = datetime.min.replace(tzinfo=UTC)
_FAILURES = ("failed", "timed_out")

FILTERS: tuple[tuple[str, str, str], ...] = (
    ("", "", "All"),
    ("status", "on", "On"),
    ("status", "off", "Off"),
    ("last", "failed", "Last run failed"),
    ("automation", "schedule", "On a schedule"),
    ("automation", "none", "By hand"),
)
"""(parameter, value, label); one at a time, as the choices above a list go."""

SORTS: Mapping[str, Callable[[TriggerRow], Any]] = {
    "name": lambda row: (row.name.casefold(), row.key),
    "task": lambda row: (row.task_name.casefold(), row.key),
    "status": lambda row: (not row.is_active, row.key),
    "next": lambda row: (row.next_at or _LATE, row.key),
    "last": lambda row: ((row.last.started_at if row.last else row.last_at) or _EARLY, row.key),
    "updated": lambda row: (row.updated_at or _EARLY, row.key),
}
DEFAULT_SORT = "status"


@dataclass(frozen=True)
class Question:
    """What the address asks for; whatever it says that means nothing is left out."""

    search: str = ""
    status: str = ""
    last: str = ""
    automation: str = ""
    task: str = ""
    sort: str = DEFAULT_SORT
    descending: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Question:
        sort = query.get("sort", "") or DEFAULT_SORT
        key = sort.removeprefix("-")
        known = {(name, value) for name, value, _ in FILTERS}

        def chosen(name: str) -> str:
            value = query.get(name, "")
            return value if (name, value) in known else ""

        return cls(
            search=query.get("q", "").strip()[:200],
            status=chosen("status"),
            last=chosen("last"),
            automation=chosen("automation"),
            task=query.get("task", "").strip()[:255],
            sort=key if key in SORTS else DEFAULT_SORT,
            descending=sort.startswith("-") and key in SORTS,
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.search or self.status or self.last or self.automation or self.task)

    def matches(self, row: TriggerRow) -> bool:
        words = f"{row.name} {row.task_name} {row.words} {row.cron} {row.updated_by}".lower()
        return (
            all(word in words for word in self.search.lower().split())
            and self.status in ("", "on" if row.is_active else "off")
            and self.automation in ("", row.automation)
            and self.task in ("", row.task_name)
            and (not self.last or bool(row.last and row.last.phase.key in _FAILURES))
        )

    def of_rows(self, rows: Sequence[TriggerRow]) -> tuple[TriggerRow, ...]:
        """Those that match, in order."""
        found = [row for row in rows if self.matches(row)]
        return tuple(sorted(found, key=SORTS[self.sort], reverse=self.descending))

    def url(self, path: str, **changes: str) -> str:
        """The list's address with these changes; "" takes a part out."""
        sort = f"-{self.sort}" if self.descending else self.sort
        parts = {
            "q": self.search,
            "status": self.status,
            "last": self.last,
            "automation": self.automation,
            "task": self.task,
            "sort": "" if sort == DEFAULT_SORT else sort,
            **changes,
        }
        query = urlencode({key: value for key, value in parts.items() if value})
        return f"{path}?{query}" if query else path

    def filters(self, path: str) -> tuple[Choice, ...]:
        cleared = {"status": "", "last": "", "automation": ""}
        return tuple(
            Choice(
                label,
                self.url(path, **{**cleared, **({name: value} if name else {})}),
                is_chosen=self._is_chosen(name, value),
            )
            for name, value, label in FILTERS
        )

    def _is_chosen(self, name: str, value: str) -> bool:
        if name:
            return bool(getattr(self, name) == value)
        return not (self.status or self.last or self.automation)

    def sorts(self, path: str) -> dict[str, Choice]:
        """For each column the order that a click on its head gives."""
        found = {}
        for key in SORTS:
            is_chosen = key == self.sort
            wanted = f"-{key}" if is_chosen and not self.descending else key
            mark = ("descending" if self.descending else "ascending") if is_chosen else ""
            found[key] = Choice(key, self.url(path, sort=wanted), is_chosen, mark)
        return found

    def hidden_fields(self) -> tuple[tuple[str, str], ...]:
        """What a new search keeps."""
        sort = f"-{self.sort}" if self.descending else self.sort
        kept = (
            ("status", self.status),
            ("last", self.last),
            ("automation", self.automation),
            ("task", self.task),
            ("sort", "" if sort == DEFAULT_SORT else sort),
        )
        return tuple((name, value) for name, value in kept if value)

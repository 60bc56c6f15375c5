"""What the apps' templates may use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from dashboard.pages import Scope


@dataclass(frozen=True)
class AppStatus:
    """A status as icon, word and hue, in the manner of phases."""

    key: str
    label: str
    icon: str
    hue: str


@dataclass(frozen=True)
class AppRow:
    """One line of the list; live key: the app's name."""

    name: str
    url: str
    status: AppStatus
    message: str
    replicas: int
    most: int
    endpoint: str
    """Only an address of the web; empty for anything else."""
    kind: str
    is_wanted: bool
    """Whether it is to be up."""
    updated_at: datetime | None


@dataclass(frozen=True)
class AppsPage:
    scope: Scope
    apps: tuple[AppRow, ...]
    total: int
    hidden: tuple[str, ...]
    search: str
    status: str
    cursor: str
    endpoint: str
    is_served: bool = True
    """False where the platform serves no apps at all."""

    @property
    def hidden_json(self) -> str:
        return json.dumps(self.hidden)


@dataclass(frozen=True)
class ConditionRow:
    status: AppStatus
    substate: str
    message: str
    at: datetime | None
    by: str


@dataclass(frozen=True)
class AppPage:
    scope: Scope
    app: AppRow
    description: str
    facts: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    conditions: tuple[ConditionRow, ...]
    command: str
    json: str
    tab: str

"""What the secrets' templates may use. No value of a secret is ever among it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.pages import Scope

AT_PROJECT, AT_DOMAIN, AT_ORG = "project", "domain", "org"
REACHES = (AT_PROJECT, AT_DOMAIN, AT_ORG)
"""Where a secret can be kept, the nearest to a task first: the first of a name is what it gets."""


@dataclass(frozen=True)
class SecretRow:
    """One secret of one scope; live key: `<reach>:<name>`."""

    key: str
    name: str
    url: str
    reach: str
    """`project` (this project and domain), `domain` or `org`."""
    place: str
    """The reach in words."""
    kind: str
    """`regular` or `image_pull`."""
    created_at: datetime | None
    status: str
    clusters: tuple[tuple[str, str], ...]
    overridden_by: str = ""
    """Where the nearer one of the same name is; empty when a task gets this one."""
    overrides: tuple[str, ...] = ()
    """The wider places where the same name is, too."""

    @property
    def is_missing(self) -> bool:
        """Whether the platform says that it isn't everywhere where it should be."""
        return self.status == "partially_present"


@dataclass(frozen=True)
class Refusal:
    """A scope whose secrets the platform would not list."""

    place: str
    says: str


@dataclass(frozen=True)
class SecretsPage:
    scope: Scope
    secrets: tuple[SecretRow, ...]
    total: int
    hidden: tuple[str, ...]
    refusals: tuple[Refusal, ...]
    search: str
    reach: str
    cursor: str
    may_write: tuple[str, ...]
    """Reaches in which the reader may write."""

    @property
    def hidden_json(self) -> str:
        return json.dumps(self.hidden)

    @property
    def is_filtered(self) -> bool:
        return bool(self.search or self.reach)


@dataclass(frozen=True)
class Place:
    """A reach that a form offers."""

    key: str
    words: str
    is_allowed: bool


@dataclass(frozen=True)
class SecretPage:
    scope: Scope
    secret: SecretRow
    snippet: str
    others: tuple[SecretRow, ...]
    """The same name elsewhere."""
    may_write: bool
    may_delete: bool
    error: str = ""


@dataclass(frozen=True)
class NewSecretPage:
    scope: Scope
    places: tuple[Place, ...]
    name: str = ""
    at: str = AT_PROJECT
    kind: str = "regular"
    errors: dict[str, str] = field(default_factory=dict)

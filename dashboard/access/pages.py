"""What the pages about people, the audit log and API tokens may use: a dataclass each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class GrantRow:
    id: int
    role: str
    project: str
    """Empty for everywhere."""
    is_from_group: bool
    given_by: str


@dataclass(frozen=True)
class PersonRow:
    id: int
    username: str
    name: str
    is_active: bool
    is_self: bool
    is_superuser: bool
    last_seen_at: datetime | None
    """The last sign-in."""
    grants: tuple[GrantRow, ...]


@dataclass(frozen=True)
class PeoplePage:
    people: tuple[PersonRow, ...]
    search: str
    next_url: str
    """The people that follow by name; empty on the last page."""
    roles: tuple[str, ...]
    default_role: str
    is_gate: bool
    """These roles are the only gate: the platform itself does not know who asks."""


@dataclass(frozen=True)
class AuditRow:
    at: datetime
    person: str
    action: str
    thing: str
    result: str
    detail: str
    address: str
    request_id: str


@dataclass(frozen=True)
class AuditPage:
    entries: tuple[AuditRow, ...]
    asked: dict[str, str]
    """What the reader filters by: person, action, thing, since, until."""
    actions: tuple[str, ...]
    older_url: str
    newest_url: str
    """Back to the first page; empty when this is it."""
    export_url: str
    error: str


@dataclass(frozen=True)
class TokenRow:
    id: int
    name: str
    role: str
    project: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    is_good: bool
    is_revoked: bool


@dataclass(frozen=True)
class TokensPage:
    tokens: tuple[TokenRow, ...]
    roles: tuple[str, ...]
    """Roles that a token of this person may have."""
    new_token: str
    """The token that was just made, shown this once; empty otherwise."""
    error: str
    api_url: str

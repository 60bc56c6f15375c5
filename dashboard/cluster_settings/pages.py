"""What the settings' templates may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dashboard.pages import Scope

LEVELS = ("org", "domain", "project")


@dataclass(frozen=True)
class SettingRow:
    name: str
    kind: str
    text: str
    """Its value in words; empty where nothing is set."""
    level: str
    """Where it comes from, in words; empty for nowhere."""
    is_own: bool
    """Whether the chosen level itself says it."""
    is_none: bool
    """Whether it is explicitly nothing."""


@dataclass(frozen=True)
class SettingGroup:
    title: str
    settings: tuple[SettingRow, ...]


@dataclass(frozen=True)
class LevelChoice:
    key: str
    words: str
    url: str
    is_chosen: bool
    says: int
    """How many settings the level itself says."""
    may_change: bool


@dataclass(frozen=True)
class RoleRule:
    """A group of the provider, and what its members are."""

    group: str
    role: str
    place: str


@dataclass(frozen=True)
class OwnSettings:
    """What this dashboard is, and who the reader is to it."""

    endpoint: str
    is_plaintext: bool
    calls_as: str
    """As whom calls of this reader reach the platform."""
    sign_in_ways: tuple[str, ...]
    default_role: str
    rules: tuple[RoleRule, ...]
    person: str
    role_here: str
    may: tuple[str, ...]
    """What the reader may do here, in words."""
    may_not: tuple[str, ...]
    is_gate: bool
    """Whether the roles here are the only gate."""
    index: str
    index_heard_at: datetime | None
    spool_logs: int
    spool_bytes: int


@dataclass(frozen=True)
class SettingsPage:
    scope: Scope
    levels: tuple[LevelChoice, ...]
    groups: tuple[SettingGroup, ...]
    own: OwnSettings
    problem: str = ""
    """Why there are no settings of the platform's to show."""
    edit_url: str = ""


@dataclass(frozen=True)
class SettingField:
    """One setting of the form: inherited, nothing, or a value."""

    name: str
    kind: str
    state: str
    """`inherit`, `none` or `value`."""
    text: str
    inherited: str
    """What it would be if it inherits, and from where."""
    error: str = ""


@dataclass(frozen=True)
class SettingsFormPage:
    scope: Scope
    level: str
    words: str
    version: int
    fields: tuple[SettingField, ...]
    cancel_url: str
    conflict: str = ""
    errors: dict[str, str] = field(default_factory=dict)

"""What the projects' templates may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.triggers.pages import LastRun


@dataclass(frozen=True)
class Counts:
    """What the run index knows of a project."""

    going_on: int
    failed: int
    """Within the last day."""


@dataclass(frozen=True)
class DomainLinks:
    """A domain of a project, and the ways into it."""

    name: str
    runs: str
    tasks: str
    triggers: str
    apps: str
    secrets: str
    settings: str


@dataclass(frozen=True)
class ProjectRow:
    id: str
    name: str
    url: str
    description: str
    is_archived: bool
    labels: tuple[tuple[str, str], ...]
    domains: tuple[DomainLinks, ...]
    counts: Counts | None = None
    """None where the index does not cover it."""


@dataclass(frozen=True)
class ProjectsPage:
    projects: tuple[ProjectRow, ...]
    endpoint: str
    search: str
    shows_archived: bool
    total: int
    may_create: bool
    note: str = ""
    """What a reader should know about the counts."""


@dataclass(frozen=True)
class Holder:
    """A person with a role in the project."""

    person: str
    role: str
    place: str
    """`here` or `everywhere`."""
    how: str
    """Where the role comes from; empty when somebody gave it."""


@dataclass(frozen=True)
class DomainRuns:
    """The newest runs of one domain, or why they could not be listed."""

    domain: DomainLinks
    runs: tuple[LastRun, ...]
    tasks: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True)
class ProjectPage:
    project: ProjectRow
    domains: tuple[DomainRuns, ...]
    holders: tuple[Holder, ...]
    default_role: str
    may_change: bool
    may_see_secrets: bool
    error: str = ""


@dataclass(frozen=True)
class ProjectFormPage:
    values: dict[str, str]
    is_new: bool
    cancel_url: str
    errors: dict[str, str] = field(default_factory=dict)

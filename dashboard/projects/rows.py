"""Rows of the projects' list: the platform's projects, and what the run index counts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.urls import reverse

from dashboard.index.states import index_state
from dashboard.index.statistics import counts_by_active_phase, counts_by_phase
from dashboard.pages import Scope
from dashboard.projects.pages import Counts, DomainLinks, ProjectRow
from remote_client import Project

MOST_COUNTED = 60
"""Projects whose runs are counted on one page."""

_DAY = timedelta(days=1)


def project_row(project: Project, counts: Counts | None = None) -> ProjectRow:
    return ProjectRow(
        id=project.id,
        name=project.name,
        url=reverse("project", kwargs={"project": project.id}),
        description=project.description,
        is_archived=is_archived(project),
        labels=tuple(sorted(project.labels.items())),
        domains=tuple(links_of(project.id, domain.id) for domain in project.domains),
        counts=counts,
    )


def is_archived(project: Project) -> bool:
    return "archived" in project.state


def links_of(project: str, domain: str) -> DomainLinks:
    base = Scope(project=project, domain=domain).base_url
    return DomainLinks(
        name=domain,
        runs=f"{base}/runs",
        tasks=f"{base}/tasks",
        triggers=f"{base}/triggers",
        apps=f"{base}/apps",
        secrets=f"{base}/secrets",
        settings=f"{base}/settings",
    )


async def counts_of(projects: Sequence[Project]) -> tuple[dict[str, Counts], str]:
    """What goes on and what failed, by project; and what to say about how true that is."""
    state = await index_state()
    if not state.is_usable:
        return {}, ""
    covered = [project for project in projects if state.covers(scopes_of(project))]
    found = await asyncio.gather(*(_counts(project) for project in covered[:MOST_COUNTED]))
    counted = covered[:MOST_COUNTED]
    return {p.id: counts for p, counts in zip(counted, found, strict=True)}, state.note


def scopes_of(project: Project) -> tuple[Scope, ...]:
    return tuple(Scope(project=project.id, domain=domain.id) for domain in project.domains)


async def _counts(project: Project) -> Counts:
    scopes = scopes_of(project)
    going_on = await counts_by_active_phase(scopes)
    since = await counts_by_phase(scopes, datetime.now(UTC) - _DAY)
    failed = since.get("failed", 0) + since.get("timed_out", 0)
    return Counts(going_on=sum(going_on.values()), failed=failed)

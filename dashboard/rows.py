"""Rows of the lists: from the platform's projects and runs to what their partials draw."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard import links
from dashboard.pages import ProjectRow, RunRow, Scope
from dashboard.phases import style_of
from dashboard.run_lists.facts import RunFacts, facts_of
from remote_client import Project, Run


def project_row(project: Project) -> ProjectRow:
    return ProjectRow(
        id=project.id,
        name=project.name or project.id,
        description=project.description,
        is_archived="archived" in str(project.state).lower(),
        domains=tuple(domain.id for domain in project.domains),
    )


def run_row(scope: Scope, run: Run, error_line: str = "") -> RunRow:
    """One line of the list; `error_line` is known only once the run's details were read."""
    return row_of(facts_of(scope, run, error_line))


def row_of(facts: RunFacts) -> RunRow:
    """One line of a list, from what the index or the platform knows of the run."""
    return RunRow(
        name=facts.name,
        url=links.run_url(facts.scope, facts.name),
        task_name=facts.task or facts.name,
        owner=facts.owner,
        source=facts.source,
        phase=style_of(facts.phase),
        started_at=facts.started,
        ended_at=facts.ended,
        attempts=facts.attempts,
        error_line=facts.error_line,
        order=_order(facts.started, facts.name),
        where=f"{facts.project} / {facts.domain}",
        trigger=facts.trigger,
        version=facts.version,
        labels=facts.labels,
    )


def run_order(run: Run) -> str:
    """Sorts runs by when they were created, then by name; the newest is the greatest."""
    return _order(run.start_time, run.name)


def _order(started: datetime | None, name: str) -> str:
    at = started or datetime.min.replace(tzinfo=UTC)
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f} {name}"

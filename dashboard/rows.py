"""Rows of the lists: from the platform's projects and runs to what their partials draw."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard import links
from dashboard.pages import ProjectRow, RunRow, Scope
from dashboard.phases import style_of
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
    return RunRow(
        name=run.name,
        url=links.run_url(scope, run.name),
        task_name=run.task_name or run.short_name,
        owner=run.owner,
        source=run.source,
        phase=style_of(run.phase.value),
        started_at=run.start_time,
        ended_at=run.end_time if run.phase.is_terminal else None,
        attempts=run.attempts,
        error_line=error_line,
        order=run_order(run),
    )


def run_order(run: Run) -> str:
    """Sorts runs by when they were created, then by name; the newest is the greatest."""
    at = run.start_time or datetime.min.replace(tzinfo=UTC)
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f} {run.name}"

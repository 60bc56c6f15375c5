"""What the API answers with: one schema a thing, which is also its OpenAPI description."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema

from remote_client import Action, Project, Run


class ProjectOut(Schema):
    id: str
    name: str
    description: str
    state: str
    domains: list[str]

    @classmethod
    def of(cls, project: Project) -> ProjectOut:
        return cls(
            id=project.id,
            name=project.name,
            description=project.description,
            state=str(project.state),
            domains=[domain.id for domain in project.domains],
        )


class ProjectsOut(Schema):
    items: list[ProjectOut]


class RunOut(Schema):
    name: str
    project: str
    domain: str
    phase: str
    task: str
    task_version: str
    owner: str
    source: str
    attempts: int
    start_time: datetime | None
    end_time: datetime | None

    @classmethod
    def of(cls, run: Run) -> RunOut:
        return cls(
            name=run.name,
            project=run.project,
            domain=run.domain,
            phase=run.phase.value,
            task=run.task_name or "",
            task_version=run.task_version or "",
            owner=run.owner,
            source=run.source,
            attempts=run.attempts,
            start_time=run.start_time,
            end_time=run.end_time,
        )


class RunsOut(Schema):
    items: list[RunOut]
    next_token: str
    """Ask again with `token` set to it; empty on the last page."""


class ActionOut(Schema):
    name: str
    parent: str
    kind: str
    phase: str
    task: str
    attempts: int
    start_time: datetime | None
    end_time: datetime | None

    @classmethod
    def of(cls, action: Action) -> ActionOut:
        return cls(
            name=action.name,
            parent=action.parent_name,
            kind=action.kind,
            phase=action.phase.value,
            task=action.task_name or "",
            attempts=action.attempts,
            start_time=action.start_time,
            end_time=action.end_time,
        )


class ActionsOut(Schema):
    items: list[ActionOut]
    is_complete: bool
    """False when the platform had not told every action in time; ask again."""


class AbortIn(Schema):
    reason: str = ""


class AbortOut(Schema):
    run: str
    phase: str
    """The run's phase when it was asked to abort."""
    is_aborting: bool
    """False when the run had ended already, and then nothing was done."""


class RerunOut(Schema):
    run: str
    """The new run."""
    rerun_of: str


class ErrorOut(Schema):
    status: int
    error: str
    """What went wrong, in one sentence."""
    request_id: str

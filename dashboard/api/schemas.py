"""What the API answers with: one schema a thing, which is also its OpenAPI description."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema

from dashboard.pages import Scope
from dashboard.run_lists.facts import RunFacts, facts_of
from dashboard.tree_nodes import Facts
from remote_client import Project, Run


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
    trigger: str
    labels: dict[str, str]
    """Where they are known: the platform's lists may not tell them, and the run index does."""
    attempts: int
    start_time: datetime | None
    end_time: datetime | None
    error: str
    """The telling line of a failed run's error, where it is known."""

    @classmethod
    def of(cls, run: Run) -> RunOut:
        return cls.of_facts(facts_of(Scope(project=run.project, domain=run.domain), run))

    @classmethod
    def of_facts(cls, facts: RunFacts) -> RunOut:
        return cls(
            name=facts.name,
            project=facts.project,
            domain=facts.domain,
            phase=facts.phase,
            task=facts.task,
            task_version=facts.version,
            owner=facts.owner,
            source=facts.source,
            trigger=facts.trigger,
            labels=dict(facts.labels),
            attempts=facts.attempts,
            start_time=facts.started,
            end_time=facts.ended,
            error=facts.error_line,
        )


class RunsOut(Schema):
    items: list[RunOut]
    next_token: str
    """Ask again with `token` set to it; empty on the last page."""
    note: str = ""
    """What to know of this answer: how far it looked, or since when it is behind."""


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
    def of(cls, action: Facts) -> ActionOut:
        return cls(
            name=action.name,
            parent=action.parent_name,
            kind="task" if action.kind == "action" else action.kind,
            phase=action.phase.value,
            task=action.task_name,
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

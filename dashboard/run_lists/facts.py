"""What a list knows of a run: the plain values that filters ask and columns show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard.pages import Scope
from remote_client import Run

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RunFacts:
    """One run as a list sees it; "" and None stand for what the platform does not tell."""

    project: str
    domain: str
    name: str
    phase: str
    """As `remote_client.ActionPhase` spells it; `unknown` for one that a newer platform has."""
    task: str = ""
    version: str = ""
    owner: str = ""
    owner_id: str = ""
    """The subject of the owner's token."""
    source: str = ""
    trigger: str = ""
    labels: Labels = ()
    """Sorted by key."""
    started: datetime | None = None
    ended: datetime | None = None
    duration: timedelta | None = None
    """Of a run that has ended; one that goes on lasts until now."""
    error_line: str = ""
    attempts: int = 0

    @property
    def scope(self) -> Scope:
        return Scope(project=self.project, domain=self.domain)

    @property
    def is_ended(self) -> bool:
        return self.phase in ENDED

    def duration_at(self, now: datetime) -> timedelta | None:
        """How long it took, or takes so far."""
        if self.duration is not None or self.is_ended or self.started is None:
            return self.duration
        return max(now - self.started, timedelta())

    @property
    def search_text(self) -> str:
        """What free words are looked for in, in lower case: a line for each thing."""
        return search_text(self.name, self.task, self.owner, self.labels, self.error_line)


ENDED = frozenset({"succeeded", "recovered", "failed", "timed_out", "aborted"})
"""Phases that cannot change any more."""

FAILED = frozenset({"failed", "timed_out"})
"""Phases for which the platform tells an error."""


def search_text(name: str, task: str, owner: str, labels: Labels, error_line: str) -> str:
    texts = (name, task, owner, *(f"{key}={value}" for key, value in labels), error_line)
    return "\n".join(text for text in texts if text).lower()


def sorted_labels(labels: Iterable[tuple[str, str]]) -> Labels:
    return tuple(sorted(labels))


def facts_of(scope: Scope, run: Run, error_line: str = "") -> RunFacts:
    """From what the platform lists; `error_line` is known only once details were read."""
    is_ended = run.phase.is_terminal
    return RunFacts(
        project=scope.project,
        domain=scope.domain,
        name=run.name,
        phase=run.phase.value,
        task=run.task_name,
        version=run.task_version,
        owner=run.owner,
        owner_id=run.owner_subject,
        source=run.source,
        trigger=run.trigger_name,
        labels=sorted_labels(run.labels.items()),
        started=_utc(run.start_time),
        ended=_utc(run.end_time) if is_ended else None,
        duration=(run.duration or timedelta()) if is_ended else None,
        error_line=error_line,
        attempts=run.attempts,
    )


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at else None

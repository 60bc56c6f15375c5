"""What the tabs' templates may use beside values: events, links, stages, a condition's question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class EventRow:
    """Something that the cluster reported of an attempt."""

    at: datetime | None
    message: str
    reason: str
    is_warning: bool


@dataclass(frozen=True)
class LinkRow:
    """A page elsewhere about an attempt."""

    label: str
    url: str
    """Of http or https, or empty: what a plugin made up is no link then."""
    uri: str
    is_ready: bool


@dataclass(frozen=True)
class StageRow:
    """Queue, setup or run: how an attempt's time was spent."""

    label: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class ConditionPanel:
    """A question that a run waits with, and what was answered."""

    prompt: str
    is_markdown: bool
    description: str
    answer_type: str
    """`bool`, `int`, `float` or `str`; another word for what no form can answer."""
    deadline: datetime | None
    is_waiting: bool
    answer: str
    answered_by: str
    answer_url: str
    command: str
    """The same from a shell."""

"""The streams that the bench server sends, as bytes made beforehand.

What a stream holds is said by the name of the run (of the project, where runs are watched), so
that the bench and its server need no other channel: `Load("log", 200_000, 100).name`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from flyteidl2.common import identifier_pb2
from flyteidl2.common.phase_pb2 import (
    ACTION_PHASE_QUEUED,
    ACTION_PHASE_RUNNING,
    ACTION_PHASE_SUCCEEDED,
)
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.workflow import run_definition_pb2, run_service_pb2

PROJECT, DOMAIN = "bench", "development"
ROOT = "a0"
# A whole second of a day in 2026.
_START_S = 1_767_000_000


@dataclass(frozen=True, slots=True)
class Load:
    """What one stream holds: so many things, so many of them in a message (or a snapshot)."""

    kind: str
    count: int
    per_message: int = 1

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.count}-{self.per_message}"

    @classmethod
    def parse(cls, name: str) -> Self:
        kind, count, per_message = name.split("-")
        return cls(kind, int(count), int(per_message))


def log_lines(load: Load) -> list[bytes]:
    """TailLogs: `count` lines of about 90 characters, a millisecond apart."""
    return [_log_message(range(start, start + load.per_message)) for start in _starts(load)]


def _starts(load: Load) -> range:
    return range(0, load.count, load.per_message)


def _log_message(numbers: range) -> bytes:
    message = dataproxy_service_pb2.TailLogsResponse()
    lines = message.logs.add().lines
    for number in numbers:
        text = f"INFO step {number:07d} loss=0.4312 lr=0.001 samples/s=1832.4 gpu=0 epoch=3 of 12"
        line = lines.add(message=text, originator=1, short_pod_name="a0-0")
        _stamp(line.timestamp, number)
    return bytes(message.SerializeToString())


def action_details(load: Load) -> list[bytes]:
    """WatchActionDetails: `count` states of one action, each with one thing changed."""
    return [
        bytes(
            run_service_pb2.WatchActionDetailsResponse(
                details=details(load.name, number, is_last=number == load.count - 1)
            ).SerializeToString()
        )
        for number in range(load.count)
    ]


def details(run_name: str, number: int = 0, *, is_last: bool = True) -> Any:
    """The details of a task with a template, its attempt and its transitions."""
    base = action(run_name, ROOT, ACTION_PHASE_SUCCEEDED if is_last else ACTION_PHASE_RUNNING)
    message = run_definition_pb2.ActionDetails(
        id=base.id, metadata=base.metadata, status=base.status
    )
    message.status.duration_ms = number
    _describe_task(message.task.task_template)
    attempt = message.attempts.add(
        attempt=1, phase=message.status.phase, logs_available=True, cluster="local"
    )
    for phase in (ACTION_PHASE_QUEUED, ACTION_PHASE_RUNNING):
        _stamp(attempt.phase_transitions.add(phase=phase).start_time, phase)
    for event in range(3):
        _stamp(attempt.cluster_events.add(message=f"event {number + event}").occurred_at, event)
    return message


def _describe_task(template: Any) -> None:
    template.type, template.task_type_version = "python", 1
    template.id.name, template.id.version = "training.main", "3f1c0a9be2d7"
    template.metadata.retries.retries = 2
    container = template.container
    container.image = "registry.example/flyte:py3.11-3f1c0a9be2d7"
    container.args.extend(["a0", "--inputs", "s3://data/in.pb", "--outputs-path", "s3://data/out"])
    for number in range(4):
        container.env.add(key=f"VARIABLE_{number}", value=f"value {number}")


def action_updates(load: Load) -> list[bytes]:
    """WatchActions: a snapshot of `per_message` children, then one that changed with its root.

    The root is over in the last message alone.
    """
    children = [f"child-{number}" for number in range(load.per_message)]
    snapshot = [_enriched(load, ROOT, ACTION_PHASE_RUNNING, 0)]
    snapshot += [_enriched(load, child, ACTION_PHASE_QUEUED, 0) for child in children]
    batches = [snapshot[start : start + 100] for start in range(0, len(snapshot), 100)]
    last = load.count - len(batches) - 1
    for number in range(last + 1):
        changed = _enriched(load, children[number % len(children)], ACTION_PHASE_RUNNING, number)
        phase = ACTION_PHASE_SUCCEEDED if number == last else ACTION_PHASE_RUNNING
        batches.append([changed, _enriched(load, ROOT, phase, number)])
    return [_actions_message(batch) for batch in batches]


def _actions_message(batch: list[Any]) -> bytes:
    message = run_service_pb2.WatchActionsResponse(enriched_actions=batch)
    return bytes(message.SerializeToString())


def _enriched(load: Load, name: str, phase: int, number: int) -> Any:
    enriched = run_definition_pb2.EnrichedAction(
        action=action(load.name, name, phase), meets_filter=True
    )
    # What changes in each update: how often it was tried, or what its children are doing.
    if name == ROOT:
        enriched.children_phase_counts[ACTION_PHASE_RUNNING] = number + 1
    else:
        enriched.action.status.attempts = number + 1
    return enriched


def run_updates(load: Load) -> list[bytes]:
    """WatchRuns: `count` messages with one run each, of `per_message` runs that take turns.

    Each message changes its run. The run called "last" is in the last message alone.
    """
    messages = []
    for number in range(load.count):
        is_last = number == load.count - 1
        name = "last" if is_last else f"run-{number % load.per_message}"
        changed = action(name, ROOT, ACTION_PHASE_RUNNING)
        changed.status.attempts = number + 1
        run = run_definition_pb2.Run(action=changed)
        messages.append(run_service_pb2.WatchRunsResponse(runs=[run]).SerializeToString())
    return messages


def action(run_name: str, name: str, phase: int) -> Any:
    """An action as lists and watches tell of it."""
    run = identifier_pb2.RunIdentifier(project=PROJECT, domain=DOMAIN, name=run_name)
    message = run_definition_pb2.Action(
        id=identifier_pb2.ActionIdentifier(run=run, name=name),
        status=run_definition_pb2.ActionStatus(phase=phase, attempts=1),
    )
    _stamp(message.status.start_time, 0)
    metadata = message.metadata
    metadata.parent = "" if name == ROOT else ROOT
    metadata.action_type, metadata.environment_name = 1, "training"
    metadata.task.id.project, metadata.task.id.domain = PROJECT, DOMAIN
    metadata.task.id.name, metadata.task.id.version = "training.main", "3f1c0a9be2d7"
    metadata.task.task_type, metadata.task.short_name = "python", "main"
    metadata.executed_by.user.id.subject = "ada@example.com"
    return message


def _stamp(timestamp: Any, milliseconds: int) -> None:
    timestamp.seconds = _START_S + milliseconds // 1000
    timestamp.nanos = milliseconds % 1000 * 1_000_000

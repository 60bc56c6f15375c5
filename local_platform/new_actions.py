"""The first record of an action, from the request that creates it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flyteidl2.actions.actions_service_pb2 import Action
from flyteidl2.task.task_definition_pb2 import TaskIdentifier, TaskSpec
from flyteidl2.workflow.run_definition_pb2 import ActionType, ErrorInfo

from local_platform import clock, engine
from local_platform.store import ActionKey, ActionRecord, Store

_NEW_TASK = {"kind": ActionType.ACTION_TYPE_TASK, "phase": engine.QUEUED}


def root(
    store: Store, key: ActionKey, spec: TaskSpec, *, run_base: Path, input_uri: str
) -> ActionRecord:
    """The action `a0` of a new run."""
    at = clock.now()
    return ActionRecord(
        **key._asdict(),
        **_NEW_TASK,
        **_task_fields(store, spec, None, key),
        created_at=at,
        updated_at=at,
        input_uri=input_uri,
        run_base=str(run_base),
        output_uri=f"{run_base}/{key.name}/1",
    )


def child(store: Store, key: ActionKey, parent: ActionRecord, message: Action) -> ActionRecord:
    """A task, trace or condition that a running action enqueued."""
    at = clock.now()
    shared = {
        **key._asdict(),
        "parent": parent.name,
        "depth": parent.depth + 1,
        "grp": message.group,
        "input_uri": message.input_uri,
        "run_base": message.run_output_base or parent.run_base,
        "source": parent.source,
        "created_by": parent.created_by,
        "created_at": at,
        "updated_at": at,
    }
    if message.HasField("trace"):
        return ActionRecord(**{**shared, **_trace_fields(store, message, at)})
    if message.HasField("condition"):
        return ActionRecord(**{**shared, **_condition_fields(store, message)})
    spec = message.task.spec
    return ActionRecord(
        **shared,
        **_NEW_TASK,
        **_task_fields(store, spec, message.task.id, key),
        cache_key=message.task.cache_key.value,
        output_uri=f"{shared['run_base']}/{key.name}/1",
    )


def short_name(spec: TaskSpec) -> str:
    """The task's name for people: its own short name, or the last part of its full one."""
    return str(spec.short_name) or function_name(spec)


def function_name(spec: TaskSpec) -> str:
    return str(spec.task_template.id.name.rpartition(".")[2])


def _task_fields(
    store: Store, spec: TaskSpec, task: TaskIdentifier | None, key: ActionKey
) -> dict[str, Any]:
    template = spec.task_template
    named = task if task is not None and task.name else template.id
    return {
        "spec_id": store.specs.put(spec),
        "task_project": named.project or key.project,
        "task_domain": named.domain or key.domain,
        "task_name": named.name,
        "task_version": named.version,
        "task_type": template.type,
        "short_name": short_name(spec),
        "function_name": function_name(spec),
        "environment": spec.environment.name,
        "max_attempts": template.metadata.retries.retries + 1,
    }


def _trace_fields(store: Store, message: Action, now: int) -> dict[str, Any]:
    """A trace is over when it is told: the function ran inside its parent's process."""
    trace = message.trace
    started = clock.nanoseconds(trace.start_time) if trace.HasField("start_time") else now
    ended = clock.nanoseconds(trace.end_time) if trace.HasField("end_time") else now
    fields: dict[str, Any] = {
        "kind": ActionType.ACTION_TYPE_TRACE,
        "phase": trace.phase or engine.SUCCEEDED,
        "spec_id": store.specs.put(trace.spec),
        "short_name": trace.name,
        "output_uri": trace.outputs.output_uri,
        "created_at": started,
        "updated_at": now,
        "ended_at": ended,
        "duration_ms": max(ended - started, 0) // 1_000_000,
    }
    if fields["phase"] == engine.FAILED:
        failed = ErrorInfo(code="TraceFailed", message="The traced function raised.")
        fields["error"] = failed.SerializeToString()
    return fields


def _condition_fields(store: Store, message: Action) -> dict[str, Any]:
    condition = message.condition
    return {
        "kind": ActionType.ACTION_TYPE_CONDITION,
        "phase": engine.PAUSED,
        "spec_id": store.specs.put(condition),
        "short_name": condition.name,
    }

"""What is written down about actions and attempts as they begin, change and end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flyteidl2.core.catalog_pb2 import CatalogCacheStatus
from flyteidl2.workflow.run_definition_pb2 import ActionType

from local_platform import engine
from local_platform.engine import Decision, State, is_terminal
from local_platform.results import error_info
from local_platform.store import ActionRecord, AttemptRecord, CacheRecord


def with_cache(record: ActionRecord, cached: CacheRecord | None) -> ActionRecord:
    if not record.cache_key:
        return record
    if cached is None:
        return replace(record, cache_status=CatalogCacheStatus.CACHE_MISS)
    return replace(
        record,
        phase=engine.SUCCEEDED,
        output_uri=cached.output_uri,
        cache_status=CatalogCacheStatus.CACHE_HIT,
        ended_at=record.created_at,
        duration_ms=0,
    )


def first_attempt(record: ActionRecord) -> AttemptRecord:
    phases = [(record.phase, record.created_at)]
    if record.kind == ActionType.ACTION_TYPE_TASK and is_terminal(record.phase):
        phases.insert(0, (engine.QUEUED, record.created_at))
    return AttemptRecord(
        action_id=record.id,
        number=1,
        phase=record.phase,
        started_at=record.created_at,
        ended_at=record.ended_at,
        transitions=tuple(phases),
        error=record.error,
        output_uri=record.output_uri,
    )


def next_attempt(action_id: int, state: State, changes: dict[str, Any], at: int) -> AttemptRecord:
    return AttemptRecord(
        action_id=action_id,
        number=state.attempt,
        phase=state.phase,
        started_at=at,
        transitions=((state.phase, at),),
        output_uri=changes["output_uri"],
    )


def end_of(record: ActionRecord, at: int, decision: Decision) -> dict[str, Any]:
    """What a terminal phase adds to an action."""
    changes: dict[str, Any] = {
        "ended_at": at,
        "duration_ms": (at - record.created_at) // 1_000_000,
    }
    if decision.failure is not None:
        changes["error"] = error_info(decision.failure).SerializeToString()
        changes["recoverable"] = int(decision.failure.recoverable)
    if decision.state.phase == engine.SUCCEEDED and record.cache_key:
        changes["cache_status"] = int(CatalogCacheStatus.CACHE_POPULATED)
    return changes


def sentence(phase: int, decision: Decision, slots: int, pid: int) -> str:
    """What the attempt's history says about this step."""
    if decision.failure is not None:
        return decision.failure.message.partition("\n")[0][:300]
    return {
        engine.WAITING: f"Waiting for a slot: all {slots} are in use.",
        engine.INITIALIZING: "A slot is free; the process is being started.",
        engine.RUNNING: f"Process {pid} runs." if pid else "The process runs.",
        engine.SUCCEEDED: "Ended with a result.",
        engine.ABORTED: "Aborted.",
    }.get(phase, "")

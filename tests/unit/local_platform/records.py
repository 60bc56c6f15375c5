"""Records for tests, with all that a test does not care about filled in."""

from __future__ import annotations

from typing import Any

from flyteidl2.workflow.run_definition_pb2 import ActionType

from local_platform import engine
from local_platform.store import ActionKey, ActionRecord

PROJECT, DOMAIN = "flytesnacks", "development"


def key(name: str = "a0", run: str = "r1") -> ActionKey:
    return ActionKey(PROJECT, DOMAIN, run, name)


def action(name: str = "a0", *, run: str = "r1", **fields: Any) -> ActionRecord:
    filled: dict[str, Any] = {
        "kind": ActionType.ACTION_TYPE_TASK,
        "phase": engine.QUEUED,
        "created_at": 1,
        "updated_at": 1,
        "short_name": name,
    }
    return ActionRecord(**key(name, run)._asdict(), **(filled | fields))

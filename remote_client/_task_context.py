"""The task that is running in this process, when there is one.

Only a process of the `flyte` SDK runs tasks, and then that package is loaded already: it is looked
up, never imported.
"""

from __future__ import annotations

import sys
from typing import Any


def running_task() -> Any | None:
    """The SDK's context of the running task; None outside a task."""
    flyte = sys.modules.get("flyte")
    return (flyte.ctx() or None) if flyte is not None else None


def running_version() -> str:
    """The version of the running task. Raises ValueError outside a task."""
    context = running_task()
    version = str(context.version) if context is not None and context.version else ""
    if not version:
        raise ValueError('auto_version="current" has a meaning only while a task is running.')
    return version


async def submit_to_controller(details: Any, inputs: dict[str, Any]) -> Any:
    """Run a task (a TaskDetails message) as a child of the running one and return its outputs."""
    from importlib import import_module

    # The SDK in this process owns the parent's bookkeeping, so it submits the child.
    controllers = import_module("flyte._internal.controllers")
    remote_task = import_module("flyte.remote._task")
    return await controllers.get_controller().submit_task_ref(
        remote_task.TaskDetails(pb2=details), **inputs
    )

"""Calls about triggers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.calls.connection import Connection
from dashboard.pages import Scope
from remote_client import (
    Cron,
    FieldFilter,
    FixedRate,
    Run,
    RunOptions,
    Task,
    TaskDetails,
    Trigger,
    TriggerDetails,
    TriggerRevision,
)

MOST_TRIGGERS = 1000
LATEST_RUNS = 100
MOST_NAMES = 100
"""Of one filter."""


@dataclass(frozen=True)
class TriggerDraft:
    """All that a trigger is made of."""

    name: str
    task_name: str
    task_version: str
    schedule: Cron | FixedRate
    inputs: Mapping[str, Any] = field(default_factory=dict)
    kickoff_time_input: str = ""
    is_active: bool = True
    description: str = ""
    options: RunOptions = field(default_factory=RunOptions)
    revision: int = 0
    """The one that it replaces; 0 for none."""
    keep_inputs_of: TriggerDetails | None = None
    """Its inputs are stored by the platform, which does not tell them: they stay as they are."""


class TriggerCalls(Connection):
    """Lists, reads and changes triggers."""

    async def triggers(self, scope: Scope, task: str | None = None) -> list[Trigger]:
        listing = Trigger.listall(task, limit=MOST_TRIGGERS, **await self.within(scope))
        with self.asking():
            return [trigger async for trigger in listing]

    async def trigger(self, scope: Scope, task: str, name: str) -> TriggerDetails:
        with self.asking():
            return await Trigger.get.aio(name, task, **await self.within(scope))

    async def trigger_history(self, trigger: TriggerDetails) -> list[TriggerRevision]:
        """Newest first."""
        with self.asking():
            return await trigger.history.aio()

    async def trigger_at(self, trigger: TriggerDetails, revision: int) -> TriggerDetails:
        with self.asking():
            return await trigger.at_revision.aio(revision)

    async def deploy_trigger(self, scope: Scope, draft: TriggerDraft) -> TriggerDetails:
        """Create or replace it. Raises ValueError or TypeError for inputs that can't be."""
        within = await self.within(scope)
        with self.asking():
            return await Trigger.create.aio(
                draft.name,
                draft.task_name,
                draft.schedule,
                task_version=draft.task_version,
                inputs=draft.inputs,
                kickoff_time_input=draft.kickoff_time_input,
                active=draft.is_active,
                description=draft.description,
                options=draft.options,
                revision=draft.revision,
                keep_inputs_of=draft.keep_inputs_of,
                **within,
            )

    async def switch_trigger(self, trigger: Trigger, active: bool) -> None:
        with self.asking():
            await trigger.set_active.aio(active)

    async def delete_trigger(self, trigger: Trigger) -> None:
        with self.asking():
            await trigger.delete.aio()

    async def run_trigger(self, trigger: TriggerDetails) -> Run:
        """Start what it would start."""
        with self.asking():
            return await trigger.run.aio()

    async def trigger_runs(
        self, scope: Scope, names: Sequence[str], *, task: str = "", limit: int = LATEST_RUNS
    ) -> list[Run]:
        """The newest runs that triggers of these names started."""
        if not names:
            return []
        # One value in a list of values is more than some platforms can take.
        names = tuple(dict.fromkeys(names))[:MOST_NAMES]
        where = [FieldFilter("equal" if len(names) == 1 else "value_in", "trigger_name", names)]
        if task:
            where.append(FieldFilter("equal", "trigger_task_name", (task,)))
        within = await self.within(scope)
        with self.asking():
            page = await Run.listpage.aio(limit=limit, where=where, **within)
        return list(page.items)

    async def trigger_tasks(self, scope: Scope) -> list[str]:
        """Names of the tasks that a trigger could run, in order."""
        listing = Task.listall(limit=MOST_TRIGGERS, **await self.within(scope))
        with self.asking():
            return sorted([task.name async for task in listing])

    async def trigger_task(self, scope: Scope, task: str, version: str = "") -> TaskDetails:
        """The task that a trigger runs, its newest version by default. Raises NotFound."""
        choice: dict[str, Any] = {"version": version} if version else {"auto_version": "latest"}
        within = await self.within(scope)
        with self.asking():
            lazy = TaskDetails.get(
                task, within["project"], within["domain"], client=within["client"], **choice
            )
            return await lazy.fetch.aio()

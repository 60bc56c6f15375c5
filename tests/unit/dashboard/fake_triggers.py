"""Triggers of the fake platform: a table that is listed, switched, replaced and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flyteidl2.core import types_pb2
from flyteidl2.task import task_definition_pb2
from flyteidl2.trigger import trigger_definition_pb2

from dashboard.calls.triggers import TriggerDraft
from dashboard.pages import Scope
from remote_client import Cron, FixedRate, TaskDetails, Trigger, TriggerDetails, TriggerRevision
from remote_client._schedule import schedule_to_wire
from remote_client._scope import Scope as ClientScope
from remote_client._values import inputs_from_python
from remote_client.errors import NotFound, RemoteError, RemoteTaskNotFoundError
from tests.unit.dashboard import things

_WITHIN = ClientScope(project="shop", domain="development")


def trigger(
    name: str = "nightly",
    task: str = "env.main",
    *,
    schedule: Cron | FixedRate | None = None,
    active: bool = True,
    revision: int = 1,
    inputs: dict[str, Any] | None = None,
    **more: Any,
) -> TriggerDetails:
    """A trigger as the client gives it."""
    message = trigger_definition_pb2.TriggerDetails()
    message.id.name.name, message.id.name.task_name = name, task
    message.id.revision = revision
    message.spec.active = active
    message.spec.task_version = more.get("version", "v1")
    message.spec.description = more.get("description", "")
    options = more.get("options")
    if options is not None:
        options.onto(message.spec.run_spec)
    message.spec.inputs.CopyFrom(
        inputs_from_python(inputs or {}, task_details(task).interface)
        if inputs
        else message.spec.inputs
    )
    when = schedule or FixedRate(timedelta(hours=1))
    message.automation_spec.CopyFrom(schedule_to_wire(when, more.get("time_input", "")))
    message.status.updated_at.FromDatetime(things.at(0))
    message.metadata.updated_by.user.spec.user_handle = more.get("by", "ana")
    return TriggerDetails(message, None, _WITHIN)  # type: ignore[arg-type]


def task_details(name: str = "env.main", version: str = "v1") -> TaskDetails:
    """A task with an int that has to be given and a moment that may be."""
    message = task_definition_pb2.TaskDetails()
    message.task_id.name, message.task_id.version = name, version
    variables = message.spec.task_template.interface.inputs.variables
    variables.add(key="x").value.type.simple = types_pb2.INTEGER
    variables.add(key="at").value.type.simple = types_pb2.DATETIME
    default = message.spec.default_inputs.add(name="at")
    default.parameter.required = False
    return TaskDetails(message, None, _WITHIN)  # type: ignore[arg-type]


class FakeTriggers:
    """Mixin: `triggers_there` by `<task>/<name>`, `trigger_errors` by the same key."""

    def __init__(self) -> None:
        super().__init__()
        self.triggers_there: dict[str, TriggerDetails] = {}
        self.trigger_tasks_there = {"env.main": task_details()}
        self.trigger_errors: dict[str, RemoteError] = {}
        self.trigger_runs_there: list[Any] = []
        self.trigger_pasts: dict[int, TriggerDetails] = {}
        self.drafts: list[TriggerDraft] = []

    async def triggers(self, scope: Scope, task: str | None = None) -> list[Trigger]:
        self._ask("triggers")  # type: ignore[attr-defined]
        found = self.triggers_there.values()
        return [each for each in found if task in (None, each.task_name)]

    async def trigger(self, scope: Scope, task: str, name: str) -> TriggerDetails:
        self._ask("trigger")  # type: ignore[attr-defined]
        key = f"{task}/{name}"
        if key in self.trigger_errors:
            raise self.trigger_errors[key]
        if key not in self.triggers_there:
            raise NotFound(f"no trigger {key}")
        return self.triggers_there[key]

    async def trigger_history(self, found: TriggerDetails) -> list[TriggerRevision]:
        numbers = sorted({*self.trigger_pasts, found.revision}, reverse=True)
        return [TriggerRevision(number, "deploy", things.at(number), "ana") for number in numbers]

    async def trigger_at(self, found: TriggerDetails, revision: int) -> TriggerDetails:
        return found if revision == found.revision else self.trigger_pasts[revision]

    async def deploy_trigger(self, scope: Scope, draft: TriggerDraft) -> TriggerDetails:
        self._ask("deploy_trigger")  # type: ignore[attr-defined]
        interface = self.trigger_tasks_there[draft.task_name].interface
        inputs_from_python(draft.inputs, interface)  # refuses as the client does
        self.drafts.append(draft)
        deployed = trigger(
            draft.name,
            draft.task_name,
            schedule=draft.schedule,
            active=draft.is_active,
            revision=draft.revision + 1,
            inputs=dict(draft.inputs),
            options=draft.options,
            description=draft.description,
        )
        self.triggers_there[f"{draft.task_name}/{draft.name}"] = deployed
        return deployed

    async def switch_trigger(self, found: Trigger, active: bool) -> None:
        self._ask("switch_trigger")  # type: ignore[attr-defined]
        there = self.triggers_there[f"{found.task_name}/{found.name}"]
        there._pb.spec.active = active

    async def delete_trigger(self, found: Trigger) -> None:
        self._ask("delete_trigger")  # type: ignore[attr-defined]
        self.triggers_there.pop(f"{found.task_name}/{found.name}", None)

    async def run_trigger(self, found: TriggerDetails) -> Any:
        self._ask("run_trigger")  # type: ignore[attr-defined]
        return things.run("r-fired")

    async def trigger_runs(
        self, scope: Scope, names: Sequence[str], *, task: str = "", limit: int = 100
    ) -> list[Any]:
        self._ask("trigger_runs")  # type: ignore[attr-defined]
        return [run for run in self.trigger_runs_there if run.trigger_name in names][:limit]

    async def trigger_tasks(self, scope: Scope) -> list[str]:
        return sorted(self.trigger_tasks_there)

    async def trigger_task(self, scope: Scope, task: str, version: str = "") -> TaskDetails:
        if task not in self.trigger_tasks_there or version not in ("", "v1"):
            raise RemoteTaskNotFoundError(f"no task {task}")
        return self.trigger_tasks_there[task]

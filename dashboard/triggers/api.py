"""The API's operations on triggers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from dashboard.api.errors import error_json
from dashboard.api.schemas import ErrorOut
from dashboard.triggers import changing
from dashboard.triggers.forms import BadForm, draft_of, values_of, values_of_task
from dashboard.triggers.rows import key_of
from dashboard.triggers.typed_json import to_json
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client import Trigger, TriggerDetails
from remote_client.errors import NotFound

router = Router()

Name = Annotated[str, Query(min_length=1, max_length=255)]
_ERRORS = dict.fromkeys((401, 403, 404, 409, 422, 502, 503), ErrorOut)


class TriggerOut(Schema):
    name: str
    task: str
    is_active: bool
    automation: str
    schedule: str
    timezone: str
    next_time: datetime | None
    last_time: datetime | None
    revision: int
    updated_at: datetime | None
    updated_by: str

    @classmethod
    def of(cls, trigger: Trigger) -> TriggerOut:
        return cls(**_common(trigger))


class TriggerDetailsOut(TriggerOut):
    task_version: str
    description: str
    inputs: dict[str, Any]
    """Those that JSON can say."""
    time_input: str
    env_vars: dict[str, str]
    labels: dict[str, str]
    next_times: list[datetime]

    @classmethod
    def of(cls, trigger: Trigger) -> TriggerDetailsOut:
        assert isinstance(trigger, TriggerDetails)
        options = trigger.options
        return cls(
            **_common(trigger),
            task_version=trigger.task_version,
            description=trigger.description,
            inputs=to_json(trigger.inputs),
            time_input=trigger.kickoff_time_input,
            env_vars=dict(options.env_vars),
            labels=dict(options.labels),
            next_times=trigger.next_times(5),
        )


class TriggersOut(Schema):
    items: list[TriggerOut]


class TriggerIn(Schema):
    """What a form holds; texts as it takes them. What is left out stays, or is the default."""

    task_version: str = ""
    description: str | None = None
    cron: str = ""
    """Five fields; or `every` and `unit`."""
    timezone: str = "UTC"
    every: int = 0
    unit: str = "minutes"
    start: str = ""
    inputs: str = ""
    """A JSON object as text."""
    time_input: str | None = None
    env_vars: dict[str, str] | None = None
    labels: dict[str, str] | None = None
    is_active: bool | None = None
    revision: int = 0
    """The revision that this replaces; 0 to create."""


class SwitchIn(Schema):
    is_active: bool
    triggers: list[str]
    """`<task>/<name>` each."""


class SwitchedOut(Schema):
    trigger: str
    outcome: str
    """`done`, `already` or `failed`."""
    says: str


class SwitchesOut(Schema):
    items: list[SwitchedOut]


@router.get("/triggers", response={200: TriggersOut, **_ERRORS}, operation_id="list_triggers")
async def triggers(request: HttpRequest, project: Name, domain: Name, task: str = "") -> Any:
    """The triggers of a project and domain, or of one task."""
    scope = await existing_scope(request, project, domain, action="trigger.see")
    found = await platform().triggers(scope, task or None)
    return TriggersOut(items=[TriggerOut.of(trigger) for trigger in found])


@router.get(
    "/triggers/{task}/{name}",
    response={200: TriggerDetailsOut, **_ERRORS},
    operation_id="get_trigger",
)
async def trigger(request: HttpRequest, task: str, name: str, project: Name, domain: Name) -> Any:
    """One trigger."""
    thing = f"{project}/{domain}/{key_of(task, name)}"
    scope = await existing_scope(request, project, domain, action="trigger.see", thing=thing)
    return TriggerDetailsOut.of(await changing.found_trigger(scope, task, name))


@router.put(
    "/triggers/{task}/{name}",
    response={200: TriggerDetailsOut, **_ERRORS},
    operation_id="put_trigger",
)
async def put_trigger(
    request: HttpRequest, task: str, name: str, project: Name, domain: Name, body: TriggerIn
) -> Any:
    """Create a trigger, or replace a revision of it; 409 when that is not the newest."""
    thing = f"{project}/{domain}/{key_of(task, name)}"
    scope = await existing_scope(request, project, domain, action="trigger.write", thing=thing)
    earlier = await changing.found_trigger(scope, task, name) if body.revision else None
    version = body.task_version or (earlier.task_version if earlier else "")
    try:
        found = await platform().trigger_task(scope, task, version)
    except NotFound:
        return _error(request, 404, f"There is no task {task!r} in that version.")
    values = values_of(earlier, found) if earlier else values_of_task(found)
    try:
        draft = draft_of({**values, **_typed(body), "name": name}, found, earlier)
        return TriggerDetailsOut.of(await changing.deploy(request, scope, draft))
    except changing.Conflict:
        return _error(request, 409, "The trigger has another revision by now; read it again.")
    except BadForm as bad:
        return _error(request, 422, " ".join(bad.errors.values()))
    except (ValueError, TypeError) as error:
        return _error(request, 422, str(error))


@router.post(
    "/triggers/switch", response={200: SwitchesOut, **_ERRORS}, operation_id="switch_triggers"
)
async def switch(request: HttpRequest, project: Name, domain: Name, body: SwitchIn) -> Any:
    """Switch triggers on or off; each has a result of its own."""
    scope = await existing_scope(request, project, domain, action="trigger.switch")
    report = await changing.switch(request, scope, body.triggers, active=body.is_active)
    found = [
        SwitchedOut(trigger=each.key, outcome=each.outcome, says=each.says)
        for each in report.results
    ]
    return SwitchesOut(items=found)


@router.delete(
    "/triggers/{task}/{name}", response={204: None, **_ERRORS}, operation_id="delete_trigger"
)
async def delete(request: HttpRequest, task: str, name: str, project: Name, domain: Name) -> Any:
    """Delete a trigger; its runs stay."""
    thing = f"{project}/{domain}/{key_of(task, name)}"
    scope = await existing_scope(request, project, domain, action="trigger.delete", thing=thing)
    await changing.delete(request, scope, await changing.found_trigger(scope, task, name))
    return 204, None


def _typed(body: TriggerIn) -> dict[str, str]:
    """The fields that the body names, as a form would send them."""
    said = {"revision": str(body.revision)}
    if body.cron:
        said |= {"kind": "cron", "cron": body.cron, "zone": body.timezone}
    elif body.every:
        said |= {"kind": "rate", "every": str(body.every), "unit": body.unit, "start": body.start}
    if body.inputs:
        said["inputs"] = body.inputs
    if body.is_active is not None:
        said["active"] = "on" if body.is_active else ""
    optional = {"description": body.description, "time_input": body.time_input}
    said |= {name: text for name, text in optional.items() if text is not None}
    for name, pairs in (("env", body.env_vars), ("labels", body.labels)):
        if pairs is not None:
            said[name] = "\n".join(f"{key}={value}" for key, value in pairs.items())
    return said


def _error(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    return error_json(request, status, sentence)


def _common(trigger: Trigger) -> dict[str, Any]:
    schedule = trigger.schedule
    times = trigger.next_times(1) if trigger.is_active else []
    return {
        "name": trigger.name,
        "task": trigger.task_name,
        "is_active": trigger.is_active,
        "automation": trigger.automation,
        "schedule": str(schedule or ""),
        "timezone": schedule.zone if schedule else "",
        "next_time": times[0] if times else None,
        "last_time": trigger.triggered_at,
        "revision": trigger.revision,
        "updated_at": trigger.updated_at,
        "updated_by": trigger.updated_by,
    }

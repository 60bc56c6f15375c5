"""Rows of the triggers' list: from the platform's triggers and runs to what is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from django.urls import reverse

from dashboard import links
from dashboard.pages import Scope
from dashboard.phases import style_of
from dashboard.triggers.pages import LastRun, TriggerRow
from remote_client import Cron, Run, Trigger


def key_of(task: str, name: str) -> str:
    return f"{task}/{name}"


def trigger_url(scope: Scope, task: str, name: str, page: str = "trigger") -> str:
    """The trigger's page, or another one about it."""
    return reverse(
        page,
        kwargs={"domain": scope.domain, "project": scope.project, "task": task, "name": name},
    )


def task_url(scope: Scope, task: str) -> str:
    return f"{scope.base_url}/tasks/{quote(task, safe='')}"


def trigger_row(scope: Scope, trigger: Trigger, last: Run | None = None) -> TriggerRow:
    schedule = trigger.schedule
    times = trigger.next_times(1) if trigger.is_active else []
    return TriggerRow(
        key=key_of(trigger.task_name, trigger.name),
        name=trigger.name,
        url=trigger_url(scope, trigger.task_name, trigger.name),
        task_name=trigger.task_name,
        task_url=task_url(scope, trigger.task_name),
        is_active=trigger.is_active,
        automation=trigger.automation,
        words=_words(trigger),
        cron=schedule.expression if isinstance(schedule, Cron) else "",
        zone=schedule.zone if schedule else "",
        next_at=times[0] if times else None,
        last=last_run(scope, last) if last else None,
        last_at=trigger.triggered_at,
        updated_at=trigger.updated_at or trigger.deployed_at,
        updated_by=trigger.updated_by or trigger.deployed_by,
        revision=trigger.revision,
    )


def last_run(scope: Scope, run: Run) -> LastRun:
    return LastRun(
        name=run.name,
        url=links.run_url(scope, run.name),
        phase=style_of(run.phase.value),
        started_at=run.start_time,
    )


def newest_by_trigger(runs: Iterable[Run]) -> dict[str, Run]:
    """The newest run of each trigger, by the trigger's key."""
    found: dict[str, Run] = {}
    for run in runs:
        found.setdefault(key_of(run.task_name, run.trigger_name), run)
    return found


def _words(trigger: Trigger) -> str:
    schedule = trigger.schedule
    if schedule is None:
        return "When an artifact appears" if trigger.automation == "artifact" else "By hand only"
    try:
        return schedule.words
    except ValueError:
        return "A schedule that Flightboard can't read"

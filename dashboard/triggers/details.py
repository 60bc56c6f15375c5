"""What the page of one trigger shows: its definition, runs, next times and history."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from dashboard import links
from dashboard.pages import Scope
from dashboard.triggers.pages import (
    Difference,
    Fact,
    RevisionRow,
    TriggerPage,
    in_zone,
)
from dashboard.triggers.rows import last_run, task_url, trigger_row, trigger_url
from dashboard.triggers.typed_json import to_json
from dashboard.upstream import platform
from remote_client import FixedRate, TriggerDetails
from remote_client.errors import NotFound, RemoteError

TABS = ("runs", "definition", "history", "json")
NEXT_TIMES = 5
RUNS = 25

_CHANGES = {
    "deploy": "Deployed",
    "activate": "Switched on",
    "deactivate": "Switched off",
    "delete": "Deleted",
}


async def trigger_page(
    scope: Scope, trigger: TriggerDetails, *, tab: str = "", revision: str = ""
) -> TriggerPage:
    runs = await platform().trigger_runs(scope, [trigger.name], task=trigger.task_name, limit=RUNS)
    latest = runs[0] if runs else None
    row = trigger_row(scope, trigger, latest)
    times = trigger.next_times(NEXT_TIMES)
    options = trigger.options
    history, differences, compared = await _history(scope, trigger, revision)
    query = urlencode({"q": f"trigger:{trigger.name}"})
    return TriggerPage(
        scope=scope,
        trigger=row,
        description=trigger.description,
        facts=_facts(scope, trigger),
        inputs=_pairs(to_json(trigger.inputs)),
        env_vars=tuple(sorted(options.env_vars.items())),
        labels=tuple(sorted(options.labels.items())),
        next_times=tuple((at, in_zone(at, row.zone)) for at in times),
        runs=tuple(last_run(scope, run) for run in runs),
        all_runs_url=f"{links.runs_url(scope)}?{query}",
        history=history,
        differences=differences,
        compared=compared,
        json=json.dumps(trigger.to_dict(), indent=2, ensure_ascii=False),
        tab=tab if tab in TABS else ("history" if revision else "runs"),
        warning=await _warning(scope, trigger),
    )


def _facts(scope: Scope, trigger: TriggerDetails) -> tuple[Fact, ...]:
    schedule = trigger.schedule
    facts = [
        Fact("Task", trigger.task_name, task_url(scope, trigger.task_name), is_code=True),
        Fact("Version", trigger.task_version, is_code=True),
    ]
    if schedule is not None:
        expression = str(schedule.every) if isinstance(schedule, FixedRate) else schedule.expression
        facts += [Fact("Schedule", expression, is_code=True), Fact("Time zone", schedule.zone)]
    if isinstance(schedule, FixedRate) and schedule.start:
        facts.append(Fact("First time", f"{schedule.start:%Y-%m-%d %H:%M:%S} UTC"))
    if trigger.kickoff_time_input:
        facts.append(Fact("Input with the time", trigger.kickoff_time_input, is_code=True))
    facts.append(Fact("Revision", str(trigger.revision)))
    if trigger.deployed_by:
        facts.append(Fact("Deployed by", trigger.deployed_by))
    return tuple(facts)


async def _warning(scope: Scope, trigger: TriggerDetails) -> str:
    """Why it could not start a run, as far as can be seen beforehand."""
    try:
        await platform().trigger_task(scope, trigger.task_name, trigger.task_version)
    except NotFound:
        return (
            f"Version {trigger.task_version} of {trigger.task_name} is not on the platform: "
            "this trigger can't start a run."
        )
    except RemoteError:
        return ""
    return ""


# --- history ----------------------------------------------------------------------------------


async def _history(
    scope: Scope, trigger: TriggerDetails, chosen: str
) -> tuple[tuple[RevisionRow, ...], tuple[Difference, ...], str]:
    """The revisions; and how the chosen one differs from the one before it."""
    revisions = await platform().trigger_history(trigger)
    base = trigger_url(scope, trigger.task_name, trigger.name)
    rows = tuple(
        RevisionRow(
            revision=each.revision,
            words=_CHANGES.get(each.change, "Changed"),
            at=each.at,
            by=each.by,
            url=f"{base}?{urlencode({'tab': 'history', 'revision': each.revision})}",
            is_shown=str(each.revision) == chosen,
        )
        for each in revisions
    )
    numbers = [each.revision for each in revisions]
    if not chosen.isdecimal() or int(chosen) not in numbers:
        return rows, (), ""
    after = await platform().trigger_at(trigger, int(chosen))
    older = [number for number in numbers if number < int(chosen)]
    if not older:
        return rows, differences({}, plain(after)), f"Revision {chosen} was the first."
    before = await platform().trigger_at(trigger, older[0])
    found = differences(plain(before), plain(after))
    return rows, found, f"Revision {chosen} compared with {older[0]}."


def plain(trigger: TriggerDetails) -> dict[str, str]:
    """All that a revision says, as texts by name."""
    schedule, options = trigger.schedule, trigger.options
    said: dict[str, Any] = {
        "Status": "on" if trigger.is_active else "off",
        "Version": trigger.task_version,
        "Schedule": str(schedule) if schedule else "",
        "Input with the time": trigger.kickoff_time_input,
        "Description": trigger.description,
    }
    said |= {f"Input {name}": text for name, text in _pairs(to_json(trigger.inputs))}
    said |= {f"Environment {name}": value for name, value in options.env_vars.items()}
    said |= {f"Label {name}": value for name, value in options.labels.items()}
    if trigger.has_stored_inputs:
        said["Inputs"] = "stored by the platform, and not told"
    return {name: str(value) for name, value in said.items() if value != ""}


def differences(before: dict[str, str], after: dict[str, str]) -> tuple[Difference, ...]:
    names = list(dict.fromkeys((*before, *after)))
    return tuple(
        Difference(name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    )


def _pairs(values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, json.dumps(value, ensure_ascii=False)) for name, value in sorted(values.items())
    )

"""The form of a trigger: from what was typed to a draft, with a sentence for each wrong field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import available_timezones

from dashboard.calls.triggers import TriggerDraft
from dashboard.triggers.pages import Preview, in_zone
from dashboard.triggers.typed_json import BadInputs, parse, to_typed_json
from remote_client import Cron, FixedRate, Interface, RunOptions, TaskDetails, TriggerDetails

NEXT_TIMES = 5
MAX_NAME = 255
MAX_DESCRIPTION = 255

UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}

FIELDS = (
    "name",
    "task",
    "version",
    "description",
    "kind",
    "cron",
    "zone",
    "every",
    "unit",
    "start",
    "time_input",
    "inputs",
    "env",
    "labels",
    "active",
    "revision",
)

EMPTY = {
    **dict.fromkeys(FIELDS, ""),
    "kind": "cron",
    "cron": "0 2 * * *",
    "zone": "UTC",
    "every": "1",
    "unit": "hours",
    "inputs": "{}",
    "active": "on",
}


class BadForm(Exception):
    """What was typed can't be a trigger; `errors` has a sentence by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


def typed(query: Mapping[str, str]) -> dict[str, str]:
    """The fields as they were sent, with nothing but text in them."""
    return {name: query.get(name, "").replace("\r\n", "\n")[:20_000] for name in FIELDS}


def values_of_task(task: TaskDetails) -> dict[str, str]:
    """What a new trigger's form begins with: the inputs that have no default are there to fill."""
    timed = [name for name in time_inputs(task.interface) if name in task.interface.required_inputs]
    time_input = timed[0] if timed else ""
    required = {name: None for name in task.interface.required_inputs if name != time_input}
    return {
        **EMPTY,
        "task": task.name,
        "version": task.version,
        "time_input": time_input,
        "inputs": json.dumps(required, indent=2) if required else "{}",
    }


def values_of(trigger: TriggerDetails, task: TaskDetails) -> dict[str, str]:
    """The fields of a trigger that is there."""
    schedule, options = trigger.schedule, trigger.options
    inputs = to_typed_json(trigger.inputs, task.interface)
    values = {
        **EMPTY,
        "name": trigger.name,
        "task": trigger.task_name,
        "version": trigger.task_version,
        "description": trigger.description,
        "time_input": trigger.kickoff_time_input,
        "inputs": json.dumps(inputs, indent=2, ensure_ascii=False),
        "env": _lines(options.env_vars),
        "labels": _lines(options.labels),
        "active": "on" if trigger.is_active else "",
        "revision": str(trigger.revision),
    }
    if isinstance(schedule, Cron):
        values |= {"kind": "cron", "cron": schedule.expression, "zone": schedule.zone}
    elif isinstance(schedule, FixedRate):
        values |= _of_rate(schedule)
    return values


def draft_of(
    values: Mapping[str, str], task: TaskDetails, earlier: TriggerDetails | None = None
) -> TriggerDraft:
    """The draft, its settings on top of those of the trigger that it replaces. Raises BadForm."""
    errors: dict[str, str] = {}
    name = values["name"].strip()
    if not name or len(name) > MAX_NAME or "/" in name or not name.isprintable():
        errors["name"] = f"A name has 1 to {MAX_NAME} characters, and no slash."
    if len(values["description"]) > MAX_DESCRIPTION:
        errors["description"] = f"At most {MAX_DESCRIPTION} characters."
    schedule = _take(errors, lambda: schedule_of(values), "schedule")
    pairs = {
        field: _take(errors, lambda field=field: _pairs(values[field]), field)
        for field in ("env", "labels")
    }
    time_input = values["time_input"]
    if time_input and time_input not in time_inputs(task.interface):
        errors["time_input"] = f"The task has no input {time_input!r} for a moment."
    inputs = _inputs(values, task.interface, earlier, errors)
    if errors or schedule is None:
        raise BadForm(errors)
    options = earlier.options if earlier else RunOptions()
    return TriggerDraft(
        name=name,
        task_name=task.name,
        task_version=task.version,
        schedule=schedule,
        inputs=inputs,
        kickoff_time_input=time_input,
        is_active=values["active"] == "on",
        description=values["description"].strip(),
        options=replace(options, env_vars=pairs["env"] or {}, labels=pairs["labels"] or {}),
        revision=int(values["revision"] or 0) if values["revision"].isdecimal() else 0,
        keep_inputs_of=earlier if earlier and earlier.has_stored_inputs else None,
    )


def schedule_of(values: Mapping[str, str]) -> Cron | FixedRate:
    """Raises ValueError with a sentence for whoever typed it."""
    if values["kind"] == "rate":
        return _rate(values)
    cron = Cron(values["cron"].strip(), values["zone"].strip() or "UTC")
    next(cron.upcoming(datetime.now(UTC)))
    return cron


def preview(values: Mapping[str, str]) -> Preview:
    """What the schedule means: its words and next times, or what is wrong with it."""
    try:
        schedule = schedule_of(values)
        now = datetime.now(UTC)
        times = islice(schedule.upcoming(now, now), NEXT_TIMES)
        return Preview(schedule.words, tuple((at, in_zone(at, schedule.zone)) for at in times))
    except (ValueError, StopIteration) as error:
        return Preview(error=str(error) or "This schedule never fires.")


def time_inputs(interface: Interface) -> tuple[str, ...]:
    """Inputs that can get the time at which a trigger fires."""
    return tuple(
        name for name, each in interface.inputs.items() if each.type_name.startswith("datetime")
    )


def zones() -> tuple[str, ...]:
    """Names that a schedule may use, UTC first."""
    return ("UTC", *sorted(zone for zone in available_timezones() if "/" in zone))


# --- parts ------------------------------------------------------------------------------------


def _rate(values: Mapping[str, str]) -> FixedRate:
    every, unit = values["every"].strip(), UNITS.get(values["unit"])
    if not every.isdecimal() or not 0 < int(every) < 1_000_000 or unit is None:
        raise ValueError("A rate is a whole number of minutes, hours or days, at least 1.")
    start = None
    if values["start"].strip():
        try:
            start = datetime.fromisoformat(values["start"].strip())
        except ValueError:
            raise ValueError("The first time is a date and a time.") from None
        start = start.replace(tzinfo=UTC) if start.tzinfo is None else start
    return FixedRate(int(every) * unit, start)


def _of_rate(rate: FixedRate) -> dict[str, str]:
    unit = next(name for name in reversed(UNITS) if not rate.every % UNITS[name])
    start = f"{rate.start.astimezone(UTC):%Y-%m-%dT%H:%M:%S}" if rate.start else ""
    return {"kind": "rate", "every": str(rate.every // UNITS[unit]), "unit": unit, "start": start}


def _inputs(
    values: Mapping[str, str],
    interface: Interface,
    earlier: TriggerDetails | None,
    errors: dict[str, str],
) -> dict[str, object]:
    if earlier is not None and earlier.has_stored_inputs:
        return {}
    try:
        given = parse(values["inputs"], interface, time_input=values["time_input"])
    except BadInputs as bad:
        errors["inputs"] = str(bad)
        return {}
    if earlier is not None:  # what JSON can't say was not in the form, and stays
        said, literals = to_typed_json(earlier.inputs, interface), earlier.literals
        kept = {name: literals[name] for name in literals if name not in said}
        given = {name: kept[name] for name in kept if name in interface.inputs} | given
    missing = [
        name
        for name in interface.required_inputs
        if name not in given and name != values["time_input"]
    ]
    if missing:
        errors["inputs"] = f"The task also needs {', '.join(missing)}."
    return given


def _take(errors: dict[str, str], read, field: str):  # type: ignore[no-untyped-def]
    try:
        return read()
    except ValueError as error:
        errors[field] = str(error)
        return None


def _pairs(text: str) -> dict[str, str]:
    """`NAME=value`, one a line."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, sign, value = line.strip().partition("=")
        if not line.strip():
            continue
        if not sign or not name.strip():
            raise ValueError(f"Each line is NAME=value; {line.strip()[:40]!r} is not.")
        found[name.strip()] = value.strip()
    return found


def _lines(pairs: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(pairs.items()))

"""What a form is about: a task that is to be launched, or a run that is to be run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.launching.entries import Entry, blank
from dashboard.launching.from_values import entry_of
from dashboard.launching.run_settings import RunSettings
from dashboard.pages import Scope
from remote_client import ActionDetails, Interface, RunDetails, RunOptions, TaskDetails
from remote_client._values import Part, chosen_value, shape_of

MOST_BYTES = 256 * 1024
"""A larger input is not shown in a form: nobody edits it there, and it would hold up the server."""


@dataclass(frozen=True)
class Blueprint:
    """Inputs with their originals (an earlier run's, or defaults), and settings to begin with."""

    scope: Scope
    task_name: str
    version: str
    description: str
    parts: tuple[Part, ...]
    types: tuple[Any, ...]
    """The Flyte types of the parts."""
    originals: tuple[Entry | None, ...]
    """None for an input that has no original: it must be given."""
    settings: RunSettings
    run: str = ""
    action: str = ""
    notification_rules: int = 0
    task: TaskDetails | None = field(default=None, repr=False)

    @property
    def is_rerun(self) -> bool:
        return bool(self.run)

    def entries(self) -> list[Entry]:
        """Fields as they are before anything is changed."""
        pairs = zip(self.parts, self.originals, strict=True)
        return [_copy(original) or _first(part) for part, original in pairs]


def _copy(entry: Entry | None) -> Entry | None:
    if entry is None:
        return None
    parts = [inner for inner in map(_copy, entry.parts) if inner is not None]
    return Entry(**{**entry.__dict__, "parts": parts, "keys": list(entry.keys)})


def _first(part: Part) -> Entry:
    return blank(part.shape) if part.required else Entry(given=False)


def of_task(scope: Scope, task: TaskDetails) -> Blueprint:
    """A form that launches a version of a task."""
    defaults = {
        name: variable.default
        for name, variable in task.interface.inputs.items()
        if variable.default is not None
    }
    return Blueprint(
        scope=scope,
        task_name=task.name,
        version=task.version,
        description=task.short_description,
        settings=RunSettings.of(RunOptions()),
        task=task,
        **_inputs(task.interface, defaults),
    )


def of_run(
    scope: Scope,
    run: RunDetails,
    action: ActionDetails,
    literals: Mapping[str, Any],
    context: Mapping[str, str],
) -> Blueprint:
    """A form that runs an action of a run again."""
    options = RunOptions(**{**run.options.__dict__, "context": dict(context)})
    return Blueprint(
        scope=scope,
        task_name=action.task_name or "",
        version=action.task_version or "",
        description="",
        settings=RunSettings.of(options),
        run=run.name,
        action=action.name,
        notification_rules=run.notification_rules,
        **_inputs(action.interface, literals),
    )


def _inputs(interface: Interface, literals: Mapping[str, Any]) -> dict[str, Any]:
    variables = interface.inputs.values()
    parts = tuple(
        Part(
            variable.name,
            shape_of(variable.literal_type),
            variable.required or variable.default is not None,
            variable.description,
        )
        for variable in variables
    )
    originals = tuple(
        _original(part, variable.literal_type, literals[part.name])
        if part.name in literals
        else None
        for part, variable in zip(parts, variables, strict=True)
    )
    types = tuple(variable.literal_type for variable in variables)
    return {"parts": parts, "types": types, "originals": originals}


def _original(part: Part, literal_type: Any, literal: Any) -> Entry:
    """The field of a value that is there; what is too large for a form stays as it is."""
    if literal.ByteSize() > MOST_BYTES:
        return Entry(kept=True)
    return entry_of(part.shape, chosen_value(literal, literal_type))

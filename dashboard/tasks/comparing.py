"""What one version of a task says, and what it says otherwise than another."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from dashboard.tasks.pages import DiffLine, Fact, Facts, InterfaceRow
from dashboard.templatetags.board import in_words
from remote_client import TaskDetails
from remote_client._values import Variable
from remote_client._values.interface import default_text

CONTEXT_LINES = 3
MOST_DIFF_LINES = 1_500


def sections(task: TaskDetails, other: TaskDetails | None) -> tuple[Facts, ...]:
    """Everything but the interface, each fact beside the other version's where it differs."""
    now, before = _facts(task), _facts(other) if other else {}
    found = []
    for title, facts in now.items():
        old = before.get(title, {})
        names = [*facts, *(name for name in old if name not in facts)]
        rows = [
            Fact(
                label=name,
                value=facts.get(name, ""),
                is_code=name in _CODE,
                is_changed=other is not None and facts.get(name, "") != old.get(name, ""),
                before=old.get(name, ""),
            )
            for name in names
            if facts.get(name) or old.get(name)
        ]
        if rows:
            found.append(Facts(title, tuple(rows)))
    return tuple(found)


_CODE = {"Image", "Code bundle", "Function", "Command", "Secrets", "Environment"}


def _facts(task: TaskDetails) -> dict[str, dict[str, str]]:
    requests, limits = task.resources
    return {
        "Where it runs": {
            "Environment": task.environment_name,
            "About the environment": task.environment_description,
            "Image": task.image,
            "Code bundle": task.code_bundle,
            "Function": task.code_address,
            "Kind": task.task_type,
            "Plugin settings": _pairs(task.config),
            "Pod template": task.pod_template,
        },
        "How it runs": {
            "Resources": _pairs(requests),
            "Limits": _pairs(limits),
            "Retries": str(task.retries),
            "Timeout": in_words(task.timeout.total_seconds()) if task.timeout else "none",
            "Cache": task.cache,
            "Interruptible": "yes" if task.interruptible else "no",
            "Reused containers": task.reuse,
            "Secrets": ", ".join(task.secrets),
            "Environment variables": _pairs(task.env_vars),
        },
    }


def _pairs(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def interface_rows(
    task: TaskDetails, other: TaskDetails | None
) -> tuple[tuple[InterfaceRow, ...], tuple[InterfaceRow, ...]]:
    """(inputs, outputs), with what was added, removed or changed since the other version."""
    now, old = task.interface, other.interface if other else None
    inputs = _rows(now.inputs, old.inputs if old else None)
    return inputs, _rows(now.outputs, old.outputs if old else None)


def _rows(
    now: Mapping[str, Variable], old: Mapping[str, Variable] | None
) -> tuple[InterfaceRow, ...]:
    rows = [_row(variable, old) for variable in now.values()]
    gone = [variable for name, variable in (old or {}).items() if name not in now]
    return (*rows, *(_row(variable, None, "removed") for variable in gone))


def _row(variable: Variable, old: Mapping[str, Variable] | None, change: str = "") -> InterfaceRow:
    before = ""
    if old is not None:
        if variable.name not in old:
            change = "added"
        elif _said(old[variable.name]) != _said(variable):
            change, before = "changed", _said(old[variable.name])
    return InterfaceRow(
        name=variable.name,
        type_name=variable.type_name,
        is_required=variable.required,
        default=default_text(variable),
        description=variable.description,
        change=change,
        before=before,
    )


def _said(variable: Variable) -> str:
    default = default_text(variable)
    return f"{variable.type_name} = {default}" if default else variable.type_name


def spec_diff(task: TaskDetails, other: TaskDetails) -> tuple[DiffLine, ...]:
    """The whole specification, line by line; long stretches that are the same are left out."""
    before, now = other.spec_text().splitlines(), task.spec_text().splitlines()
    lines: list[DiffLine] = []
    for line in difflib.unified_diff(before, now, lineterm="", n=CONTEXT_LINES):
        if line.startswith(("---", "+++")) and not lines:
            continue
        if len(lines) >= MOST_DIFF_LINES:
            return (*lines, DiffLine("gap", "… more"))
        lines.append(_line(line))
    return tuple(lines)


def _line(line: str) -> DiffLine:
    if line.startswith("@@"):
        return DiffLine("gap", line)
    kind = {"+": "added", "-": "removed"}.get(line[:1], "same")
    return DiffLine(kind, line[1:])

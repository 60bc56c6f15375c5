"""The task tab: what ran, with which resources, limits and interface, as this action was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dashboard.action_tabs import Asked, Part
from dashboard.action_tabs.value_trees import duration_words
from dashboard.pages import Scope
from remote_client import ActionDetails

NO_TASK = {
    "trace": "A trace is a helper that its parent ran: it has no task of its own.",
    "condition": "A condition is a question, not a task. The summary shows it.",
}


@dataclass(frozen=True)
class VariableRow:
    name: str
    type_name: str
    description: str
    default: str
    """As Python writes it; empty for none."""
    is_required: bool


@dataclass(frozen=True)
class TaskFactsPanel:
    name: str
    description: str
    environment: str
    environment_description: str
    source_link: str
    inputs: tuple[VariableRow, ...]
    outputs: tuple[VariableRow, ...]
    facts: tuple[tuple[str, str], ...]
    """Label and words; what is not set is left out."""
    variables: tuple[tuple[str, str], ...]
    """Environment variables."""
    spec: str
    """The whole specification as JSON."""


async def panel_part(scope: Scope, run: str, details: ActionDetails, asked: Asked) -> Part:
    task = details.task
    if task is None:
        return "runs/_task.html", {"task": None, "note": NO_TASK.get(details.kind, "")}
    return "runs/_task.html", {"task": task_facts(task)}


def task_facts(task: Any) -> TaskFactsPanel:
    """From `remote_client.TaskDetails`."""
    requests, limits = task.resources
    facts = (
        ("Type", task.task_type),
        ("Version", task.version),
        ("Image", task.image),
        ("Requests", _pairs(requests)),
        ("Limits", _pairs(limits)),
        ("Retries", str(task.retries) if task.retries else "none"),
        ("Timeout", _timeout(task.timeout)),
        ("Cache", "off" if task.cache == "disable" else task.cache),
        ("Secrets", ", ".join(task.secrets)),
        ("Interruptible", "yes" if task.interruptible else ""),
        ("Pod template", task.pod_template),
        ("Reuse", task.reuse),
        ("Plugin settings", _pairs(task.config)),
        ("Code", task.code_bundle),
        ("Found at", task.code_address),
    )
    link = task.source_link
    return TaskFactsPanel(
        name=task.name,
        description=task.description,
        environment=task.environment_name,
        environment_description=task.environment_description,
        source_link=link if link.startswith(("https://", "http://")) else "",
        inputs=tuple(_variable(each) for each in task.interface.inputs.values()),
        outputs=tuple(_variable(each) for each in task.interface.outputs.values()),
        facts=tuple((label, words) for label, words in facts if words),
        variables=tuple(sorted(task.env_vars.items())),
        spec=task.to_json(),
    )


def _variable(variable: Any) -> VariableRow:
    text = str(variable)
    return VariableRow(
        variable.name,
        variable.type_name,
        variable.description,
        text.partition(" = ")[2] if variable.default is not None else "",
        variable.required,
    )


def _pairs(pairs: dict[str, str]) -> str:
    return " · ".join(f"{name} {value}" for name, value in sorted(pairs.items()))


def _timeout(limit: timedelta | None) -> str:
    return duration_words(limit) if limit else "none"

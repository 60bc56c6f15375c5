"""The tabs of an action's panel: which there are, and who fills each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from dashboard.pages import Scope
from remote_client import ActionDetails

Part = tuple[str, dict[str, Any]]
"""A template and what it needs. `panel`, `scope`, `run` and `attempt` come with it, unless it names
them itself. When the live topic of an action has a part `action-<tab>`, that keeps it current."""


@dataclass(frozen=True)
class Asked:
    """What the page's address asks of a tab."""

    attempt: int = 0
    """0 for the last one."""
    query: Mapping[str, str] = field(default_factory=dict)


Provider = Callable[[Scope, str, ActionDetails, Asked], Awaitable[Part]]
"""From scope, the run's name, the action and what the address asks for. What it raises is an error
page, so a provider says in its part what can't be had."""

TABS: tuple[tuple[str, str], ...] = (
    ("summary", "Summary"),
    ("logs", "Logs"),
    ("inputs", "Inputs"),
    ("outputs", "Outputs"),
    ("report", "Report"),
    ("events", "Events"),
    ("task", "Task"),
    ("code", "Code"),
)
"""Every tab in order; those that nobody fills are not shown."""


def _drawn_from_panel(partial: str) -> Provider:
    """A part that needs no more than the panel which the live topic draws it from."""

    async def panel_part(scope: Scope, run: str, details: ActionDetails, asked: Asked) -> Part:
        return f"runs/detail.html#{partial}", {}

    return panel_part


def _late(name: str) -> Provider:
    """The provider of `action_tabs/<name>.py`, which itself needs what is defined here."""

    async def panel_part(scope: Scope, run: str, details: ActionDetails, asked: Asked) -> Part:
        module = import_module(f"dashboard.action_tabs.{name}")
        part: Part = await module.panel_part(scope, run, details, asked)
        return part

    return panel_part


PROVIDERS: dict[str, Provider] = {
    "summary": _drawn_from_panel("action_summary"),
    "inputs": _drawn_from_panel("action_inputs"),
    "outputs": _drawn_from_panel("action_outputs"),
    "events": _drawn_from_panel("action_events"),
    "report": _late("report"),
    "task": _late("task"),
    "code": _late("code"),
}
"""Who fills a tab; the log has a live topic and a view of its own."""


def shown_tabs() -> tuple[tuple[str, str], ...]:
    """The tabs that somebody fills, in order."""
    return tuple((key, label) for key, label in TABS if key == "logs" or key in PROVIDERS)

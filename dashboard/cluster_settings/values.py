"""Settings between their values and texts that a person reads and types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.pages import Scope

TITLES = {
    "run": "Runs",
    "security": "Security",
    "storage": "Storage",
    "task_resource": "Resources of tasks",
    "app": "Apps",
}
OTHER = "Everything that is started"


def where(scope: Scope, level: str) -> Scope:
    return {
        "org": Scope(project="", domain=""),
        "domain": Scope(project="", domain=scope.domain),
        "project": scope,
    }[level]


def words(scope: Scope, level: str) -> str:
    return {
        "org": "everywhere",
        "domain": f"every project in {scope.domain}",
        "project": f"{scope.project} / {scope.domain}",
        "": "",
    }[level]


def title(name: str) -> str:
    group, dot, _ = name.partition(".")
    return TITLES.get(group, OTHER) if dot else OTHER


def text(value: Any) -> str:
    """As it is shown, and as the form takes it back."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Mapping():
            return "\n".join(f"{name}={each}" for name, each in sorted(value.items()))
    return str(value)


def value(name: str, kind: str, typed: str) -> Any:
    """What the text says. Raises ValueError with a sentence."""
    typed = typed.strip()
    match kind:
        case "int":
            if not typed.lstrip("-").isdecimal():
                raise ValueError(f"{name} is a whole number.")
            return int(typed)
        case "bool":
            if typed not in ("true", "false"):
                raise ValueError(f"{name} is true or false.")
            return typed == "true"
        case "map":
            return _pairs(name, typed)
    if not typed:
        raise ValueError(f"{name} is empty; choose “nothing” to say so.")
    return typed


def _pairs(name: str, typed: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in typed.splitlines():
        key, sign, each = line.strip().partition("=")
        if line.strip() and not (sign and key.strip()):
            raise ValueError(f"{name}: each line is name=value; {line.strip()[:40]!r} is not.")
        if key.strip():
            found[key.strip()] = each.strip()
    return found

"""Checks of the names and identifiers in requests. Each refusal says which field is wrong."""

from __future__ import annotations

import re
import secrets
import string

from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier

from local_platform.errors import invalid, missing
from local_platform.store import ActionKey, ActionRecord, RunKey, Store

DOMAINS = ("development", "staging", "production")
ROOT = "a0"
# Names become folders, so nothing that means something in a path is allowed.
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_RUN = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_RUN_LENGTH = 30
_PROJECT = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_ALPHABET = string.ascii_lowercase + string.digits


def new_run_name() -> str:
    return "r" + "".join(secrets.choice(_ALPHABET) for _ in range(19))


def run_key(run: RunIdentifier) -> RunKey:
    """The key of a complete run identifier. INVALID_ARGUMENT when a part is missing."""
    parts = {"project": run.project, "domain": run.domain, "name": run.name}
    for field, value in parts.items():
        check_part(f"run_id.{field}", value)
    return RunKey(*parts.values())


def action_key(action: ActionIdentifier) -> ActionKey:
    """The key of a complete action identifier. INVALID_ARGUMENT when a part is missing."""
    run = run_key(action.run)
    check_part("action_id.name", action.name)
    return ActionKey(*run, action.name)


def check_part(field: str, value: str) -> None:
    """A name that may stand in a path. INVALID_ARGUMENT otherwise."""
    if not value:
        raise invalid(f"{field} is empty")
    if len(value) > 255 or not _PART.fullmatch(value):
        raise invalid(f'{field} "{value[:80]}" may only hold letters, digits, ".", "_" and "-"')


def check_run_name(name: str) -> None:
    if len(name) > _RUN_LENGTH or not _RUN.fullmatch(name):
        raise invalid(
            f'the run name "{name[:80]}" must be at most {_RUN_LENGTH} lower-case letters, digits'
            ' and "-", beginning with a letter and not ending with "-"'
        )


def check_project_id(project: str) -> None:
    if len(project) > 63 or not _PROJECT.fullmatch(project):
        raise invalid(
            f'the project id "{project[:80]}" must be at most 63 lower-case letters, digits and'
            ' "-", not beginning or ending with "-"'
        )


def require_scope(store: Store, project: str, domain: str) -> None:
    """A project that exists and one of its domains. NOT_FOUND otherwise."""
    if not project:
        raise invalid("the project is empty")
    if not domain:
        raise invalid("the domain is empty")
    if store.projects.get(project) is None:
        raise missing("project", project)
    if domain not in DOMAINS:
        raise missing("domain", domain)


def require_action(store: Store, action: ActionIdentifier) -> ActionRecord:
    """The action that is asked for. NOT_FOUND names the run when there is no such run."""
    key = action_key(action)
    record = store.actions.get(key)
    if record is not None:
        return record
    if store.actions.run(key.run_key) is None:
        raise missing("run", key.run)
    raise missing("action", f"{key.run}/{key.name}")


def require_root(store: Store, run: RunIdentifier) -> ActionRecord:
    """The root action of the run that is asked for. NOT_FOUND when there is no such run."""
    key = run_key(run)
    record = store.actions.get(ActionKey(*key, ROOT))
    if record is None:
        raise missing("run", key.run)
    return record

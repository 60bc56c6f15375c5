"""The secrets that a task asks for, as variables of its environment."""

from __future__ import annotations

from flyteidl2.core.security_pb2 import Secret
from flyteidl2.task.task_definition_pb2 import TaskSpec

from local_platform.launch import CannotLaunchError
from local_platform.store import ActionRecord, Store


def secret_values(store: Store, action: ActionRecord, spec: TaskSpec) -> dict[str, str]:
    """Variables with their values. CannotLaunchError names a secret that cannot be given."""
    values: dict[str, str] = {}
    for secret in spec.task_template.security_context.secrets:
        value = _value(store, action, secret)
        for variable in _variables(secret):
            values[variable] = value
    return values


def _value(store: Store, action: ActionRecord, secret: Secret) -> str:
    if secret.mount_requirement == Secret.FILE:
        raise CannotLaunchError(
            f'The secret "{secret.key}" is asked for as a file under /etc/flyte/secrets, which the'
            " local platform cannot provide: ask for it as an environment variable."
        )
    for name in _names(secret):
        value = store.secrets.value(action.project, action.domain, name)
        if value is not None:
            return _text(secret, value)
    raise CannotLaunchError(
        f'The secret "{secret.key}" does not exist for project {action.project}, domain'
        f" {action.domain}: create it with `flyte create secret {secret.key}`."
    )


def _names(secret: Secret) -> list[str]:
    """How the secret may be called in the store: with its group first, when it has one."""
    grouped = [f"{secret.group}_{secret.key}"] if secret.group else []
    return [*grouped, secret.key]


def _variables(secret: Secret) -> list[str]:
    """The variable that was asked for (or the SDK's default), and the backend's own name."""
    default = _names(secret)[0].upper().replace("-", "_")
    return [secret.env_var or default, f"_UNION_{secret.key.upper()}"]


def _text(secret: Secret, value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise CannotLaunchError(
            f'The secret "{secret.key}" is not text, so it cannot be an environment variable.'
        )
    return text

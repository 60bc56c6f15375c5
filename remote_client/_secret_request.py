"""How a task asks for a secret: which one, and whether as an environment variable or as a file.

The other `Secret`, in `_secret.py`, manages the values on the platform; nothing here holds a value.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flyteidl2.core import security_pb2

# The only folder in which the platform mounts secrets as files.
MOUNT = Path("/etc/flyte/secrets")
_ENV_VAR = re.compile(r"[A-Z_][A-Z0-9_]*")


@dataclass(frozen=True)
class Secret:
    """A secret as a task receives it.

    `key` is its name in the secret store, `group` an optional group there. Without a `mount` it
    arrives as the environment variable `as_env_var`, by default `KEY` or `GROUP_KEY` (upper case,
    hyphens become underscores); with `mount="/etc/flyte/secrets"` as a file `<group>/<key>` there.
    Raises ValueError for another mount, an empty key or an impossible variable name.
    """

    key: str
    group: str | None = None
    as_env_var: str | None = None
    mount: Path | str | None = None

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("A secret needs a key, the name that it has in the secret store.")
        if self.mount is not None:
            object.__setattr__(self, "mount", _checked_mount(self.mount))
        if self.mount is None and not self.as_env_var:
            object.__setattr__(self, "as_env_var", _default_env_var(self.key, self.group))
        if self.as_env_var is not None and not _ENV_VAR.fullmatch(self.as_env_var):
            raise ValueError(
                f"{self.as_env_var!r} cannot be an environment variable for secret {self.key!r}: "
                "upper-case letters, digits and underscores only, and no digit first."
            )

    def stable_hash(self) -> str:
        """SHA-256 (hex) of the request, the same in every process."""
        mount = str(self.mount) if self.mount else ""
        parts = (self.key, self.group or "", mount, self.as_env_var or "")
        return hashlib.sha256("|".join(parts).encode()).hexdigest()


SecretsLike = str | Secret | Sequence[str | Secret]


def SecretRequest(
    key: str,
    group: str | None = None,
    as_env_var: str | None = None,
    mount: Path | str | None = None,
) -> Secret:
    """Ask for a secret, for `TaskDetails.override(secrets=…)`: the same as `Secret(…)`."""
    return Secret(key, group, as_env_var, mount)


def secrets_of(request: SecretsLike) -> tuple[Secret, ...]:
    """One key, one `Secret`, or several of either, as `Secret`s. TypeError for anything else."""
    if isinstance(request, (str, Secret)):
        return (_secret(request),)
    if isinstance(request, Iterable) and not isinstance(request, (bytes, dict)):
        return tuple(_secret(member) for member in request)
    raise TypeError(
        f"secrets takes a key, a Secret or a list of them, not {type(request).__name__}"
    )


def secrets_to_wire(request: SecretsLike) -> list[Any]:
    """The `Secret` messages of a task's security context."""
    return [
        security_pb2.Secret(
            key=secret.key,
            group=secret.group,
            env_var=secret.as_env_var,
            mount_requirement=_requirement(secret),
        )
        for secret in secrets_of(request)
    ]


def secrets_from_wire(security_context: Any) -> tuple[Secret, ...]:
    """The secrets that a `SecurityContext` asks for; names are taken as they are, unchecked."""
    return tuple(_from_wire(message) for message in security_context.secrets)


def _secret(request: object) -> Secret:
    match request:
        case str():
            return Secret(request)
        case Secret():
            return request
        case _:
            raise TypeError(f"A secret is a key or a Secret, not {type(request).__name__}.")


def _checked_mount(mount: Path | str) -> Path:
    if Path(mount) != MOUNT:
        raise ValueError(f"A secret can only be mounted at {MOUNT}, not at {mount}.")
    return MOUNT


def _default_env_var(key: str, group: str | None) -> str:
    name = f"{group}_{key}" if group else key
    return name.replace("-", "_").upper()


def _requirement(secret: Secret) -> int:
    kinds = security_pb2.Secret.MountType
    return int(kinds.ENV_VAR if secret.as_env_var else kinds.FILE)


def _from_wire(message: Any) -> Secret:
    """Other clients' secrets are shown even where our checks would refuse them."""
    secret = object.__new__(Secret)
    as_file = message.mount_requirement == security_pb2.Secret.MountType.FILE
    fields = {
        "key": message.key,
        "group": message.group or None,
        "as_env_var": message.env_var or None,
        "mount": MOUNT if as_file else None,
    }
    for name, value in fields.items():
        object.__setattr__(secret, name, value)
    return secret

"""Reads DEFAULT_ROLE and ROLE_GROUPS: which groups of the identity provider give which roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from dashboard.access.permissions import Role


@dataclass(frozen=True)
class GroupRole:
    """Members of the group have the role in the project; everywhere when it is empty."""

    group: str
    role: Role
    project: str = ""


def group_roles(name: str, text: str) -> tuple[GroupRole, ...]:
    """The setting `group=role` or `group=role@project`, separated by semicolons.

    The last `=` counts, so that a group may be an LDAP name, which is full of commas and `=`.
    """
    return tuple(_group_role(name, pair) for pair in text.split(";") if pair.strip())


def _group_role(name: str, pair: str) -> GroupRole:
    group, _, target = pair.strip().rpartition("=")
    key, _, project = target.partition("@")
    if not group.strip():
        raise ImproperlyConfigured(f"{name}: {pair.strip()!r} is not group=role or group=role@p.")
    return GroupRole(group.strip(), _role(name, key.strip()), project.strip())


def role_or_none(name: str, text: str) -> str:
    """The name of a role, or empty."""
    return _role(name, text).key if text else ""


def _role(name: str, key: str) -> Role:
    try:
        return Role.named(key)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None


def roles_of(groups: Iterable[str], mapped: Iterable[GroupRole]) -> dict[str, Role]:
    """Project (empty for everywhere) → the highest role that the groups give there."""
    members = set(groups)
    roles: dict[str, Role] = {}
    for each in mapped:
        if each.group in members:
            roles[each.project] = max(each.role, roles.get(each.project, Role.NONE))
    return roles

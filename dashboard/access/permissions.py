"""The permission table: for every action the least role that may do it.

Pages, the live socket, the API and templates all ask this one table, by way of `Rights.may`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class Role(IntEnum):
    """What a grant gives; each role may do all that the lower ones may."""

    NONE = 0
    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3

    @property
    def key(self) -> str:
        """The role's name in settings, forms and the database."""
        return self.name.lower()

    @classmethod
    def named(cls, key: str) -> Role:
        """The role of that name. Raises ValueError for any other text."""
        for role in GRANTABLE:
            if role.key == key:
                return role
        raise ValueError(f"{key!r} is no role. Use {', '.join(role.key for role in GRANTABLE)}.")


GRANTABLE = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)


class Reach(Enum):
    """Where the role has to be held."""

    PROJECT = "in the project"
    EVERYWHERE = "everywhere"
    ANYWHERE = "in some project"


@dataclass(frozen=True)
class Permission:
    least: Role
    words: str
    """Completes the sentence "You may not …"."""
    reach: Reach = Reach.PROJECT


_V, _O, _A = Role.VIEWER, Role.OPERATOR, Role.ADMIN

PERMISSIONS: dict[str, Permission] = {
    "project.see": Permission(_V, "see this project"),
    "run.list": Permission(_V, "list the runs of this project"),
    "run.see": Permission(_V, "see runs of this project"),
    "action.see": Permission(_V, "see actions of this project"),
    "log.read": Permission(_V, "read logs of this project"),
    "run.launch": Permission(_O, "launch runs in this project"),
    "run.rerun": Permission(_O, "rerun runs of this project"),
    "run.abort": Permission(_O, "abort runs of this project"),
    "action.signal": Permission(_O, "answer conditions of this project"),
    "task.see": Permission(_V, "see tasks of this project"),
    "trigger.see": Permission(_V, "see triggers of this project"),
    "trigger.switch": Permission(_O, "switch triggers of this project on or off"),
    "trigger.write": Permission(_O, "create or change triggers of this project"),
    "trigger.delete": Permission(_A, "delete triggers of this project"),
    "app.see": Permission(_V, "see apps of this project"),
    "app.switch": Permission(_O, "start or stop apps of this project"),
    "app.delete": Permission(_A, "delete apps of this project"),
    "view.share": Permission(_O, "share saved views in this project"),
    "wall.see": Permission(_V, "see the wall of this project"),
    "wall.link": Permission(_A, "make wall links for this project"),
    "settings.see": Permission(_V, "see the settings of this project"),
    "settings.change": Permission(_A, "change the settings of this project"),
    "secret.list": Permission(_A, "list the secrets of this project"),
    "secret.write": Permission(_A, "write secrets of this project"),
    "secret.delete": Permission(_A, "delete secrets of this project"),
    "project.change": Permission(_A, "change this project"),
    "project.create": Permission(_A, "create projects", Reach.EVERYWHERE),
    "people.manage": Permission(_A, "manage people", Reach.EVERYWHERE),
    "audit.read": Permission(_A, "read the audit log", Reach.EVERYWHERE),
    "token.own": Permission(_V, "have API tokens", Reach.ANYWHERE),
}

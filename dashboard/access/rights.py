"""What one person, or one API token, may do: roles by project as a plain value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest

from dashboard.access.permissions import PERMISSIONS, Reach, Role
from dashboard.models import Grant, Person


@dataclass(frozen=True)
class Rights:
    """The highest role everywhere, and those in single projects."""

    everywhere: Role = Role.NONE
    projects: Mapping[str, Role] = field(default_factory=dict)

    def role_in(self, project: str) -> Role:
        return max(self.everywhere, self.projects.get(project, Role.NONE))

    @property
    def highest(self) -> Role:
        return max(self.everywhere, *self.projects.values(), Role.NONE)

    def may(self, action: str, project: str = "") -> bool:
        """Whether the permission table allows it. Raises KeyError for an unknown action."""
        permission = PERMISSIONS[action]
        match permission.reach:
            case Reach.EVERYWHERE:
                role = self.everywhere
            case Reach.ANYWHERE:
                role = self.highest
            case Reach.PROJECT:
                role = self.role_in(project)
        return role >= permission.least

    def all_in(self, project: str) -> frozenset[str]:
        """Every action that is allowed in the project, or by no project in particular."""
        return frozenset(action for action in PERMISSIONS if self.may(action, project))

    def limited_to(self, role: Role, project: str = "") -> Rights:
        """These rights and no more than the role, in the project alone when one is named."""
        if project:
            return Rights(projects={project: min(role, self.role_in(project))})
        return Rights(
            min(role, self.everywhere),
            {name: min(role, own) for name, own in self.projects.items()},
        )


NOTHING = Rights()


def default_role() -> Role:
    """What everyone who is signed in has everywhere, by the setting DEFAULT_ROLE."""
    return Role.named(settings.DEFAULT_ROLE) if settings.DEFAULT_ROLE else Role.NONE


def from_grants(grants: Iterable[tuple[str, str]], *, is_superuser: bool = False) -> Rights:
    """Rights out of (project, role) pairs; an empty project means everywhere."""
    everywhere = Role.ADMIN if is_superuser else default_role()
    projects: dict[str, Role] = {}
    for project, key in grants:
        role = Role.named(key)
        if project:
            projects[project] = max(role, projects.get(project, Role.NONE))
        else:
            everywhere = max(role, everywhere)
    return Rights(everywhere, projects)


def read_rights(person: Person) -> Rights:
    """From the database, as it is now. Who is deactivated has none."""
    if not person.is_active:
        return NOTHING
    grants = Grant.objects.filter(person=person).values_list("project", "role")
    return from_grants(grants, is_superuser=person.is_superuser)


async def rights_of(person: Person) -> Rights:
    """`read_rights`, for the loop."""
    return await sync_to_async(read_rights)(person)


def of_request(request: HttpRequest) -> Rights:
    """What the middleware found for whoever makes the request; a stranger has nothing."""
    rights = getattr(request, "rights", None)
    return rights if isinstance(rights, Rights) else NOTHING

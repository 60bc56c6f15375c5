"""Projects: the places that runs, tasks and secrets belong to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from flyteidl2.project import project_service_pb2 as wire
from flyteidl2.task import run_pb2

from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._entity import Entity
from remote_client._filters import SortBy, sort
from remote_client._listing import PAGE_SIZE, Page, pages
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["Domain", "Project"]

_STATES = ("active", "archived", "system_generated", "system_archived")


@dataclass(frozen=True, slots=True)
class Domain:
    """A stage of a project, such as development or production."""

    id: str
    name: str


class Project(Entity):
    """A project of the platform."""

    @property
    def id(self) -> str:
        """The identifier, which other calls take as `project`."""
        return str(self._pb.id)

    @property
    def name(self) -> str:
        """The name to show; the id when it has none."""
        return str(self._pb.name or self._pb.id)

    @property
    def description(self) -> str:
        """What it is for; "" when nobody said."""
        return str(self._pb.description)

    @property
    def org(self) -> str:
        """The org; "" on platforms that have none."""
        return str(self._pb.org or self._scope.org)

    @property
    def state(self) -> str:
        """ "active", "archived", "system_generated" or "system_archived"."""
        number = int(self._pb.state)
        return _STATES[number] if number < len(_STATES) else f"unknown ({number})"

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self._pb.labels.values)

    @property
    def domains(self) -> tuple[Domain, ...]:
        """Its domains, in the platform's order."""
        return tuple(Domain(domain.id, domain.name or domain.id) for domain in self._pb.domains)

    @property
    def url(self) -> str:
        """The page of its runs in the console, in its first domain."""
        domain = self.domains[0].id if self.domains else ""
        return self._client.console.project_url(self.id, domain)

    @syncify.classmethod
    @classmethod
    async def get(
        cls, name: str, *, client: ClientSet | None = None, org: str | None = None
    ) -> Project:
        """The project with this id. Raises NotFound."""
        client, scope = resolve(client, org=org)
        answer = await call(
            client,
            "project_service",
            "GetProject",
            wire.GetProjectRequest(id=name, org=scope.org),
            asked=f"read project {name!r}",
        )
        return cls(answer.project, client, scope)

    @syncify.series
    @classmethod
    def listall(
        cls,
        *,
        filters: str = "",
        sort_by: SortBy = ("created_at", "asc"),
        archived: bool = False,
        limit: int | None = None,
        page_size: int = PAGE_SIZE,
        client: ClientSet | None = None,
        org: str | None = None,
    ) -> Series[Project]:
        """Projects: the active ones, or the archived ones.

        `filters` is the platform's own text form, such as `contains(name, demo)`; several are
        joined by `+`.
        """
        client, scope = resolve(client, org=org)
        state = f"eq(state, {int(archived)})"
        query = f"{filters}+{state}" if filters else state

        async def fetch(size: int, token: str) -> Page[Project]:
            request = wire.ListProjectsRequest(
                limit=size, token=token, filters=query, sort_by=sort(sort_by), org=scope.org
            )
            answer = await call(
                client, "project_service", "ListProjects", request, asked="list projects"
            )
            found = [cls(project, client, scope) for project in answer.projects.projects]
            return Page(found, answer.projects.token)

        def batches() -> AsyncGenerator[list[Project], None]:
            return pages(
                fetch, key=lambda p: p.id, limit=limit, page_size=page_size, what="projects"
            )

        return Series(batches)

    @syncify.classmethod
    @classmethod
    async def create(
        cls,
        id: str,
        name: str = "",
        description: str = "",
        labels: Mapping[str, str] | None = None,
        *,
        client: ClientSet | None = None,
        org: str | None = None,
    ) -> Project:
        """Create a project and return it as the platform has it. Raises AlreadyExists."""
        client, scope = resolve(client, org=org)
        project = wire.Project(
            id=id,
            name=name or id,
            description=description,
            labels=run_pb2.Labels(values=labels or {}),
            org=scope.org,
        )
        await call(
            client,
            "project_service",
            "CreateProject",
            wire.CreateProjectRequest(project=project),
            asked=f"create project {id!r}",
            idempotent=False,
        )
        return await cls.get.aio(id, client=client, org=scope.org)

    @syncify.classmethod
    @classmethod
    async def update(
        cls,
        id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        labels: Mapping[str, str] | None = None,
        state: Literal["active", "archived"] | None = None,
        client: ClientSet | None = None,
        org: str | None = None,
    ) -> Project:
        """Change what is named and keep the rest (None keeps). Raises NotFound, ValueError."""
        if state not in (None, "active", "archived"):
            raise ValueError(f'state must be "active" or "archived", not {state!r}.')
        project = await cls.get.aio(id, client=client, org=org)
        changed = _changed(project._pb, name, description, labels, state)
        await call(
            project._client,
            "project_service",
            "UpdateProject",
            wire.UpdateProjectRequest(project=changed),
            asked=f"update project {id!r}",
        )
        return await cls.get.aio(id, client=project._client, org=project._scope.org)

    @syncify.method
    async def archive(self) -> Project:
        """Hide it from listings; returns the project as it is then."""
        return await self._with_state("archived")

    @syncify.method
    async def unarchive(self) -> Project:
        """Bring it back into listings; returns the project as it is then."""
        return await self._with_state("active")

    async def _with_state(self, state: Literal["active", "archived"]) -> Project:
        updated = await Project.update.aio(
            self.id, state=state, client=self._client, org=self._scope.org
        )
        self._pb = updated._pb
        return updated

    def to_dict(
        self, *, preserving_names: bool = False, including_defaults: bool = False
    ) -> dict[str, Any]:
        """As every entity's, with the state even where it is the wire's default."""
        values = super().to_dict(
            preserving_names=preserving_names, including_defaults=including_defaults
        )
        return {**values, "state": f"PROJECT_STATE_{self.state.upper()}"}

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "id", self.id
        yield "name", self.name
        yield "state", self.state
        yield "description", self.description
        yield "labels", self.labels


def _changed(
    current: Any,
    name: str | None,
    description: str | None,
    labels: Mapping[str, str] | None,
    state: str | None,
) -> Any:
    project = wire.Project()
    project.CopyFrom(current)
    # The platform configures domains itself and refuses them in an update.
    project.ClearField("domains")
    if name is not None:
        project.name = name
    if description is not None:
        project.description = description
    if labels is not None:
        project.labels.CopyFrom(run_pb2.Labels(values=labels))
    if state is not None:
        project.state = _STATES.index(state)
    return project

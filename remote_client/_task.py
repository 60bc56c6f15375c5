"""Tasks: code that is deployed on the platform and can be run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from remote_client._context import resolve
from remote_client._entity import ScopedEntity, scope_of
from remote_client._filters import NEWEST_FIRST, SortBy
from remote_client._identity import identity_name
from remote_client._launch import RunOptions
from remote_client._lazy_task import LazyEntity
from remote_client._listing import PAGE_SIZE, Page, page_size_of, pages
from remote_client._scope import Scope
from remote_client._task_context import running_version
from remote_client._task_details import TaskDetails, read_task
from remote_client._task_query import TaskQuery, TaskVersion, latest_version, read_versions
from remote_client._times import instant
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet
    from remote_client._run import Run

__all__ = ["AutoVersioning", "LazyEntity", "Task", "TaskDetails", "TaskVersion"]

AutoVersioning = Literal["latest", "current"]


class Task(ScopedEntity):
    """A task as a listing tells of it: its newest version."""

    def __init__(self, pb: Any, client: ClientSet, scope: Scope) -> None:
        super().__init__(pb, client, scope_of(pb.task_id, scope))

    @property
    def name(self) -> str:
        """The full name, "environment.function"."""
        return str(self._pb.task_id.name)

    @property
    def version(self) -> str:
        """Its newest version."""
        return str(self._pb.task_id.version)

    @property
    def short_name(self) -> str:
        """The name to show."""
        return str(self._pb.metadata.short_name or self.name.rpartition(".")[2])

    @property
    def environment_name(self) -> str:
        """The task environment; "" when unknown."""
        return str(self._pb.metadata.environment_name)

    @property
    def description(self) -> str:
        """One line on what it does; "" when its author left none."""
        return str(self._pb.metadata.short_description)

    @property
    def deployed_at(self) -> datetime | None:
        """When the version was deployed."""
        return instant(self._pb.metadata.deployed_at)

    @property
    def deployed_by(self) -> str:
        """Who deployed it; "" when unknown."""
        return identity_name(self._pb.metadata.deployed_by)

    @property
    def trigger_count(self) -> int | None:
        """How many triggers it has; None when the platform does not tell."""
        if not self._pb.metadata.HasField("triggers_summary"):
            return None
        summary = self._pb.metadata.triggers_summary
        if summary.WhichOneof("summary") == "details":
            return 1
        return int(summary.stats.total)

    @property
    def url(self) -> str:
        """Its page in the console."""
        return self._client.console.task_url(self.project, self.domain, self.name)

    @classmethod
    def get(
        cls,
        name: str,
        project: str | None = None,
        domain: str | None = None,
        version: str | None = None,
        auto_version: AutoVersioning | None = None,
        *,
        client: ClientSet | None = None,
        org: str | None = None,
    ) -> LazyEntity:
        """The task, to be read when it is needed: nothing is sent yet.

        Give its `version`, or `auto_version`: "latest" is the newest one, "current" the version of
        the task that is running. Raises ValueError for neither.
        """
        if version is None and auto_version not in ("latest", "current"):
            raise ValueError('Give version=, or auto_version="latest" or "current".')

        async def read() -> TaskDetails:
            found, scope = resolve(client, project=project, domain=domain, org=org)
            scope.required()
            if version is not None:
                wanted = version
            elif auto_version == "current":
                wanted = running_version()
            else:
                wanted = await latest_version(found, scope, name)
            return await read_task(found, scope, name, wanted)

        return LazyEntity(name, read)

    @syncify.series
    @classmethod
    def listall(
        cls,
        by_task_name: str | None = None,
        by_task_env: str | None = None,
        *,
        sort_by: SortBy = NEWEST_FIRST,
        limit: int | None = 100,
        page_size: int = PAGE_SIZE,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Series[Task]:
        """Tasks of a project and domain, the newest first: at most `limit`, None for all.

        `by_task_name` is a full name, `by_task_env` the name of a task environment.
        """
        client, scope = resolve(client, project=project, domain=domain, org=org)
        query = TaskQuery(client, scope.required(), by_task_name, by_task_env, sort_by)

        async def fetch(size: int, token: str) -> Page[Task]:
            page = await query.page(size, token)
            return Page([cls(task, client, scope) for task in page.items], page.next_token)

        def batches() -> AsyncGenerator[list[Task], None]:
            return pages(
                fetch, key=lambda t: t.name, limit=limit, page_size=page_size, what="tasks"
            )

        return Series(batches)

    @syncify.classmethod
    @classmethod
    async def listpage(
        cls,
        *,
        limit: int = 100,
        token: str = "",
        by_task_env: str | None = None,
        name_contains: str = "",
        deployed_by: str = "",
        sort_by: SortBy = NEWEST_FIRST,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Page[Task]:
        """One page of a listing, in one call: at most `limit` (1 to 100) tasks.

        `name_contains` is part of the full name, in any case; `deployed_by` a subject. `token` is
        the `next_token` of the page before, "" for the first.
        """
        client, scope = resolve(client, project=project, domain=domain, org=org)
        query = TaskQuery(
            client, scope.required(), None, by_task_env, sort_by, name_contains, deployed_by
        )
        page = await query.page(page_size_of(limit), token)
        return Page([cls(task, client, scope) for task in page.items], page.next_token)

    @syncify.classmethod
    @classmethod
    async def versionpage(
        cls,
        name: str,
        *,
        limit: int = 100,
        token: str = "",
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Page[TaskVersion]:
        """One page of the versions of a task, the newest first; none for an unknown task."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        return await read_versions(client, scope.required(), name, page_size_of(limit), token)

    @syncify.series
    @classmethod
    def listversions(
        cls,
        name: str,
        *,
        limit: int | None = 100,
        page_size: int = PAGE_SIZE,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Series[TaskVersion]:
        """The versions of a task, the newest first."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        scope.required()

        async def fetch(size: int, token: str) -> Page[TaskVersion]:
            return await read_versions(client, scope, name, size, token)

        def batches() -> AsyncGenerator[list[TaskVersion], None]:
            return pages(
                fetch, key=lambda v: v.version, limit=limit, page_size=page_size, what="versions"
            )

        return Series(batches)

    @syncify.method
    async def details(self) -> TaskDetails:
        """Everything about the version that the listing told of."""
        return await read_task(self._client, self._scope, self.name, self.version)

    @syncify.method
    async def run(
        self, inputs: Mapping[str, Any] | None = None, *, options: RunOptions | None = None
    ) -> Run:
        """Start a run of this version: see `TaskDetails.run`."""
        details = await read_task(self._client, self._scope, self.name, self.version)
        return await details.run.aio(inputs, options=options)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "version", self.version
        yield "project", self.project
        yield "domain", self.domain
        yield "short_name", self.short_name
        yield "deployed_by", self.deployed_by
        yield "deployed_at", self.deployed_at

"""Actions: the nodes of a run. The root action is `a0`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_definition_pb2, run_service_pb2

from remote_client._action_facts import ActionFacts
from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._entity import Entity, scope_of
from remote_client._filters import (
    SortBy,
    TimeFilter,
    in_phase,
    in_time,
    list_request,
)
from remote_client._listing import PAGE_SIZE, Page, pages
from remote_client._phase import ActionPhase, PhaseChoice
from remote_client._scope import Scope
from remote_client._watch import OnState
from remote_client.errors import NotFound
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["Action"]


class Action(ActionFacts, Entity):
    """One action of a run, as it was when it was read.

    Actions that come from `listall` of the real backend know only their names, phase, parent and
    group; those of `get` and `watchall` know everything.
    """

    def __init__(
        self,
        pb: Any,
        client: ClientSet,
        scope: Scope,
        *,
        children_phase_counts: dict[ActionPhase, int] | None = None,
    ) -> None:
        super().__init__(pb, client, scope_of(pb.id.run, scope))
        self._children = children_phase_counts or {}

    @property
    def _metadata(self) -> Any:
        return self._pb.metadata

    @property
    def _status(self) -> Any:
        return self._pb.status

    @property
    def _action_name(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its name within the run; "a0" for the root."""
        return str(self._pb.id.name)

    @property
    def run_name(self) -> str:
        """The run that it belongs to."""
        return str(self._pb.id.run.name)

    @property
    def project(self) -> str:
        """The project of its run."""
        return self._scope.project

    @property
    def domain(self) -> str:
        """The domain of its run."""
        return self._scope.domain

    @property
    def org(self) -> str:
        """The org of its run; "" on platforms that have none."""
        return self._scope.org

    @property
    def action_id(self) -> Any:
        """The identifier, as `Logs.tail` and the service stubs take it."""
        return self._scope.action_id(self.run_name, self.name)

    @property
    def parent_name(self) -> str:
        """The action that started it; "" for the root."""
        return str(self._pb.metadata.parent)

    @property
    def group(self) -> str:
        """The group that its parent put it in; "" for none."""
        return str(self._pb.metadata.group)

    @property
    def url(self) -> str:
        """Its page in the console."""
        return self._client.console.action_url(self.project, self.domain, self.run_name, self.name)

    @property
    def children_phase_counts(self) -> dict[ActionPhase, int]:
        """How many of all its descendants are in each phase; only `watchall` knows."""
        return dict(self._children)

    @syncify.classmethod
    @classmethod
    async def get(
        cls,
        uri: str | None = None,
        /,
        *,
        run_name: str,
        name: str,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Action:
        """The action of that run. Raises NotFound. `uri` has no meaning and may be left out."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        details = await read_details(client, scope.required(), run_name, name)
        return cls(summary_of(details), client, scope)

    @classmethod
    def listall(
        cls,
        for_run_name: str,
        *,
        in_phase: PhaseChoice | None = None,
        sort_by: SortBy = ("created_at", "asc"),
        created_at: TimeFilter | None = None,
        updated_at: TimeFilter | None = None,
        limit: int | None = None,
        page_size: int = PAGE_SIZE,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Series[Action]:
        """The actions of a run, oldest first: all, or at most `limit`."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        filters = _filters(in_phase, created_at, updated_at)
        run_id = scope.required().run_id(for_run_name)

        async def fetch(size: int, token: str) -> Page[Action]:
            request = run_service_pb2.ListActionsRequest(
                run_id=run_id,
                request=list_request(limit=size, token=token, sort_by=sort_by, filters=filters),
            )
            asked = f"list the actions of run {for_run_name!r} in {scope.label}"
            answer = await call(client, "run_service", "ListActions", request, asked=asked)
            return Page([cls(action, client, scope) for action in answer.actions], answer.token)

        def batches() -> AsyncGenerator[list[Action], None]:
            return pages(
                fetch, key=lambda a: a.name, limit=limit, page_size=page_size, what="actions"
            )

        return Series(batches)

    @classmethod
    def watchall(
        cls,
        for_run_name: str,
        *,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
        on_state: OnState | None = None,
    ) -> Series[list[Action]]:
        """Lists of actions of a run: first all of them, in one list or several, then changes.

        Merge them by name. The stream reconnects for ever and never ends by itself: stop when the
        run has ended. `on_state` hears how the connection is doing. Raises NotFound for a run that
        does not exist.
        """
        from remote_client._action_watch import watch_actions

        client, scope = resolve(client, project=project, domain=domain, org=org)
        scope.required()
        return Series.of(lambda: watch_actions(client, scope, for_run_name, on_state))

    @syncify.method
    async def abort(self, reason: str = "Aborted from the Remote Platform API.") -> None:
        """Stop this action alone. An action that does not exist any more counts as stopped."""
        request = run_service_pb2.AbortActionRequest(action_id=self.action_id, reason=reason)
        asked = f"abort action {self.name!r} of run {self.run_name!r} in {self._scope.label}"
        try:
            await call(self._client, "run_service", "AbortAction", request, asked=asked)
        except NotFound:
            return

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "run", self.run_name
        yield "phase", self.phase.value
        yield "task", self.task_name
        yield "kind", self.kind
        yield "attempts", self.attempts
        yield "start_time", self.start_time
        yield "end_time", self.end_time
        yield "group", self.group
        yield "parent", self.parent_name


async def read_details(client: ClientSet, scope: Scope, run_name: str, name: str) -> Any:
    """The details message of an action. Raises NotFound."""
    answer = await call(
        client,
        "run_service",
        "GetActionDetails",
        run_service_pb2.GetActionDetailsRequest(action_id=scope.action_id(run_name, name)),
        asked=f"read action {name!r} of run {run_name!r} in {scope.label}",
    )
    return answer.details


def summary_of(details: Any) -> Any:
    """The part of an action's details that an `Action` is made of."""
    return run_definition_pb2.Action(
        id=details.id, metadata=details.metadata, status=details.status
    )


def _filters(
    phase: PhaseChoice | None, created_at: TimeFilter | None, updated_at: TimeFilter | None
) -> list[Any]:
    return [
        *in_phase(phase),
        *in_time("created_at", created_at),
        *in_time("updated_at", updated_at),
    ]

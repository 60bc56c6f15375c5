"""What an action and its details have in common: where it stands, and what can be done to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_definition_pb2, run_service_pb2

from remote_client._action_facts import ActionFacts
from remote_client._client.calls import call
from remote_client._entity import Entity, scope_of
from remote_client._scope import Scope
from remote_client.errors import NotFound
from remote_client.syncify import syncify

if TYPE_CHECKING:
    from remote_client._action_details import ActionDetails
    from remote_client._client.controlplane import ClientSet


# The name of every run's first action.
ROOT = "a0"


class ActionBase(ActionFacts, Entity):
    """A node of a run. `_pb` has the fields `id`, `metadata` and `status`."""

    def __init__(self, pb: Any, client: ClientSet, scope: Scope) -> None:
        super().__init__(pb, client, scope_of(pb.id.run, scope))

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

    async def _details(self) -> ActionDetails:
        from remote_client._action_details import ActionDetails

        pb = await read_details(self._client, self._scope, self.run_name, self.name)
        return ActionDetails(pb, self._client, self._scope)

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

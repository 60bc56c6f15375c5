"""What an action and its details have in common: where it stands, and what can be done to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_definition_pb2, run_service_pb2

from remote_client._action_facts import ActionFacts
from remote_client._client.calls import call
from remote_client._entity import ScopedEntity, scope_of
from remote_client._report import read_code_bundle, read_report, report_link
from remote_client._scope import Scope
from remote_client.errors import NotFound
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._action_details import ActionDetails
    from remote_client._attempt import ClusterEvent
    from remote_client._client.controlplane import ClientSet


# The name of every run's first action.
ROOT = "a0"


class ActionBase(ActionFacts, ScopedEntity):
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

    @syncify.series
    def cluster_events(self, attempt: int | None = None) -> Series[ClusterEvent]:
        """What the cluster reports of an attempt (the latest by default), until it has ended."""
        from remote_client._cluster_events import watch_cluster_events

        number = self._attempt_number(attempt)
        return Series(
            lambda: watch_cluster_events(
                self._client, self._scope, self.run_name, self.name, number
            )
        )

    @syncify.series
    def get_logs(
        self, attempt: int | None = None, *, filter_system: bool = False, show_ts: bool = False
    ) -> Series[str]:
        """The lines of an attempt's log (the latest by default) as texts: see `Logs.tail`."""
        from remote_client._action_logs import log_texts

        number = self._attempt_number(attempt)
        return Series(
            lambda: log_texts(
                self._client, self.action_id, number, filter_system=filter_system, show_ts=show_ts
            ),
            read_ahead=True,
        )

    @syncify.method
    async def show_logs(
        self,
        attempt: int | None = None,
        max_lines: int = 30,
        show_ts: bool = False,
        raw: bool = False,
        filter_system: bool = False,
    ) -> None:
        """Show an attempt's log (the latest by default) until it ends: `Logs.create_viewer`."""
        from remote_client._logs import Logs

        await Logs.create_viewer.aio(
            self.action_id,
            self._attempt_number(attempt),
            max_lines,
            show_ts,
            raw,
            filter_system,
            client=self._client,
        )

    @syncify.method
    async def get_report(self, attempt: int | None = None) -> str:
        """The report of an attempt (the latest by default) as HTML, which is not to be trusted.

        Raises NotFound when it wrote none.
        """
        return await read_report(self._client, self.action_id, self._attempt_number(attempt))

    @syncify.method
    async def get_report_link(self, attempt: int | None = None) -> str:
        """A link from which anyone can read the report for some minutes. Raises NotFound."""
        return await report_link(self._client, self.action_id, self._attempt_number(attempt))

    @syncify.method
    async def get_code_bundle(
        self, attempt: int | None = None, *, most_bytes: int = 64 * 1024 * 1024
    ) -> bytes:
        """The archive with the code that an attempt (the latest by default) ran.

        Raises NotFound when there is none, ValueError when it is larger than `most_bytes`.
        """
        number = self._attempt_number(attempt)
        body = await read_code_bundle(self._client, self.action_id, number, most_bytes)
        if len(body) > most_bytes:
            raise ValueError(f"The code has more than {most_bytes:,} bytes.")
        return body

    def _attempt_number(self, attempt: int | None) -> int:
        number = max(self.attempts, 1) if attempt is None else attempt
        if number < 1:
            raise ValueError(f"Attempts count from 1; there is no attempt {number}.")
        return number

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

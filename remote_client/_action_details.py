"""Everything the platform tells of one action."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flyteidl2.task import task_definition_pb2

from remote_client._action_base import ActionBase, read_details
from remote_client._action_io import (
    ActionInputs,
    ActionOutputs,
    outputs_of_signal,
    read_data,
)
from remote_client._attempt import (
    AbortInfo,
    Attempt,
    ErrorInfo,
    PhaseTransitionInfo,
    abort_info,
    attempts_of,
    error_info,
)
from remote_client._context import resolve
from remote_client._phase import ActionPhase
from remote_client._scope import Scope
from remote_client._values import Interface, interface_of
from remote_client._watch import PATIENCE_S, OnState, patience_for
from remote_client.errors import ActionAbortedError, ActionFailedError, OutputsNotReadyError
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet
    from remote_client._condition import Condition
    from remote_client._task_details import TaskDetails

__all__ = ["ActionDetails"]


class ActionDetails(ActionBase):
    """An action with its attempts, its error, its interface and the way to its data."""

    def __init__(self, pb: Any, client: ClientSet, scope: Scope) -> None:
        super().__init__(pb, client, scope)
        self._data: tuple[Any, Any] | None = None

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
    ) -> ActionDetails:
        """The details of the action of that run. Raises NotFound. `uri` has no meaning."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        details = await read_details(client, scope.required(), run_name, name)
        return cls(details, client, scope)

    @syncify.classmethod
    @classmethod
    async def get_details(cls, action_id: Any, *, client: ClientSet | None = None) -> ActionDetails:
        """The details of the action with this identifier. Raises NotFound."""
        client, scope = scope_of_id(client, action_id)
        details = await read_details(client, scope, action_id.run.name, action_id.name)
        return cls(details, client, scope)

    @syncify.series
    @classmethod
    def watch(
        cls,
        action_id: Any,
        *,
        client: ClientSet | None = None,
        on_state: OnState | None = None,
    ) -> Series[ActionDetails]:
        """The details now and after each change, until the action is terminal.

        It reconnects when the platform goes away. After ten minutes without it Unavailable is
        raised, unless `on_state` hears of it and the caller decides. Raises NotFound.
        """
        client, scope = scope_of_id(client, action_id)
        return watch_series(
            client,
            scope,
            action_id.run.name,
            action_id.name,
            on_state=on_state,
            patience_s=patience_for(on_state),
        )

    @syncify.series
    def watch_updates(self, cache_data_on_done: bool = False) -> Series[ActionDetails]:
        """As `watch`, for this action. With `cache_data_on_done` the last one has its data read."""
        return watch_series(
            self._client,
            self._scope,
            self.run_name,
            self.name,
            cache_data_on_done=cache_data_on_done,
        )

    @cached_property
    def attempt_list(self) -> tuple[Attempt, ...]:
        """The attempts, from the first."""
        return attempts_of(self._pb)

    @property
    def error_info(self) -> ErrorInfo | None:
        """Why it failed; None when it did not, or when nothing is known yet."""
        if self._pb.HasField("error_info"):
            return error_info(self._pb.error_info)
        if self.phase in (ActionPhase.FAILED, ActionPhase.TIMED_OUT) and self.attempt_list:
            return self.attempt_list[-1].error
        return None

    @property
    def abort_info(self) -> AbortInfo | None:
        """Why it was aborted; None when it was not."""
        return abort_info(self._pb.abort_info) if self._pb.HasField("abort_info") else None

    @property
    def max_attempts(self) -> int:
        """How many attempts the task allows: its retries and one."""
        return int(self._pb.task.task_template.metadata.retries.retries) + 1

    @property
    def is_running(self) -> bool:
        """True while its code runs."""
        return self.phase is ActionPhase.RUNNING

    @cached_property
    def interface(self) -> Interface:
        """The names and types of its inputs and outputs; empty when the platform tells none."""
        spec = self._pb.WhichOneof("spec")
        if spec == "task":
            task = self._pb.task
            return interface_of(task.task_template.interface, task.default_inputs)
        return interface_of(self._pb.trace.interface)

    @cached_property
    def task(self) -> TaskDetails | None:
        """The task as this action ran it; None for a trace or a condition."""
        from remote_client._task_details import TaskDetails

        if self._pb.WhichOneof("spec") != "task":
            return None
        task_id = self._scope.task_id(self.task_name, self.task_version)
        pb = task_definition_pb2.TaskDetails(task_id=task_id, spec=self._pb.task)
        return TaskDetails(pb, self._client, self._scope)

    @cached_property
    def condition(self) -> Condition | None:
        """The question that this action waits with; None when it is no condition."""
        from remote_client._condition import Condition

        if self._pb.WhichOneof("spec") != "condition":
            return None
        return Condition(self._pb, self._client, self._scope)

    def logs_available(self, attempt: int | None = None) -> bool:
        """Whether the attempt (the latest by default) had a log; the platform may have lost it."""
        found = self._attempt(attempt)
        return found is not None and found.logs_available

    def get_phase_transitions(self, attempt: int | None = None) -> list[PhaseTransitionInfo]:
        """The phases of an attempt (the latest by default) in order; [] for an unknown attempt."""
        found = self._attempt(attempt)
        return list(found.transitions) if found is not None else []

    @property
    def phase_durations(self) -> dict[ActionPhase, timedelta]:
        """How long the latest attempt spent in each phase, all stays together."""
        spent: dict[ActionPhase, timedelta] = {}
        for stay in self.get_phase_transitions():
            spent[stay.phase] = spent.get(stay.phase, timedelta()) + stay.duration
        return spent

    @property
    def queued_time(self) -> timedelta | None:
        """Time in the queue; None when it was never queued."""
        return self.phase_durations.get(ActionPhase.QUEUED)

    @property
    def waiting_for_resources_time(self) -> timedelta | None:
        """Time spent waiting for resources; None when it did not."""
        return self.phase_durations.get(ActionPhase.WAITING_FOR_RESOURCES)

    @property
    def initializing_time(self) -> timedelta | None:
        """Time spent starting up; None when it did not."""
        return self.phase_durations.get(ActionPhase.INITIALIZING)

    @property
    def running_time(self) -> timedelta | None:
        """Time in which its code ran; None when it never did."""
        return self.phase_durations.get(ActionPhase.RUNNING)

    def _attempt(self, number: int | None) -> Attempt | None:
        if number is None:
            return self.attempt_list[-1] if self.attempt_list else None
        return next((one for one in self.attempt_list if one.number == number), None)

    @syncify.method
    async def details(self) -> ActionDetails:
        """The details as they are now."""
        return await self._details()

    @syncify.method
    async def inputs(self) -> ActionInputs:
        """What it was given. Raises NotFound when the platform has no data of it yet."""
        inputs, _ = await self._read_data()
        return ActionInputs(inputs, self.interface)

    @syncify.method
    async def outputs(self) -> ActionOutputs:
        """What it gave back.

        Raises OutputsNotReadyError before a terminal phase, ActionFailedError and
        ActionAbortedError (with `error_info`, `abort_info`) when it ended without outputs.
        """
        details = self if self.done() else await self._details()
        return await details._read_outputs()

    async def _read_outputs(self) -> ActionOutputs:
        self._raise_without_outputs()
        if self._pb.HasField("signal_info"):
            return ActionOutputs(outputs_of_signal(self._pb.signal_info.output))
        _, outputs = await self._read_data()
        return ActionOutputs(outputs, self.interface)

    def _raise_without_outputs(self) -> None:
        what = f"Action {self.name!r} of run {self.run_name!r}"
        if not self.done():
            raise OutputsNotReadyError(
                f"{what} is {self.phase}, which is not a terminal phase, so it has no outputs yet. "
                "Wait for it first."
            )
        if self.phase is ActionPhase.ABORTED:
            info = self.abort_info
            reason = f": {info.reason}" if info and info.reason else ""
            raise ActionAbortedError(f"{what} was aborted and has no outputs{reason}", info)
        if not self.phase.is_success:
            error = self.error_info
            said = f": {error.message}" if error else ""
            raise ActionFailedError(f"{what} {_ended(self.phase)} and has no outputs{said}", error)

    async def _read_data(self) -> tuple[Any, Any]:
        if self._data is not None:
            return self._data
        data = await read_data(self._client, self.action_id, succeeded=self.phase.is_success)
        if self.done():
            self._data = data
        return data

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield from super().__rich_repr__()
        yield "version", self.task_version
        yield "error", self.error_info
        yield "abort", self.abort_info


def _ended(phase: ActionPhase) -> str:
    return "timed out" if phase is ActionPhase.TIMED_OUT else str(phase)


def scope_of_id(client: ClientSet | None, action_id: Any) -> tuple[ClientSet, Scope]:
    """The client to use, and the scope that the identifier names or leaves to the client."""
    run = action_id.run
    client, scope = resolve(
        client, project=run.project or None, domain=run.domain or None, org=run.org or None
    )
    return client, scope.required()


def watch_series(
    client: ClientSet,
    scope: Scope,
    run_name: str,
    name: str,
    *,
    on_state: OnState | None = None,
    patience_s: float | None = PATIENCE_S,
    cache_data_on_done: bool = False,
) -> Series[ActionDetails]:
    """Details of one action until it is terminal."""
    from remote_client._details_watch import watch_details

    def details() -> AsyncGenerator[ActionDetails, None]:
        return watch_details(
            client,
            scope,
            run_name,
            name,
            on_state=on_state,
            patience_s=patience_s,
            cache_data_on_done=cache_data_on_done,
        )

    return Series.of(details)

"""Triggers: what starts runs by itself."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from flyteidl2.common import identifier_pb2
from flyteidl2.core import literals_pb2
from flyteidl2.task import common_pb2, run_pb2, task_definition_pb2
from flyteidl2.trigger import trigger_definition_pb2, trigger_service_pb2
from flyteidl2.workflow import run_definition_pb2, run_service_pb2

from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._entity import ScopedEntity
from remote_client._filters import SortBy, list_request
from remote_client._identity import identity_name
from remote_client._launch import RunOptions, new_run_name
from remote_client._listing import PAGE_SIZE, Page, pages
from remote_client._schedule import Schedule, schedule_from_wire, schedule_to_wire
from remote_client._scope import Scope
from remote_client._task_details import read_task
from remote_client._task_query import latest_version
from remote_client._times import instant
from remote_client._values import Interface, inputs_from_python, inputs_to_python
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet
    from remote_client._run import Run

__all__ = ["Trigger", "TriggerDetails", "TriggerRevision"]

_AUTOMATIONS = {common_pb2.TYPE_SCHEDULE: "schedule", common_pb2.TYPE_ARTIFACT: "artifact"}
_CHANGES = ("", "deploy", "activate", "deactivate", "delete")
_FROM_WEB = run_definition_pb2.RUN_SOURCE_WEB
# By this key the SDK's runtime learns which input gets the time.
_KICKOFF = "_u_kickoff_time_input_arg"


class Trigger(ScopedEntity):
    """A trigger of a task, as a listing tells of it."""

    def __init__(self, pb: Any, client: ClientSet, scope: Scope) -> None:
        name = pb.id.name
        place = Scope(
            name.org or scope.org, name.project or scope.project, name.domain or scope.domain
        )
        super().__init__(pb, client, place)

    @property
    def name(self) -> str:
        """Its name, unique within its task."""
        return str(self._pb.id.name.name)

    @property
    def task_name(self) -> str:
        """The task that it runs."""
        return str(self._pb.id.name.task_name)

    @property
    def revision(self) -> int:
        """How often it was changed; counts from 1."""
        return int(self._pb.id.revision)

    @property
    def is_active(self) -> bool:
        """True while it fires."""
        return bool(self._pb.active)

    @property
    def schedule(self) -> Schedule | None:
        """When it fires; None when it follows no schedule."""
        return schedule_from_wire(self._pb.automation_spec)

    @property
    def deployed_at(self) -> datetime | None:
        """When it was created."""
        return instant(self._pb.status.deployed_at)

    @property
    def updated_at(self) -> datetime | None:
        """When it was changed last."""
        return instant(self._pb.status.updated_at)

    @property
    def triggered_at(self) -> datetime | None:
        """When it fired last; None when it never did."""
        return instant(self._pb.status.triggered_at)

    @property
    def deployed_by(self) -> str:
        """Who created it; "" when unknown."""
        return identity_name(self._pb.metadata.deployed_by)

    @property
    def updated_by(self) -> str:
        """Who changed it last; "" when unknown."""
        return identity_name(self._pb.metadata.updated_by)

    @property
    def kickoff_time_input(self) -> str:
        """The input that gets the time at which it fires; "" for none."""
        return str(self._pb.automation_spec.schedule.kickoff_time_input_arg)

    @property
    def automation(self) -> str:
        """What fires it: "schedule", "artifact", or "none" when only people do."""
        return _AUTOMATIONS.get(self._pb.automation_spec.type, "none")

    def next_times(self, count: int, *, after: datetime | None = None) -> list[datetime]:
        """When it fires next, as its schedule says, whether it is active or not.

        Empty for a trigger without a schedule, and for one whose schedule can't be worked out here.
        """
        schedule, now = self.schedule, datetime.now(UTC)
        if schedule is None:
            return []
        try:
            moments = schedule.upcoming(after or now, self.updated_at or self.deployed_at)
            return list(islice(moments, count))
        except ValueError:
            return []

    @property
    def url(self) -> str:
        """Its page in the console."""
        return self._client.console.trigger_url(
            self.project, self.domain, self.task_name, self.name
        )

    @syncify.classmethod
    @classmethod
    async def create(
        cls,
        name: str,
        task_name: str,
        schedule: Schedule,
        *,
        task_version: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        kickoff_time_input: str = "",
        active: bool = True,
        description: str = "",
        options: RunOptions | None = None,
        revision: int = 0,
        keep_inputs_of: TriggerDetails | None = None,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> TriggerDetails:
        """Create a trigger, or another revision of it, for a task (its newest version by default).

        `kickoff_time_input` names the input that gets the time at which it fires. With a `revision`
        it replaces that one: FailedPrecondition when somebody changed it meanwhile. With
        `keep_inputs_of` its inputs are stored already, and `inputs` is ignored. Raises
        RemoteTaskNotFoundError, ValueError for impossible inputs, and InvalidArgument for a cron
        expression that the platform does not take.
        """
        client, scope = resolve(client, project=project, domain=domain, org=org)
        version = task_version or await latest_version(client, scope.required(), task_name)
        task = await read_task(client, scope, task_name, version)
        if keep_inputs_of is not None and keep_inputs_of.has_stored_inputs:
            stored = {"offloaded_input_data": keep_inputs_of._pb.spec.offloaded_input_data}
        else:
            interface = _without(task.interface, kickoff_time_input)
            stored = {"inputs": _inputs(inputs or {}, interface, kickoff_time_input, options)}
        spec = trigger_definition_pb2.TriggerSpec(
            **stored,
            run_spec=(options or RunOptions()).onto(run_pb2.RunSpec()),
            active=active,
            task_version=version,
            description=description,
        )
        request = trigger_service_pb2.DeployTriggerRequest(
            name=_id(scope, task_name, name),
            revision=revision,
            spec=spec,
            automation_spec=schedule_to_wire(schedule, kickoff_time_input),
        )
        answer = await call(
            client,
            "trigger_service",
            "DeployTrigger",
            request,
            asked=f"create trigger {name!r} of task {task_name!r} in {scope.label}",
            idempotent=False,
        )
        return TriggerDetails(answer.trigger, client, scope)

    @syncify.classmethod
    @classmethod
    async def get(
        cls,
        name: str,
        task_name: str,
        *,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> TriggerDetails:
        """The trigger of this name of a task. Raises NotFound."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        answer = await call(
            client,
            "trigger_service",
            "GetTriggerDetails",
            trigger_service_pb2.GetTriggerDetailsRequest(
                name=_id(scope.required(), task_name, name)
            ),
            asked=f"read trigger {name!r} of task {task_name!r} in {scope.label}",
        )
        return TriggerDetails(answer.trigger, client, scope)

    @syncify.series
    @classmethod
    def listall(
        cls,
        task_name: str | None = None,
        *,
        sort_by: SortBy = ("updated_at", "desc"),
        limit: int | None = 100,
        page_size: int = PAGE_SIZE,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Series[Trigger]:
        """The triggers of a task, or of the whole project and domain; at most `limit`."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        target = _target(scope.required(), task_name)

        async def fetch(size: int, token: str) -> Page[Trigger]:
            request = trigger_service_pb2.ListTriggersRequest(
                request=list_request(limit=size, token=token, sort_by=sort_by), **target
            )
            asked = f"list the triggers of {scope.label}"
            answer = await call(client, "trigger_service", "ListTriggers", request, asked=asked)
            return Page([cls(one, client, scope) for one in answer.triggers], answer.token)

        def batches() -> AsyncGenerator[list[Trigger], None]:
            return pages(
                fetch,
                key=lambda t: f"{t.task_name}/{t.name}",
                limit=limit,
                page_size=page_size,
                what="triggers",
            )

        return Series(batches)

    @syncify.method
    async def details(self) -> TriggerDetails:
        """Everything the platform tells of it."""
        return await Trigger.get.aio(
            self.name,
            self.task_name,
            client=self._client,
            project=self.project,
            domain=self.domain,
            org=self.org,
        )

    @syncify.method
    async def set_active(self, active: bool) -> None:
        """Let it fire, or stop it from firing. A trigger that is gone is passed over."""
        request = trigger_service_pb2.UpdateTriggersRequest(
            names=[_id(self._scope, self.task_name, self.name)], active=active
        )
        await call(
            self._client, "trigger_service", "UpdateTriggers", request, asked=self._to("change")
        )

    @syncify.method
    async def delete(self) -> None:
        """Remove it. A trigger that is gone already is passed over."""
        request = trigger_service_pb2.DeleteTriggersRequest(
            names=[_id(self._scope, self.task_name, self.name)]
        )
        await call(
            self._client, "trigger_service", "DeleteTriggers", request, asked=self._to("delete")
        )

    def _to(self, verb: str) -> str:
        return f"{verb} trigger {self.name!r} of task {self.task_name!r} in {self._scope.label}"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "task_name", self.task_name
        yield "active", self.is_active
        yield "schedule", str(self.schedule or "")
        yield "triggered_at", self.triggered_at


class TriggerDetails(Trigger):
    """A trigger with the inputs and settings that its runs get."""

    @property
    def is_active(self) -> bool:
        """True while it fires."""
        return bool(self._pb.spec.active)

    @property
    def description(self) -> str:
        """What it is for; "" when nobody said."""
        return str(self._pb.spec.description or self._pb.description)

    @property
    def task_version(self) -> str:
        """The version of the task that it runs."""
        return str(self._pb.spec.task_version)

    @property
    def inputs(self) -> dict[str, Any]:
        """Inputs of its runs, as Python values; empty when they are stored elsewhere."""
        return inputs_to_python(self._pb.spec.inputs.literals)

    @property
    def literals(self) -> dict[str, Any]:
        """The same as the platform keeps them, to be handed on without loss."""
        return {each.name: each.value for each in self._pb.spec.inputs.literals}

    @property
    def has_stored_inputs(self) -> bool:
        """True when its inputs are stored elsewhere, and `inputs` can't tell them."""
        return bool(self._pb.spec.HasField("offloaded_input_data"))

    @property
    def options(self) -> RunOptions:
        """The settings of its runs."""
        context = {
            pair.key: pair.value for pair in self._pb.spec.inputs.context if pair.key != _KICKOFF
        }
        return RunOptions.of(self._pb.spec.run_spec, context)

    @syncify.method
    async def run(self) -> Run:
        """Start now what it would start when it fires; the time goes into the input for it."""
        from remote_client._run import Run

        now, spec = datetime.now(UTC), self._pb.spec
        request = run_service_pb2.CreateRunRequest(
            run_id=self._scope.run_id(new_run_name()),
            trigger_name=_id(self._scope, self.task_name, self.name),
            run_spec=spec.run_spec,
            source=_FROM_WEB,
        )
        request.run_start_time.FromDatetime(now)
        if self.has_stored_inputs:
            request.offloaded_input_data.CopyFrom(spec.offloaded_input_data)
        else:
            request.inputs.CopyFrom(_at_moment(spec.inputs, self.kickoff_time_input, now))
        asked = self._to("run")
        answer = await call(self._client, "run_service", "CreateRun", request, asked=asked)
        return Run(answer.run, self._client, self._scope)

    @syncify.method
    async def history(self, *, limit: int = 50) -> list[TriggerRevision]:
        """Its changes, the newest first; at most `limit`."""
        request = trigger_service_pb2.GetTriggerRevisionHistoryRequest(
            name=_id(self._scope, self.task_name, self.name), request=list_request(limit=limit)
        )
        asked = self._to("read the history of")
        answer = await call(
            self._client, "trigger_service", "GetTriggerRevisionHistory", request, asked=asked
        )
        return [TriggerRevision.of(one) for one in answer.triggers]

    @syncify.method
    async def at_revision(self, revision: int) -> TriggerDetails:
        """The trigger as it was then. Raises NotFound."""
        name = _id(self._scope, self.task_name, self.name)
        request = trigger_service_pb2.GetTriggerRevisionDetailsRequest(
            id=identifier_pb2.TriggerIdentifier(name=name, revision=revision)
        )
        asked = self._to(f"read revision {revision} of")
        answer = await call(
            self._client, "trigger_service", "GetTriggerRevisionDetails", request, asked=asked
        )
        return TriggerDetails(answer.trigger, self._client, self._scope)


@dataclass(frozen=True, slots=True)
class TriggerRevision:
    """One change of a trigger."""

    revision: int
    change: str
    """ "deploy", "activate", "deactivate" or "delete"."""
    at: datetime | None
    by: str
    """Who made it; "" when unknown."""

    @classmethod
    def of(cls, pb: Any) -> TriggerRevision:
        """From a TriggerRevision message."""
        number = int(pb.action)
        change = _CHANGES[number] if 0 < number < len(_CHANGES) else "change"
        at = pb.created_at if pb.HasField("created_at") else pb.status.updated_at
        by = identity_name(pb.metadata.updated_by) or identity_name(pb.metadata.deployed_by)
        return cls(int(pb.id.revision), change, instant(at), by)


def _id(scope: Scope, task_name: str, name: str) -> Any:
    return identifier_pb2.TriggerName(
        org=scope.org,
        project=scope.project,
        domain=scope.domain,
        name=name,
        task_name=task_name,
    )


def _target(scope: Scope, task_name: str | None) -> dict[str, Any]:
    if task_name is None:
        return {"project_id": scope.project_id()}
    name = task_definition_pb2.TaskName(
        org=scope.org, project=scope.project, domain=scope.domain, name=task_name
    )
    return {"task_name": name}


def _inputs(
    values: Mapping[str, Any], interface: Interface, kickoff: str, options: RunOptions | None
) -> Any:
    given = inputs_from_python(values, interface)
    for key, value in (options.context if options else {}).items():
        given.context.add(key=key, value=value)
    if kickoff:
        given.context.add(key=_KICKOFF, value=kickoff)
    return given


def _at_moment(inputs: Any, name: str, at: datetime) -> Any:
    """The inputs with the moment in the one that gets it."""
    given = common_pb2.Inputs(context=inputs.context)
    given.literals.extend(each for each in inputs.literals if each.name != name)
    if name:
        moment = literals_pb2.Literal()
        moment.scalar.primitive.datetime.FromDatetime(at)
        given.literals.add(name=name, value=moment)
    return given


def _without(interface: Any, name: str) -> Any:
    """The interface without the input that the platform fills in when the trigger fires."""
    inputs = {key: variable for key, variable in interface.inputs.items() if key != name}
    return Interface(inputs, interface.outputs)

"""Everything the platform tells of one version of a task, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from flyteidl2.task import task_definition_pb2, task_service_pb2

from remote_client import _task_override
from remote_client._client.calls import call
from remote_client._entity import ScopedEntity, scope_of
from remote_client._identity import identity_name
from remote_client._launch import RunOptions, start_run
from remote_client._resources import Resources, resources_from_wire
from remote_client._retry_strategy import RetryStrategy, Timeout
from remote_client._scope import Scope
from remote_client._secret_request import Secret
from remote_client._task_context import running_task, submit_to_controller
from remote_client._task_facts import TaskFacts
from remote_client._times import instant
from remote_client._values import Interface, inputs_from_python, interface_of
from remote_client.errors import NotFound, RemoteTaskNotFoundError, RemoteTaskUsageError
from remote_client.syncify import syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet
    from remote_client._lazy_task import LazyEntity
    from remote_client._run import Run

__all__ = ["TaskDetails"]


class TaskDetails(TaskFacts, ScopedEntity):
    """One version of a task.

    Called with keyword arguments it runs and gives its outputs: as a child of the running task
    inside one, as a run of its own elsewhere. `run` starts a run and returns at once.
    """

    def __init__(self, pb: Any, client: ClientSet, scope: Scope, *, overridden: bool = False):
        super().__init__(pb, client, scope_of(pb.task_id, scope))
        self.overridden = overridden
        self._queue: str | None = None

    @classmethod
    def get(
        cls,
        name: str,
        project: str | None = None,
        domain: str | None = None,
        version: str | None = None,
        auto_version: Literal["latest", "current"] | None = None,
        *,
        client: ClientSet | None = None,
        org: str | None = None,
    ) -> LazyEntity:
        """As `Task.get`."""
        from remote_client._task import Task

        return Task.get(name, project, domain, version, auto_version, client=client, org=org)

    @property
    def name(self) -> str:
        """The full name, "environment.function"."""
        return str(self._pb.task_id.name)

    @property
    def version(self) -> str:
        """The version."""
        return str(self._pb.task_id.version)

    @property
    def url(self) -> str:
        """The task's page in the console."""
        return self._client.console.task_url(self.project, self.domain, self.name)

    @property
    def short_name(self) -> str:
        """The name to show."""
        spec, metadata = self._pb.spec, self._pb.metadata
        return str(spec.short_name or metadata.short_name or self.name.rpartition(".")[2])

    @property
    def environment_name(self) -> str:
        """The task environment; "" when unknown."""
        return str(self._pb.spec.environment.name or self._pb.metadata.environment_name)

    @property
    def description(self) -> str:
        """What it does, in its author's words; "" when they left none."""
        documentation = self._pb.spec.documentation
        return str(documentation.long_description or documentation.short_description)

    @property
    def source_link(self) -> str:
        """Where its source can be read; "" when unknown."""
        return str(self._pb.spec.documentation.source_code.link)

    @property
    def deployed_at(self) -> datetime | None:
        """When this version was deployed."""
        return instant(self._pb.metadata.deployed_at)

    @property
    def deployed_by(self) -> str:
        """Who deployed it; "" when unknown."""
        return identity_name(self._pb.metadata.deployed_by)

    @property
    def task_type(self) -> str:
        """The type of the task, such as "python"."""
        return str(self._template.type)

    @property
    def image(self) -> str:
        """The container image; "" when it runs in none."""
        return str(self._template.container.image)

    @cached_property
    def interface(self) -> Interface:
        """Names, types and defaults of inputs and outputs."""
        return interface_of(self._template.interface, self._pb.spec.default_inputs)

    @property
    def required_args(self) -> tuple[str, ...]:
        """Inputs that have no default."""
        return self.interface.required_inputs

    @property
    def default_input_args(self) -> tuple[str, ...]:
        """Inputs that have a default."""
        required = set(self.required_args)
        return tuple(name for name in self.interface.inputs if name not in required)

    @property
    def resources(self) -> tuple[dict[str, str], dict[str, str]]:
        """(requests, limits), each as {"cpu": "1", "memory": "500Mi"}."""
        return resources_from_wire(self._template.container.resources)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The keys of the secrets that it asks for."""
        return tuple(secret.key for secret in self._template.security_context.secrets)

    @property
    def env_vars(self) -> dict[str, str]:
        """Environment variables of its container."""
        return {pair.key: pair.value for pair in self._template.container.env}

    @property
    def retries(self) -> int:
        """How often a failed attempt is tried again."""
        return int(self._template.metadata.retries.retries)

    @property
    def timeout(self) -> timedelta | None:
        """How long one attempt may run; None for no limit."""
        limit = self._template.metadata.timeout
        length = timedelta(seconds=limit.seconds, microseconds=limit.nanos // 1000)
        return length or None

    @property
    def cache(self) -> str:
        """How outputs are cached: "disable", or "auto", with a cache version "auto:1.0"."""
        metadata = self._template.metadata
        if not metadata.discoverable:
            return "disable"
        version = metadata.discovery_version
        return f"auto:{version}" if version else "auto"

    @property
    def queue(self) -> str | None:
        """The queue that was chosen by `override`."""
        return self._queue

    def override(
        self,
        *,
        short_name: str | None = None,
        resources: Resources | None = None,
        retries: int | RetryStrategy | None = None,
        timeout: int | timedelta | Timeout | None = None,
        env_vars: Mapping[str, str] | None = None,
        secrets: str | Secret | Sequence[str | Secret] | None = None,
        queue: str | None = None,
    ) -> TaskDetails:
        """A copy with other properties; what the platform has deployed does not change.

        None keeps a property; an empty value clears it, so `retries=0` means none. `timeout` is in
        seconds, or a timedelta, or a Timeout. Raises ValueError or TypeError for impossible values.
        """
        pb = task_definition_pb2.TaskDetails()
        pb.CopyFrom(self._pb)
        _task_override.apply(
            pb.spec,
            short_name=short_name,
            resources=resources,
            retries=retries,
            timeout=timeout,
            env_vars=env_vars,
            secrets=secrets,
        )
        copy = TaskDetails(pb, self._client, self._scope, overridden=True)
        copy._queue = self._queue if queue is None else queue
        return copy

    @syncify.method
    async def run(
        self, inputs: Mapping[str, Any] | None = None, *, options: RunOptions | None = None
    ) -> Run:
        """Start a run with these inputs and return it at once.

        Raises ValueError for missing, unknown or impossible inputs (naming all of them) before
        anything is sent, and AlreadyExists for a run name that is taken.
        """
        options = options or RunOptions()
        if options.queue is None:
            options = replace(options, queue=self._queue)
        if self.overridden:
            task: dict[str, Any] = {"task_spec": self._pb.spec}
        else:
            task = {"task_id": self._scope.task_id(self.name, self.version)}
        return await start_run(
            self._client,
            self._scope,
            task=task,
            inputs=inputs_from_python(inputs or {}, self.interface),
            options=options,
        )

    def __call__(self, *args: Any, **inputs: Any) -> Any:
        """The outputs of running it: None, the value, or a tuple; awaitable inside a loop.

        Raises RemoteTaskUsageError for positional arguments, and ActionFailedError or
        ActionAbortedError when it ends without outputs.
        """
        if args:
            raise RemoteTaskUsageError(
                f"Task {self.name!r} takes keyword arguments only: {self.interface.signature}."
            )
        return self._invoke(inputs)

    @syncify.method
    async def _invoke(self, inputs: dict[str, Any]) -> Any:
        if running_task() is not None:
            missing = [name for name in self.required_args if name not in inputs]
            if missing:
                raise ValueError(f"Missing required inputs: {', '.join(missing)}.")
            return await submit_to_controller(self._pb, inputs)
        run = await self.run.aio(inputs)
        await run.wait.aio(quiet=True)
        outputs = await run.outputs.aio()
        return outputs[0] if len(outputs) == 1 else tuple(outputs) or None

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "version", self.version
        yield "project", self.project
        yield "domain", self.domain
        yield "task_type", self.task_type
        yield "interface", str(self.interface)
        yield "resources", self.resources
        yield "secrets", self.secrets


async def read_task(client: ClientSet, scope: Scope, name: str, version: str) -> TaskDetails:
    """One version of a task. Raises RemoteTaskNotFoundError."""
    asked = f"read task {name!r}, version {version!r}, in {scope.label}"
    request = task_service_pb2.GetTaskDetailsRequest(task_id=scope.task_id(name, version))
    try:
        answer = await call(client, "task_service", "GetTaskDetails", request, asked=asked)
    except NotFound as error:
        raise RemoteTaskNotFoundError(error.message, details=error.details() or "") from None
    return TaskDetails(answer.details, client, scope)

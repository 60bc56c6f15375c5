"""Starting runs."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.task import common_pb2, run_pb2
from flyteidl2.workflow import run_service_pb2

from remote_client._client.calls import call
from remote_client._client.capabilities import is_missing, remember_missing
from remote_client._run_reads import read_run
from remote_client._scope import Scope
from remote_client.errors import AlreadyExists, NotFound, Unimplemented

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet
    from remote_client._run import Run

__all__ = ["RunOptions"]

_UPLOAD = "DataProxyService.UploadInputs"
_SOURCES = {"": 0, "web": 1, "cli": 2}
CacheScope = Literal["", "global", "project_domain"]
_CACHE_SCOPES: tuple[CacheScope, ...] = ("", "global", "project_domain")
# Names are DNS labels: a letter first. 19 characters, as the platform itself makes them.
_NAME_SIGNS = string.ascii_lowercase + string.digits
_NAME_LENGTH = 19


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How a run is to be started; everything may be left out.

    `name` is the run's name (at most 30 letters, digits and hyphens); one is made up otherwise.
    `overwrite_cache` computes cached outputs anew. `source` says what started it: "web" or "cli".
    `context` is handed on to the task and its children. `max_action_concurrency` bounds how many
    actions run at once; 0 is no bound. A rerun adds to the earlier run's settings; with `is_whole`
    these are all there is: what is left out here is cleared.
    """

    name: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    env_vars: Mapping[str, str] = field(default_factory=dict)
    overwrite_cache: bool | None = None
    interruptible: bool | None = None
    queue: str | None = None
    cluster_pool: str | None = None
    raw_data_path: str | None = None
    service_account: str | None = None
    cache_scope: CacheScope | None = None
    max_action_concurrency: int | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    source: Literal["", "web", "cli"] = ""
    is_whole: bool = False

    @classmethod
    def of(cls, spec: Any, context: Mapping[str, str] | None = None) -> RunOptions:
        """What a RunSpec message says, as options that say the same (see `is_whole`)."""
        scope = spec.cache_config.cache_lookup_scope
        return cls(
            labels=dict(spec.labels.values),
            annotations=dict(spec.annotations.values),
            env_vars={pair.key: pair.value for pair in spec.envs.values},
            overwrite_cache=bool(spec.overwrite_cache or spec.cache_config.overwrite_cache),
            interruptible=spec.interruptible.value if spec.HasField("interruptible") else None,
            queue=spec.queue or None,
            cluster_pool=spec.cluster_pool or None,
            raw_data_path=spec.raw_data_storage.raw_data_prefix or None,
            service_account=spec.security_context.run_as.k8s_service_account or None,
            cache_scope=_CACHE_SCOPES[scope] if 0 < scope < len(_CACHE_SCOPES) else None,
            max_action_concurrency=spec.max_action_concurrency or None,
            context=dict(context or {}),
            is_whole=True,
        )

    def onto(self, spec: Any) -> Any:
        """The RunSpec message with these options in place of its own."""
        if self.is_whole:
            _clear(spec)
        spec.labels.values.update(self.labels)
        spec.annotations.values.update(self.annotations)
        _merge_env_vars(spec.envs, self.env_vars)
        if self.overwrite_cache is not None:
            spec.overwrite_cache = spec.cache_config.overwrite_cache = self.overwrite_cache
        if self.interruptible is not None:
            spec.interruptible.value = self.interruptible
        if self.queue is not None:
            spec.queue = self.queue
        if self.cluster_pool is not None:
            spec.cluster_pool = self.cluster_pool
        if self.raw_data_path is not None:
            spec.raw_data_storage.raw_data_prefix = self.raw_data_path
        if self.service_account is not None:
            spec.security_context.run_as.k8s_service_account = self.service_account
        if self.cache_scope is not None:
            spec.cache_config.cache_lookup_scope = _CACHE_SCOPES.index(self.cache_scope)
        if self.max_action_concurrency is not None:
            spec.max_action_concurrency = self.max_action_concurrency
        return spec


def _clear(spec: Any) -> None:
    """Take out what options can say; notification rules and the like stay."""
    for name in ("labels", "annotations", "envs", "interruptible", "overwrite_cache", "queue"):
        spec.ClearField(name)
    for name in ("cluster_pool", "max_action_concurrency"):
        spec.ClearField(name)
    spec.cache_config.Clear()
    spec.raw_data_storage.ClearField("raw_data_prefix")
    spec.security_context.run_as.ClearField("k8s_service_account")


def _merge_env_vars(envs: Any, more: Mapping[str, str]) -> None:
    merged = {pair.key: pair.value for pair in envs.values} | dict(more)
    del envs.values[:]
    for key, value in merged.items():
        envs.values.add(key=key, value=value)


async def start_run(
    client: ClientSet,
    scope: Scope,
    *,
    task: Mapping[str, Any],
    inputs: Any,
    options: RunOptions,
    spec: Any = None,
) -> Run:
    """Start a run of `task` ({"task_id": …} or {"task_spec": …}) with an Inputs message.

    A name that was made up here makes the call safe to repeat. Raises AlreadyExists for a name that
    is taken, and InvalidArgument.
    """
    from remote_client._run import Run

    if options.name is not None:
        await _refuse_if_taken(client, scope, options.name)
    name = options.name or new_run_name()
    inputs = _with_context(inputs, options)
    run_id = scope.run_id(name)
    target = {"run_id": run_id, **task}
    request = run_service_pb2.CreateRunRequest(
        **target,
        **await _given_inputs(client, scope, target, inputs),
        run_spec=options.onto(spec if spec is not None else run_pb2.RunSpec()),
        source=_SOURCES[options.source],
    )
    asked = f"start run {name!r} in {scope.label}"
    is_ours = options.name is None
    try:
        answer = await call(
            client, "run_service", "CreateRun", request, asked=asked, idempotent=is_ours
        )
    except AlreadyExists:
        if not is_ours:
            raise
        # An earlier try arrived although its answer did not.
        return await Run.get.aio(
            name, client=client, project=scope.project, domain=scope.domain, org=scope.org
        )
    return Run(answer.run, client, scope)


def _with_context(inputs: Any, options: RunOptions) -> Any:
    """The Inputs message with the context that the options name."""
    if not options.context and not (options.is_whole and inputs.context):
        return inputs
    kept = {} if options.is_whole else {pair.key: pair.value for pair in inputs.context}
    given = common_pb2.Inputs(literals=inputs.literals)
    for key, value in {**kept, **options.context}.items():
        given.context.add(key=key, value=value)
    return given


def new_run_name() -> str:
    """A name that no other run has."""
    return "r" + "".join(secrets.choice(_NAME_SIGNS) for _ in range(_NAME_LENGTH))


async def _refuse_if_taken(client: ClientSet, scope: Scope, name: str) -> None:
    """The real backend does not refuse: it puts the inputs in place of the earlier run's."""
    try:
        await read_run(client, scope, name)
    except NotFound:
        return
    raise AlreadyExists(f"Could not start run {name!r} in {scope.label}: it exists already.")


async def _given_inputs(
    client: ClientSet, scope: Scope, target: Mapping[str, Any], inputs: Any
) -> dict[str, Any]:
    """Inputs stored by the platform beforehand, or within the request where it cannot do that."""
    if not is_missing(client.endpoint, _UPLOAD):
        request = dataproxy_service_pb2.UploadInputsRequest(**target, inputs=inputs)
        asked = f"store the inputs of a run in {scope.label}"
        try:
            answer = await call(client, "dataproxy_service", "UploadInputs", request, asked=asked)
        except Unimplemented:
            remember_missing(client.endpoint, _UPLOAD)
        else:
            return {"offloaded_input_data": answer.offloaded_input_data}
    return {"inputs": inputs}

"""CreateRun: from a request to a root action that is on its way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from flyteidl2.task.common_pb2 import Inputs
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.task.task_definition_pb2 import TaskIdentifier, TaskSpec
from flyteidl2.trigger.trigger_definition_pb2 import TriggerSpec
from flyteidl2.workflow import run_service_pb2 as pb

from local_platform import clock, new_actions
from local_platform.cache_keys import cache_key, inputs_hash
from local_platform.context import Platform
from local_platform.data import read_inputs_file, with_defaults, write_inputs
from local_platform.errors import (
    already_exists,
    failed_precondition,
    invalid,
    missing,
    unavailable,
)
from local_platform.names import ROOT, check_run_name, new_run_name, require_scope
from local_platform.services.trigger import require_trigger
from local_platform.settings_in_force import with_settings
from local_platform.store import ActionKey, ActionRecord, RunKey, RunRecord, Store, TriggerRecord


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a request comes down to."""

    key: RunKey
    spec: TaskSpec
    run_spec: RunSpec
    base: Path
    input_uri: str
    cache_key: str
    started: int
    source: int


async def create(platform: Platform, request: pb.CreateRunRequest, by: str) -> ActionRecord:
    """Creates the run and answers its root action.

    NOT_FOUND: project, task, trigger. ALREADY_EXISTS: the run name is taken.
    FAILED_PRECONDITION: its code bundle is not here. UNAVAILABLE: the platform is stopping.
    """
    if platform.conductor.stopping:
        raise unavailable("the platform is stopping")
    trigger = None
    if request.HasField("trigger_name"):
        trigger = require_trigger(platform.store, request.trigger_name)
        request = _as_triggered(request, trigger)
    plan = await _plan(platform, request)
    return _begin(platform, plan, trigger, by)


def deployed_spec(store: Store, task: TaskIdentifier) -> TaskSpec:
    """The spec of a deployed task. NOT_FOUND names it."""
    if not task.name or not task.version:
        raise invalid("task_id needs a name and a version")
    record = store.tasks.get(task.project, task.domain, task.name, task.version)
    if record is None:
        raise missing("task", f"{task.project}/{task.domain}/{task.name}@{task.version}")
    return store.specs.get(record.spec_id, TaskSpec)


def triggered_task(trigger: TriggerRecord) -> TaskIdentifier:
    """The task version that a trigger runs."""
    return TaskIdentifier(
        project=trigger.project,
        domain=trigger.domain,
        name=trigger.task_name,
        version=trigger.task_version,
    )


def overwrites_cache(spec: RunSpec) -> bool:
    return bool(spec.overwrite_cache or spec.cache_config.overwrite_cache)


async def _plan(platform: Platform, request: pb.CreateRunRequest) -> _Plan:
    key = _key(platform.store, request)
    _check_free(platform.store, key)  # before inputs are written into the run's folder
    spec = _task_spec(platform.store, request)
    _check_bundle(spec)
    run_spec = with_settings(platform.store, key.project, key.domain, request.run_spec)
    base = _run_base(platform, key, run_spec)
    inputs, uri, digest = await _inputs(request, spec, base)
    started = request.run_start_time
    return _Plan(
        key=key,
        spec=spec,
        run_spec=run_spec,
        base=base,
        input_uri=uri,
        cache_key=await cache_key(spec, digest, inputs),
        started=clock.nanoseconds(started) if started.seconds else clock.now(),
        source=request.source,
    )


def _begin(platform: Platform, plan: _Plan, trigger: TriggerRecord | None, by: str) -> ActionRecord:
    store = platform.store
    key = ActionKey(*plan.key, ROOT)
    _check_free(store, plan.key)
    root = new_actions.root(store, key, plan.spec, run_base=plan.base, input_uri=plan.input_uri)
    root = replace(root, source=plan.source, created_by=by, cache_key=plan.cache_key)
    if trigger is not None:
        root = replace(
            root,
            trigger_name=trigger.name,
            trigger_task_name=trigger.task_name,
            trigger_revision=trigger.revision,
        )
    run = RunRecord(*plan.key, run_spec=plan.run_spec.SerializeToString(), started=plan.started)
    use_cache = not overwrites_cache(plan.run_spec)
    return platform.conductor.begin(root, run=run, use_cache=use_cache)


def _check_free(store: Store, key: RunKey) -> None:
    if store.actions.run(key) is not None:
        raise already_exists(f'a run named "{key.run}" already exists')


def _as_triggered(request: pb.CreateRunRequest, trigger: TriggerRecord) -> pb.CreateRunRequest:
    """The request with what the trigger says for all that the request leaves open."""
    spec = TriggerSpec.FromString(trigger.spec)
    complete = pb.CreateRunRequest()
    complete.CopyFrom(request)
    complete.task_id.CopyFrom(triggered_task(trigger))
    if not request.HasField("run_spec"):
        complete.run_spec.CopyFrom(spec.run_spec)
    if request.WhichOneof("input_wrapper") is None:
        if spec.HasField("offloaded_input_data"):
            complete.offloaded_input_data.CopyFrom(spec.offloaded_input_data)
        else:
            complete.inputs.CopyFrom(spec.inputs)
    return complete


def _task_spec(store: Store, request: pb.CreateRunRequest) -> TaskSpec:
    """The spec of the task that is to run, however it is named."""
    match request.WhichOneof("task"):
        case "task_spec":
            if not request.task_spec.task_template.id.name:
                raise invalid("task_spec.task_template.id.name is empty")
            return request.task_spec
        case "task_id":
            return deployed_spec(store, request.task_id)
    raise invalid("CreateRun needs a task_spec, a task_id or a trigger_name")


def _run_base(platform: Platform, key: RunKey, spec: RunSpec) -> Path:
    """Where the SDK's files of a run go: as the run asks, or below the data folder."""
    if spec.run_base_dir.startswith("/"):
        return Path(spec.run_base_dir).joinpath(*key)
    return platform.layout.run_base(key)


def _key(store: Store, request: pb.CreateRunRequest) -> RunKey:
    match request.WhichOneof("id"):
        case "run_id":
            run = request.run_id
            require_scope(store, run.project, run.domain)
            check_run_name(run.name)
            return RunKey(run.project, run.domain, run.name)
        case "project_id":
            project = request.project_id
            require_scope(store, project.name, project.domain)
            return RunKey(project.name, project.domain, new_run_name())
    raise invalid("CreateRun needs a run_id or a project_id")


async def _inputs(
    request: pb.CreateRunRequest, spec: TaskSpec, base: Path
) -> tuple[Inputs, str, str]:
    """The inputs, the address of their file, and their hash."""
    if request.HasField("offloaded_input_data"):
        offloaded = request.offloaded_input_data
        uri = offloaded.uri if offloaded.uri.endswith(".pb") else f"{offloaded.uri}/inputs.pb"
        return await read_inputs_file(uri), uri, offloaded.inputs_hash
    inputs = with_defaults(request.inputs, spec)
    path = base / ROOT / "inputs.pb"
    await write_inputs(path, inputs)
    return inputs, str(path), await inputs_hash(inputs, spec)


def _check_bundle(spec: TaskSpec) -> None:
    """A client remembers for a day where it uploaded its code, and skips the upload.

    Where that file is gone the run could only fail, a minute later and with a riddle.
    """
    for option, value in pairwise(spec.task_template.container.args):
        if option in ("--tgz", "--pkl") and value.startswith("/") and not Path(value).exists():
            raise failed_precondition(
                f"the code bundle {value} is not on this platform (its data folder was removed or"
                " moved): delete .flyte/local-cache beside your config file and run again"
            )

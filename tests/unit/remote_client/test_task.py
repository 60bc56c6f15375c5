"""Tasks: reading, overriding, calling, starting."""

from __future__ import annotations

import sys
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import grpc
import pytest
from flyteidl2.common import run_pb2 as common_run_pb2
from flyteidl2.core import types_pb2
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.task import task_definition_pb2, task_service_pb2
from flyteidl2.workflow import run_service_pb2

from remote_client import (
    ClientSet,
    Resources,
    RetryStrategy,
    Run,
    RunOptions,
    Secret,
    Task,
    TaskDetails,
    Timeout,
    rerun,
)
from remote_client._scope import Scope
from remote_client.errors import AlreadyExists, RemoteTaskUsageError
from tests.unit.remote_client import messages
from tests.unit.remote_client.fake_platform import FakePlatform


def _pb(version: str = "v1") -> Any:
    pb = task_definition_pb2.TaskDetails()
    pb.task_id.name, pb.task_id.version = "env.main", version
    template = pb.spec.task_template
    template.container.image = "image:1"
    template.security_context.run_as.k8s_service_account = "robot"
    for name in ("x", "y"):
        template.interface.inputs.variables.add(key=name).value.type.simple = types_pb2.INTEGER
    return pb


@pytest.fixture
async def details(client: ClientSet) -> TaskDetails:
    return TaskDetails(_pb(), client, Scope(project="p", domain="d"))


@pytest.fixture
def task_context(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The SDK as it is inside a running task; gives what is submitted to its controller."""
    submitted: list[dict[str, Any]] = []

    class Controller:
        async def submit_task_ref(self, task: Any, **inputs: Any) -> str:
            submitted.append(inputs)
            return f"child of {task.pb2.task_id.name}"

    flyte = ModuleType("flyte")
    flyte.ctx = lambda: SimpleNamespace(version="v7")  # type: ignore[attr-defined]
    controllers = ModuleType("flyte._internal.controllers")
    controllers.get_controller = Controller  # type: ignore[attr-defined]
    remote_task = ModuleType("flyte.remote._task")
    remote_task.TaskDetails = lambda pb2: SimpleNamespace(pb2=pb2)  # type: ignore[attr-defined]
    for module in (flyte, controllers, remote_task):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return submitted


def _serve_task(fake: FakePlatform) -> None:
    def read(request: Any, context: Any) -> Any:
        return task_service_pb2.GetTaskDetailsResponse(details=_pb(request.task_id.version))

    fake.answer("TaskService.GetTaskDetails", read)


async def test_a_task_is_read_when_it_is_needed_and_once(
    fake: FakePlatform, client: ClientSet
) -> None:
    _serve_task(fake)
    lazy = Task.get("env.main", version="v3")
    assert (fake.calls, lazy.name) == ([], "env.main")
    assert (await lazy.fetch()) is (await lazy.fetch())
    assert len(fake.requests("TaskService.GetTaskDetails")) == 1
    assert repr(lazy) == "Future for task with name env.main"


async def test_a_task_without_a_version_is_refused(client: ClientSet) -> None:
    with pytest.raises(ValueError, match="auto_version"):
        Task.get("env.main")
    with pytest.raises(ValueError, match="auto_version"):
        Task.get("env.main", auto_version="newest")  # type: ignore[arg-type]


async def test_the_current_version_is_the_running_tasks(
    fake: FakePlatform, client: ClientSet, task_context: list[Any]
) -> None:
    _serve_task(fake)
    details = await Task.get("env.main", auto_version="current").fetch()
    assert details.version == "v7"


async def test_the_current_version_has_no_meaning_outside_a_task(
    client: ClientSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "flyte", raising=False)
    with pytest.raises(ValueError, match="while a task is running"):
        await Task.get("env.main", auto_version="current").fetch()


async def test_all_properties_can_be_overridden(details: TaskDetails) -> None:
    other = details.override(
        short_name="other",
        resources=Resources(cpu=("1", "2"), mem="500Mi", shm="1Gi"),
        retries=RetryStrategy(3),
        timeout=Timeout(max_runtime=timedelta(days=1), deadline=timedelta(days=2)),
        env_vars={"A": "1"},
        secrets=[Secret("key"), "other-key"],
        queue="gpu",
    )
    assert other.short_name == "other"
    assert other.resources == ({"cpu": "1", "memory": "500Mi"}, {"cpu": "2"})
    assert (other.retries, other.timeout, other.queue) == (3, timedelta(days=1), "gpu")
    assert (other.env_vars, other.secrets) == ({"A": "1"}, ("key", "other-key"))
    template = other._pb.spec.task_template
    assert template.security_context.run_as.k8s_service_account == "robot"
    assert template.metadata.timeouts.deadline.seconds == 172_800
    assert template.extended_resources.shared_memory.size_limit == "1Gi"
    assert (details.short_name, details.secrets, details.overridden) == ("main", (), False)


async def test_what_is_overridden_can_be_cleared_again(details: TaskDetails) -> None:
    some = details.override(retries=3, timeout=60, env_vars={"A": "1"}, secrets="key", queue="q")
    none = some.override(retries=0, timeout=0, env_vars={}, secrets=())
    assert (none.retries, none.timeout, none.env_vars, none.secrets) == (0, None, {}, ())
    assert none.queue == "q"
    assert not none._pb.spec.task_template.metadata.HasField("timeout")


async def test_overrides_reach_the_primary_container_of_a_pod(client: ClientSet) -> None:
    pb = _pb()
    pod = pb.spec.task_template.k8s_pod
    pod.primary_container_name = "main"
    pod.pod_spec.update({"containers": [{"name": "side"}, {"name": "main", "image": "i"}]})
    details = TaskDetails(pb, client, Scope())
    other = details.override(resources=Resources(cpu="1", disk="2Gi"), env_vars={"A": "1"})
    side, main = other._pb.spec.task_template.k8s_pod.pod_spec["containers"]
    assert dict(main["resources"]["requests"]) == {"cpu": "1", "ephemeral-storage": "2Gi"}
    assert [dict(pair) for pair in main["env"]] == [{"name": "A", "value": "1"}]
    assert "resources" not in side


async def test_impossible_overrides_are_refused(details: TaskDetails) -> None:
    for wrong in ({"retries": -1}, {"timeout": -1}, {"retries": 1.5}):
        with pytest.raises(ValueError):
            details.override(**wrong)
    details._pb.spec.task_template.ClearField("container")
    with pytest.raises(RemoteTaskUsageError, match="no container"):
        details.override(env_vars={"A": "1"})


async def test_a_call_takes_keywords_only(details: TaskDetails) -> None:
    with pytest.raises(RemoteTaskUsageError, match=r"keyword arguments only: \(x: int, y: int\)"):
        await details(1, 2)


async def test_a_call_inside_a_task_goes_through_its_controller(
    details: TaskDetails, task_context: list[dict[str, Any]]
) -> None:
    assert await details(x=1, y=2) == "child of env.main"
    assert task_context == [{"x": 1, "y": 2}]
    with pytest.raises(ValueError, match="Missing required inputs: y"):
        await details(x=1)


def _serve_runs(fake: FakePlatform) -> None:
    def create(request: Any, context: Any) -> Any:
        return run_service_pb2.CreateRunResponse(run=messages.run(request.run_id.name, 1))

    fake.answer("RunService.CreateRun", create)


async def test_a_run_is_started_with_its_options(fake: FakePlatform, details: TaskDetails) -> None:
    _serve_runs(fake)
    _serve_no_runs(fake)
    fake.answer(
        "DataProxyService.UploadInputs",
        dataproxy_service_pb2.UploadInputsResponse(
            offloaded_input_data={"uri": "s3://b/inputs.pb", "inputs_hash": "h"}
        ),
    )
    options = RunOptions(
        name="my-run",
        labels={"team": "blue"},
        annotations={"why": "test"},
        env_vars={"A": "1"},
        overwrite_cache=True,
        interruptible=False,
        queue="q",
        cluster_pool="pool",
        raw_data_path="s3://b/raw",
        service_account="robot",
        source="web",
    )
    run = await details.run({"x": 1, "y": 2}, options=options)
    (request,) = fake.requests("RunService.CreateRun")
    spec = request.run_spec
    assert (run.name, request.task_id.version, request.source) == ("my-run", "v1", 1)
    assert request.offloaded_input_data.uri == "s3://b/inputs.pb"
    assert (dict(spec.labels.values), spec.queue) == ({"team": "blue"}, "q")
    assert (spec.overwrite_cache, spec.interruptible.value) == (True, False)
    assert [(pair.key, pair.value) for pair in spec.envs.values] == [("A", "1")]
    assert spec.security_context.run_as.k8s_service_account == "robot"


async def test_an_overridden_task_travels_with_its_run(
    fake: FakePlatform, details: TaskDetails
) -> None:
    _serve_runs(fake)
    await details.override(retries=2, queue="gpu").run({"x": 1, "y": 2})
    (request,) = fake.requests("RunService.CreateRun")
    assert request.WhichOneof("task") == "task_spec"
    assert request.task_spec.task_template.metadata.retries.retries == 2
    assert request.run_spec.queue == "gpu"
    assert [literal.name for literal in request.inputs.literals] == ["x", "y"]


async def test_a_name_that_was_made_up_makes_the_start_safe_to_repeat(
    fake: FakePlatform, details: TaskDetails
) -> None:
    async def create(request: Any, context: grpc.aio.ServicerContext) -> Any:
        fake.answer("RunService.GetRunDetails", messages.run_details(request.run_id.name))
        first = len(fake.requests("RunService.CreateRun")) == 1
        code = grpc.StatusCode.UNAVAILABLE if first else grpc.StatusCode.ALREADY_EXISTS
        await context.abort(code, "")

    fake.answer("RunService.CreateRun", create)
    run = await details.run({"x": 1, "y": 2})
    names = {request.run_id.name for request in fake.requests("RunService.CreateRun")}
    assert names == {run.name}


def _serve_no_runs(fake: FakePlatform) -> None:
    async def refuse(request: Any, context: grpc.aio.ServicerContext) -> None:
        await context.abort(grpc.StatusCode.NOT_FOUND, "")

    fake.answer("RunService.GetRunDetails", refuse)


async def test_a_name_that_is_taken_is_refused_before_anything_is_overwritten(
    fake: FakePlatform, details: TaskDetails
) -> None:
    _serve_runs(fake)
    fake.answer("RunService.GetRunDetails", messages.run_details("mine"))
    with pytest.raises(AlreadyExists, match="'mine'"):
        await details.run({"x": 1, "y": 2}, options=RunOptions(name="mine"))
    assert fake.requests("RunService.CreateRun") == []


async def test_a_name_that_was_chosen_is_sent_once(
    fake: FakePlatform, details: TaskDetails
) -> None:
    _serve_no_runs(fake)

    async def create(request: Any, context: grpc.aio.ServicerContext) -> Any:
        await context.abort(grpc.StatusCode.ALREADY_EXISTS, "taken")

    fake.answer("RunService.CreateRun", create)
    with pytest.raises(AlreadyExists, match="'mine'"):
        await details.run({"x": 1, "y": 2}, options=RunOptions(name="mine"))


async def test_a_rerun_takes_over_inputs_and_settings(
    fake: FakePlatform, client: ClientSet
) -> None:
    _serve_runs(fake)
    first = messages.action_details(phase=messages.SUCCEEDED)
    first.details.task.CopyFrom(_pb().spec)
    run = messages.run_details("r1", messages.SUCCEEDED)
    run.details.run_spec.labels.values["team"] = "blue"
    run.details.run_spec.run_base_dir = "s3://b/r1"
    given = dataproxy_service_pb2.GetActionDataResponse()
    for name, value in (("y", 2), ("x", 1)):
        given.inputs.literals.add(name=name).value.scalar.primitive.integer = value
    fake.answer("RunService.GetActionDetails", first)
    fake.answer("RunService.GetRunDetails", run)
    fake.answer("DataProxyService.GetActionData", given)

    await (await Run.get("r1")).rerun({"y": 7})
    (request,) = fake.requests("RunService.CreateRun")
    values = [(one.name, one.value.scalar.primitive.integer) for one in request.inputs.literals]
    assert values == [("x", 1), ("y", 7)]
    spec = request.run_spec
    assert (dict(spec.labels.values), spec.run_base_dir) == ({"team": "blue"}, "")
    assert spec.relation.related_to.name == "r1"
    assert spec.relation.relation_type == common_run_pb2.RelationType.RELATION_TYPE_RERUN
    with pytest.raises(ValueError, match=r"Unknown inputs: z\. The task takes"):
        await rerun("r1", inputs={"z": 1})


async def test_what_is_no_task_cannot_run_again(fake: FakePlatform, client: ClientSet) -> None:
    trace = messages.action_details("t1")
    trace.details.trace.SetInParent()
    fake.answer("RunService.GetActionDetails", trace)
    with pytest.raises(RemoteTaskUsageError, match="is no task"):
        await rerun("r1", "t1")

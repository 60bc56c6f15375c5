"""Every snippet of the specification, taken from its text, against a running platform."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from flyteidl2.task import task_service_pb2

from remote_client import Action, ActionPhase, ClientSet, Project, Run, RunOptions, Task
from remote_client._launch import start_run
from remote_client._secret import Secret
from remote_client.core.identifier import ActionIdentifier, RunIdentifier
from remote_client.errors import AlreadyExists, NotFound
from tests.contract import spec_snippets as spec
from tests.contract.conftest import DOMAIN, PATIENCE_S, PROJECT
from tests.contract.platform_calls import Calls, shell_spec
from tests.contract.platform_process import PlatformProcess
from tests.flyte_command import FlyteCommand

VERSIONS = ("v1.0.0", "v2.0.0")
TASKS = ("my_task", "my_data_processing_task", "another_task")


@pytest.fixture(scope="module")
def spec_platform(
    platform: PlatformProcess, tmp_path_factory: pytest.TempPathFactory
) -> PlatformProcess:
    """A platform that has everything that the snippets name."""
    folder = tmp_path_factory.mktemp("spec")
    flyte = FlyteCommand(platform.port, folder)
    shutil.copy(Path(__file__).with_name("spec_program.py"), folder / "examples")
    flyte("deploy", "examples/spec_program.py", "env")
    client = ClientSet.for_endpoint(
        platform.endpoint, insecure=True, project=PROJECT, domain=DOMAIN
    )
    asyncio.run(_furnish(client))
    client.close()
    return platform


async def _furnish(client: ClientSet) -> None:
    with client.bound():
        for project in ("my-project-name", "my-project"):
            await Project.create(project)
        details = await Task.get("spec.another_task", auto_version="latest").fetch()
        for name in TASKS:
            for version in VERSIONS:
                await _deploy(client, details._pb.spec, name, version)
        for scoped in (client, client.with_scope(project="my-project", domain="development")):
            await _start_with_child(scoped, "my-run-name")
        await _start_with_child(client, "my-specific-run")


async def _deploy(client: ClientSet, task_spec: Any, name: str, version: str) -> None:
    request = task_service_pb2.DeployTaskRequest(
        task_id=client.scope.task_id(name, version), spec=task_spec
    )
    request.spec.task_template.id.name = name
    request.spec.task_template.id.version = version
    await client.task_service.DeployTask(request)


async def _start_with_child(client: ClientSet, name: str, script: str = "echo hello") -> Run:
    """A run whose root waits for its child `my-action-name`."""
    run = await start_run(
        client,
        client.scope,
        # Long enough for the child to come and go, also on a busy machine.
        task={"task_spec": shell_spec("sleep 5")},
        inputs=None,
        options=RunOptions(name=name),
    )
    calls = Calls(client.endpoint)
    run_id = client.scope.run_id(run.name)
    await asyncio.to_thread(calls.enqueue, run_id, "my-action-name", script)
    calls.close()
    return run


@pytest.fixture
async def client(spec_platform: PlatformProcess) -> AsyncIterator[ClientSet]:
    async with await ClientSet.for_endpoint(
        spec_platform.endpoint, insecure=True, project=PROJECT, domain=DOMAIN
    ) as made:
        with made.bound():
            yield made


@pytest.fixture
async def action(client: ClientSet) -> Action:
    """An action that has ended."""
    action = await Action.get(run_name="my-specific-run", name="my-action-name")
    await action.wait(quiet=True, timeout=PATIENCE_S)
    return action


@pytest.fixture
def action_id() -> ActionIdentifier:
    run = RunIdentifier(org="my-org", project="my-project", domain=DOMAIN, name="my-run-name")
    return ActionIdentifier(run=run, name="my-action-name")


async def test_for_endpoint() -> None:
    made = (await spec.FOR_ENDPOINT.run())["client"]
    assert (made.endpoint, made.insecure) == ("grpc.myplatform.com:443", False)
    for service in ("task_service", "run_service", "secrets_service"):
        assert getattr(made, service)
    await made.close()


async def test_for_api_key(spec_platform: PlatformProcess) -> None:
    key = base64.b64encode(f"http://{spec_platform.endpoint}:id:secret:None".encode()).decode()
    made = (await spec.FOR_API_KEY.run({"your-api-key-string": key}))["client"]
    assert (made.endpoint, made.insecure) == (spec_platform.endpoint, True)
    await made.close()


async def test_project_get(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    await spec.PROJECT_GET.run()
    assert capsys.readouterr().out == "Project Name: my-project-name, State: active\n"


async def test_project_listall(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    await spec.PROJECT_LISTALL.run()
    assert "Found project: my-project-name\n" in capsys.readouterr().out


async def test_task_listall(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    await spec.TASK_LISTALL.run()
    assert capsys.readouterr().out == "Task: my_data_processing_task, Version: v2.0.0\n"


async def test_task_get(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    names = await spec.TASK_GET.run()
    assert capsys.readouterr().out.startswith('Task Interface: (input_param: str = "nothing")')
    assert names["task_details"].version == "v2.0.0"
    assert (await names["task_v1"].fetch()).version == "v1.0.0"


async def test_task_call(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    names = await spec.TASK_CALL.run()
    await names["my_workflow_task"]()
    assert capsys.readouterr().out == "Remote task output: value!\n"


async def test_a_remote_task_called_in_a_running_task_is_its_child(client: ClientSet) -> None:
    parent = Task.get("spec.parent", auto_version="latest")
    # The platform's processes do not have this repository on their path.
    options = RunOptions(env_vars={"PYTHONPATH": str(Path(__file__).parents[2])})
    run = await parent.run({"word": "hello"}, options=options)
    await run.wait(quiet=True, timeout=PATIENCE_S)
    assert await run.outputs() == (["hello!", "hello again!"],)
    children = [one async for one in Action.listall(run.name) if one.parent_name == "a0"]
    assert len(children) == 2


async def test_task_override(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    names = await spec.TASK_OVERRIDE.run()
    shown = "({'cpu': '1', 'memory': '500Mi'}, {})"
    assert capsys.readouterr().out == f"Overridden task resources: {shown}\n"
    assert names["overridden_task"].secrets == ("my-api-key",)
    assert names["task_details"].secrets == ()


async def test_listall(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    await spec.LISTALL.run()
    shown = capsys.readouterr().out
    assert re.search(r"^Run: my-specific-run, Phase: \w+$", shown, re.MULTILINE)
    assert re.search(r"^Action: my-action-name, Phase: \w+$", shown, re.MULTILINE)


async def test_get(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    await spec.GET.run()
    shown = capsys.readouterr().out
    assert "/v2/domain/development/project/flytesnacks/runs/my-specific-run\n" in shown
    assert re.search(r"^Action Runtime: 0:00:\d\d", shown, re.MULTILINE)


async def test_monitor(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    run = await _start_with_child(client, "r-monitor")
    action = await Action.get(run_name=run.name, name="my-action-name")
    await spec.MONITOR.run(run=run, action=action)
    assert run.phase is ActionPhase.SUCCEEDED
    assert capsys.readouterr().out.endswith("Action my-action-name is in phase: succeeded\n")


async def test_data(client: ClientSet, action: Action, capsys: pytest.CaptureFixture[str]) -> None:
    await spec.DATA.run(action=action)
    assert capsys.readouterr().out == (
        "Action Inputs: ActionInputs()\nAction Outputs: ActionOutputs()\n"
    )


async def test_abort(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    run = await start_run(
        client,
        client.scope,
        task={"task_spec": shell_spec("sleep 600")},
        inputs=None,
        options=RunOptions(name="r-abort"),
    )
    await spec.ABORT.run(run=run)
    assert await run.wait(quiet=True, timeout=PATIENCE_S) is ActionPhase.ABORTED
    assert capsys.readouterr().out == "Run r-abort aborted.\n"


async def test_local_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = await spec.LOCAL_SECRET.run()
    monkeypatch.setenv("API_KEY", "0123456789")
    await names["my_task_with_secret"]()
    assert capsys.readouterr().out == "API Key (first 5 chars): 01234...\n"


async def test_secrets_from_creating_to_deleting(
    client: ClientSet, capsys: pytest.CaptureFixture[str]
) -> None:
    await spec.SECRET_CREATE.run()
    with pytest.raises(AlreadyExists):
        await spec.SECRET_CREATE.run()
    await spec.SECRET_GET.run(Secret=Secret)
    assert capsys.readouterr().out == "Remote Secret Name: my-remote-secret, Type: regular\n"
    await spec.SECRET_LISTALL.run(Secret=Secret)
    assert "Found remote secret: my-remote-secret\n" in capsys.readouterr().out
    await spec.SECRET_DELETE.run(Secret=Secret)
    assert capsys.readouterr().out == "Remote secret 'my-remote-secret' deleted.\n"
    with pytest.raises(NotFound):
        await Secret.get("my-remote-secret")


async def test_logs_tail(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    await spec.LOGS_TAIL.run()
    assert capsys.readouterr().out.endswith("hello\n")


async def test_create_viewer(
    client: ClientSet, action_id: ActionIdentifier, capsys: pytest.CaptureFixture[str]
) -> None:
    from remote_client._logs import Logs

    await spec.CREATE_VIEWER.run(Logs=Logs, action_id=action_id)
    shown = capsys.readouterr().out
    assert "hello" in shown
    assert "my-run-name:my-action-name" in shown


async def test_to_json(client: ClientSet, capsys: pytest.CaptureFixture[str]) -> None:
    await spec.TO_JSON.run()
    assert '"id": "my-project-name"' in capsys.readouterr().out


def test_no_snippet_of_the_specification_is_left_out() -> None:
    """Each line of code in the text belongs to a snippet that is tested."""
    text = spec.SPECIFICATION.read_text(encoding="utf-8")
    known = "\n".join(
        snippet.source() for snippet in vars(spec).values() if isinstance(snippet, spec.Snippet)
    )
    awaited = re.findall(r"(?:await|async for \w+ in) [\w.]+\(", text)
    assert len(awaited) > 20
    assert not [call for call in awaited if call not in known]

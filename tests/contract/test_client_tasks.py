"""The client against a running backend: tasks, starting runs, running again."""

from __future__ import annotations

import pytest

from remote_client import ActionPhase, ClientSet, Resources, RunOptions, Task, rerun
from remote_client.errors import AlreadyExists, RemoteTaskNotFoundError
from tests.contract.conftest import PATIENCE_S, Programs


async def test_a_deployed_task_is_listed_and_read(client: ClientSet, programs: Programs) -> None:
    await programs.deploy("hello")
    (task,) = [found async for found in Task.listall(by_task_name="hello.main")]
    assert task.short_name == "main"
    assert "hello.main" in [found.name async for found in Task.listall(by_task_env="hello")]
    details = await Task.get("hello.main", auto_version="latest").fetch()
    assert details.version == task.version
    assert str(details.interface) == '(name: str = "world") -> (o0: str)'
    versions = [version.version async for version in Task.listversions("hello.main")]
    assert details.version in versions


async def test_a_task_is_called_like_a_function(client: ClientSet, programs: Programs) -> None:
    await programs.deploy("hello")
    hello = Task.get("hello.main", auto_version="latest")
    assert await hello(name="Bob") == "Hello, Bob!"


async def test_a_run_is_started_with_other_properties(
    client: ClientSet, programs: Programs
) -> None:
    await programs.deploy("hello")
    details = await Task.get("hello.main", auto_version="latest").fetch()
    other = details.override(
        short_name="greet",
        resources=Resources(cpu="1", mem="500Mi"),
        retries=2,
        timeout=60,
        env_vars={"MOOD": "good"},
    )
    assert other.resources == ({"cpu": "1", "memory": "500Mi"}, {})
    run = await other.run({"name": "Cleo"}, options=RunOptions(labels={"team": "blue"}))
    assert await run.wait(quiet=True, timeout=PATIENCE_S) is ActionPhase.SUCCEEDED
    assert run.short_name == "greet"
    root = await run.action.details()
    assert root.max_attempts == 3
    assert (await run.details()).labels == {"team": "blue"}


async def test_a_run_is_run_again_with_another_input(client: ClientSet, programs: Programs) -> None:
    first = await programs.once("hello")
    again = await rerun(first, inputs={"name": "Dora"})
    assert await again.wait(quiet=True, timeout=PATIENCE_S) is ActionPhase.SUCCEEDED
    assert await again.outputs() == ("Hello, Dora!",)
    same = await again.rerun()
    await same.wait(quiet=True, timeout=PATIENCE_S)
    assert await same.outputs() == ("Hello, Dora!",)


async def test_wrong_inputs_are_refused_before_anything_is_sent(
    client: ClientSet, programs: Programs
) -> None:
    await programs.deploy("hello")
    details = await Task.get("hello.main", auto_version="latest").fetch()
    with pytest.raises(ValueError, match="Unknown inputs: nome"):
        await details.run({"nome": "Ada"})


async def test_a_run_name_that_is_taken_is_told(client: ClientSet, programs: Programs) -> None:
    await programs.deploy("hello")
    name = await programs.once("hello")
    details = await Task.get("hello.main", auto_version="latest").fetch()
    with pytest.raises(AlreadyExists, match=name):
        await details.run(options=RunOptions(name=name))


async def test_an_unknown_task_is_named(client: ClientSet) -> None:
    with pytest.raises(RemoteTaskNotFoundError, match=r"'ghost\.main'"):
        await Task.get("ghost.main", auto_version="latest").fetch()
    with pytest.raises(RemoteTaskNotFoundError, match="'v1'"):
        await Task.get("ghost.main", version="v1").fetch()

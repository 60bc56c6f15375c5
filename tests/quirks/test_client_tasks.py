"""Tasks, launching, secrets and identity where the backend knows less than one would think."""

import grpc
import pytest
from flyteidl2.core import interface_pb2, types_pb2
from flyteidl2.task import task_definition_pb2

from remote_client import Action, Condition, Run, Task, User
from remote_client._secret import Secret
from remote_client.errors import (
    AlreadyExists,
    FailedPrecondition,
    NotFound,
    RemoteTaskNotFoundError,
    Unauthenticated,
)
from tests.quirks.rows import CONDITION, PAUSED, QUEUED

pytestmark = pytest.mark.usefixtures("client")


def spec():
    """A task that takes n: int."""
    kind = types_pb2.LiteralType(simple=types_pb2.INTEGER)
    entry = interface_pb2.VariableEntry(key="n", value={"type": kind})
    made = task_definition_pb2.TaskSpec()
    made.task_template.interface.inputs.variables.append(entry)
    return made


async def test_the_latest_version_is_found_though_the_backend_knows_no_latest(server):
    for version in ("v1", "v2"):
        server.world.add_task("demo.main", version)

    details = await Task.get("demo.main", auto_version="latest").fetch()

    assert details.version == "v2"


async def test_an_unknown_task_or_version_is_not_found(server):
    server.world.add_task("demo.main", "v1")

    for lazy in (
        Task.get("demo.other", auto_version="latest"),
        Task.get("demo.main", version="v9"),
    ):
        with pytest.raises(RemoteTaskNotFoundError):
            await lazy.fetch()


async def test_a_full_last_page_of_tasks_ends_the_listing(server):
    for number in range(4):
        server.world.add_task(f"demo.t{number}")

    found = [task.name async for task in Task.listall(page_size=2)]

    assert found == ["demo.t3", "demo.t2", "demo.t1", "demo.t0"]
    assert server.calls["TaskService/ListTasks"] == 3


async def test_an_environment_is_told_from_names_that_only_contain_it(server):
    for name in ("demo.main", "other_demo.main"):
        server.world.add_task(name)

    assert [task.name async for task in Task.listall(by_task_env="demo")] == ["demo.main"]


async def test_versions_come_newest_first(server):
    for version in ("v1", "v2", "v3"):
        server.world.add_task("demo.main", version)

    found = [one.version async for one in Task.listversions("demo.main", page_size=2)]

    assert found == ["v3", "v2", "v1"]


async def test_a_launch_keeps_its_inputs_beside_the_request(server):
    server.world.add_task("demo.main", spec=spec())

    run = await (await Task.get("demo.main", version="v1").fetch()).run({"n": 2**62})

    asked = server.log.requests["RunService/CreateRun"][0]
    assert asked.WhichOneof("input_wrapper") == "offloaded_input_data"
    assert dict(await run.inputs()) == {"n": 2**62}


async def test_a_launch_that_is_sent_again_makes_one_run(server):
    server.world.add_task("demo.main", spec=spec())
    server.log.refuse("RunService/CreateRun", grpc.StatusCode.UNAVAILABLE, times=2)

    await (await Task.get("demo.main", version="v1").fetch()).run({"n": 1})

    assert len(server.world.roots()) == 1
    names = {asked.run_id.name for asked in server.log.requests["RunService/CreateRun"]}
    assert len(names) == 1


async def test_secrets_of_all_scopes_come_and_the_nearest_wins(server):
    for name, scope in (
        ("own", {}),
        ("both", {}),
        ("both", {"project": "", "domain": ""}),
        ("of-domain", {"project": ""}),
        ("global", {"project": "", "domain": ""}),
    ):
        await Secret.create(name, "value", **scope)

    found = {secret.name: secret.scope async for secret in Secret.listall(page_size=1)}

    assert found == {"own": "project", "both": "project", "of-domain": "domain", "global": "org"}


async def test_a_secret_that_exists_or_does_not_says_so():
    await Secret.create("key", "value")

    with pytest.raises(AlreadyExists, match="'key'"):
        await Secret.create("key", "value")
    await Secret.delete("key")
    with pytest.raises(NotFound, match="'key'"):
        await Secret.get("key")
    with pytest.raises(NotFound):
        await Secret.update("key", "value")


async def test_nobody_is_signed_in_without_an_identity_provider():
    with pytest.raises(Unauthenticated):
        await User.get()


async def test_a_condition_is_answered_once(server):
    key = server.world.add_run("r0")
    server.world.add_action(key, "c1", kind=CONDITION, phase=PAUSED)
    condition = await Condition.get(run_name="r0", name="c1")

    await condition.signal("yes")
    await condition.signal("yes")
    with pytest.raises(FailedPrecondition):
        await condition.signal("no")

    assert (await Condition.get(run_name="r0", name="c1")).answer == "yes"


async def test_conditions_are_found_though_lists_do_not_tell_them_apart(server):
    key = server.world.add_run("r0")
    server.world.add_action(key, "b1", phase=QUEUED)
    server.world.add_action(key, "c1", kind=CONDITION, phase=PAUSED)

    assert [found.name async for found in Condition.listall("r0", waiting=True)] == ["c1"]


async def test_cluster_events_of_an_attempt_come_once_each_and_end_with_it(server):
    key = server.world.add_run("r0")
    server.world.cluster_event(key, "pulled the image")
    server.world.start(key)
    action = await Action.get(run_name="r0", name="a0")
    told = []

    async for event in action.cluster_events():
        told.append(event.message)
        if told == ["pulled the image"]:
            server.cut("RunService/WatchClusterEvents")
            server.world.cluster_event(key, "started")
        else:
            server.world.finish(key)

    assert told == ["pulled the image", "started"]


async def test_a_report_that_was_never_written_is_not_found(server):
    key = server.world.add_run("r0")
    server.world.start(key)
    server.world.finish(key)
    run = await Run.get("r0")

    with pytest.raises(NotFound, match="report of attempt 1"):
        await run.get_report()

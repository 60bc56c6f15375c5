"""Waiting and details against streams that never end, end early, or say nothing."""

import asyncio
from contextlib import aclosing

import grpc
import pytest

from remote_client import Action, ActionPhase, Run, RunDetails, _watch
from tests.quirks.rows import CONDITION, FAILED, PAUSED, SUCCEEDED, TRACE

pytestmark = pytest.mark.usefixtures("client")

DETAILS = "RunService/WatchActionDetails"


@pytest.fixture
def soon(monkeypatch):
    """A stream counts as silent after a moment instead of half a minute."""
    monkeypatch.setattr(_watch, "IDLE_S", 0.2)
    monkeypatch.setattr(_watch.read, "__kwdefaults__", {"idle_s": 0.2, "still_wanted": None})


@pytest.fixture
async def waiting(server):
    """Starts `run.wait()` in the background, and gives the task once the server knows of it."""
    tasks = []

    async def start(run_name):
        run = await Run.get(run_name)
        task = asyncio.create_task(run.wait.aio(quiet=True))
        tasks.append(task)
        await server.until(lambda: server.open[DETAILS])
        return run, task

    yield start
    for task in tasks:
        task.cancel()


async def test_a_run_is_waited_for_though_its_own_watch_is_a_stub(server, waiting):
    key = server.world.add_run("r0")
    run, task = await waiting("r0")

    server.world.start(key)
    server.world.finish(key)
    await task

    assert run.phase is ActionPhase.SUCCEEDED
    assert server.calls["RunService/WatchRunDetails"] == 0


async def test_a_wait_goes_on_when_the_stream_ends_well_too_early(server, waiting):
    key = server.world.add_run("r0")
    run, task = await waiting("r0")

    server.world.start(key)
    server.cut(DETAILS)
    await server.until(lambda: not server.open[DETAILS])
    await server.until(lambda: server.open[DETAILS])
    assert not task.done()
    server.world.finish(key, FAILED, error="boom")
    await task

    assert run.phase is ActionPhase.FAILED


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL])
async def test_a_wait_goes_on_when_the_stream_breaks(server, waiting, code):
    key = server.world.add_run("r0")
    run, task = await waiting("r0")

    server.cut(DETAILS, code)
    await server.until(lambda: not server.open[DETAILS])
    server.world.start(key)
    server.world.finish(key)
    await task

    assert run.phase is ActionPhase.SUCCEEDED


async def test_a_wait_comes_through_a_restart_of_the_server(server, waiting):
    key = server.world.add_run("r0")
    run, task = await waiting("r0")

    await server.stop()
    server.world.start(key)
    server.world.finish(key)
    await server.start()
    await task

    assert run.phase is ActionPhase.SUCCEEDED


async def test_a_wait_finds_out_what_a_silent_stream_does_not_tell(server, soon, waiting):
    key = server.world.add_run("r0")
    run, task = await waiting("r0")

    server.world.changes.silent = True
    server.world.start(key)
    server.world.finish(key)
    await task

    assert run.phase is ActionPhase.SUCCEEDED


async def test_an_action_that_was_aborted_before_it_started_is_over(server):
    key = server.world.add_run("r0")
    server.world.abort(server.world.rows(key)[0].key, "not needed")

    run = await Run.get("r0")
    await run.wait(quiet=True, timeout=5)

    assert run.phase is ActionPhase.ABORTED
    await server.until(lambda: not server.open)


async def test_a_trace_is_over_though_its_stream_never_ends(server):
    key = server.world.add_run("r0")
    server.world.add_action(key, "t1", kind=TRACE, phase=SUCCEEDED)

    action = await Action.get(run_name="r0", name="t1")
    await action.wait(quiet=True, timeout=5)

    assert (action.kind, action.phase) == ("trace", ActionPhase.SUCCEEDED)


async def test_a_paused_condition_is_waited_for_until_it_is_signalled(server):
    key = server.world.add_run("r0")
    server.world.add_action(key, "c1", kind=CONDITION, phase=PAUSED)
    action = await Action.get(run_name="r0", name="c1")
    phases = []

    async with aclosing(action.watch().aio()) as updates:
        async for details in updates:
            phases.append(details.phase)
            if details.phase is ActionPhase.PAUSED:
                server.world.signal(key, "c1", "yes")

    assert phases == [ActionPhase.PAUSED, ActionPhase.SUCCEEDED]


async def test_a_cancelled_wait_ends_the_servers_stream(server, waiting):
    server.world.add_run("r0")
    _, task = await waiting("r0")

    task.cancel()

    await server.until(lambda: not server.open)
    assert task.cancelled()


async def test_an_error_that_comes_after_its_phase_is_in_the_last_update(server):
    key = server.world.add_run("r0")
    server.world.start(key)
    action = await Action.get(run_name="r0", name="a0")

    async with aclosing(action.watch().aio()) as updates:
        await anext(updates)
        server.world.run_ahead(key, FAILED)
        last = asyncio.ensure_future(anext(updates))
        reads = server.calls["RunService/GetActionDetails"]
        await server.until(lambda: server.calls["RunService/GetActionDetails"] > reads)
        server.world.report(key, FAILED, error="boom")

        assert (await last).error_info.message == "boom"


async def test_the_details_of_a_run_have_the_error_that_the_backend_leaves_out(server):
    key = server.world.add_run("r0")
    server.world.start(key)
    server.world.finish(key, FAILED, error="boom")

    details = await RunDetails.get("r0")

    assert details.action_details.error_info.message == "boom"


async def test_an_attempt_that_was_tried_again_stays_without_an_end(server):
    key = server.world.add_run("r0")
    server.world.start(key)
    server.world.fail_attempt(key)
    server.world.start(key, attempt=2)
    server.world.finish(key)
    run = await Run.get("r0")

    first, second = (await run.details()).action_details.attempt_list

    assert (first.number, first.end_time, first.error) == (1, None, None)
    assert (second.number, second.phase) == (2, ActionPhase.SUCCEEDED)


async def test_the_error_of_an_earlier_attempt_is_not_shown_while_the_next_one_runs(server):
    key = server.world.add_run("r0")
    server.world.start(key)
    server.world.fail_attempt(key)
    server.world.start(key, attempt=2)
    action = await Action.get(run_name="r0", name="a0")

    details = await action.details()

    assert details.phase is ActionPhase.RUNNING
    assert details.error_info is None


async def test_an_abort_of_one_run_leaves_its_children_until_the_cluster_follows(server):
    key = server.world.add_run("r0")
    server.world.start(key)
    server.world.add_action(key, "b1")
    server.world.start(key, "b1")
    run = await Run.get("r0")

    await run.abort("enough")
    between = [action.phase async for action in Action.listall(for_run_name="r0")]
    server.world.cascade(key)
    after = [action.phase async for action in Action.listall(for_run_name="r0")]

    assert between == [ActionPhase.ABORTED, ActionPhase.RUNNING]
    assert after == [ActionPhase.ABORTED, ActionPhase.ABORTED]
    details = await Action.get(run_name="r0", name="a0")
    assert (await details.details()).abort_info.reason == "enough"

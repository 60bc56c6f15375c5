"""The client's watches against streams that lose, go silent, break off and never end."""

import grpc
import pytest

from remote_client import Action, ActionPhase, Run, _action_watch, _run_watch
from remote_client.errors import NotFound
from tests.quirks.following import following
from tests.quirks.rows import FAILED, RUNNING, SUCCEEDED

pytestmark = pytest.mark.usefixtures("client")

RUNS, ACTIONS = "RunService/WatchRuns", "RunService/WatchActions"


@pytest.fixture
def soon(monkeypatch):
    """Checks and idle limits of many seconds shrink, so that a test sees them."""
    monkeypatch.setattr(_run_watch, "RECONCILE_S", 0.2)
    monkeypatch.setattr(_run_watch.watch_runs, "__defaults__", (0.2,))
    monkeypatch.setattr(_action_watch, "IDLE_S", 0.2)
    monkeypatch.setattr(_action_watch, "ENDED_RECHECK_S", 0.2)


async def test_a_project_without_runs_gives_an_empty_snapshot(server):
    async with following(Run.watchall) as seen:
        await server.until(lambda: seen.batches == [[]])

    assert seen.by_name == {}


async def test_a_run_that_the_stream_does_not_announce_is_seen(server, soon):
    server.world.add_run("first")
    async with following(Run.watchall) as seen:
        await server.until(lambda: "first" in seen.by_name)

        server.world.add_run("unannounced")

        await server.until(lambda: seen.phase("unannounced") == "queued")


async def test_the_newest_runs_are_seen_though_the_snapshot_prefers_the_oldest_phases(server):
    for number in range(150):
        server.world.add_run(f"queued{number}")
    newest = server.world.add_run("newest")
    server.world.report(newest, SUCCEEDED)

    async with following(Run.watchall) as seen:
        await server.until(lambda: seen.phase("newest") == "succeeded")


async def test_a_change_of_a_run_that_got_lost_is_found_out(server, soon):
    run = server.world.add_run("r0")
    server.world.start(run)
    async with following(Run.watchall) as seen:
        await server.until(lambda: seen.phase("r0") == "running")

        server.world.changes.to_drop = 1
        server.world.finish(run)

        await server.until(lambda: seen.phase("r0") == "succeeded")
    assert server.world.changes.dropped == 1


async def test_runs_go_on_when_the_stream_has_gone_silent_for_good(server, soon):
    run = server.world.add_run("r0")
    async with following(Run.watchall) as seen:
        await server.until(lambda: "r0" in seen.by_name)

        server.world.changes.silent = True
        server.world.start(run)
        server.world.finish(run, FAILED, error="boom")

        await server.until(lambda: seen.phase("r0") == "failed")


async def test_an_old_run_that_ended_unheard_is_found_out(server, soon):
    old = server.world.add_run("old")
    server.world.start(old)
    async with following(Run.watchall) as seen:
        await server.until(lambda: seen.phase("old") == "running")

        server.world.changes.silent = True
        for number in range(120):
            server.world.add_run(f"r{number}")
        server.world.finish(old)

        await server.until(lambda: seen.phase("old") == "succeeded")


async def test_a_broken_watch_of_runs_says_so_and_comes_back(server):
    run = server.world.add_run("r0")
    async with following(Run.watchall) as seen:
        await server.until(lambda: "r0" in seen.by_name and server.open[RUNS])

        server.cut(RUNS, grpc.StatusCode.UNAVAILABLE)
        await server.until(lambda: "reconnecting" in seen.kinds and server.open[RUNS])
        server.world.report(run, RUNNING)

        await server.until(lambda: seen.phase("r0") == "running" and seen.kinds[-1] == "live")


async def test_a_watch_comes_through_a_restart_of_the_server(server):
    run = server.world.add_run("r0")
    async with following(Run.watchall) as seen:
        await server.until(lambda: "r0" in seen.by_name)

        await server.stop()
        await server.until(lambda: "reconnecting" in seen.kinds)
        server.world.start(run)
        await server.start()

        await server.until(lambda: seen.phase("r0") == "running")


async def test_a_run_is_told_of_once_though_ids_come_with_and_without_an_org(server, soon):
    run = server.world.add_run("r0")
    server.world.start(run)
    async with following(Run.watchall) as seen:
        await server.until(lambda: seen.phase("r0") == "running")
        lists = server.calls["RunService/ListRuns"]
        await server.until(lambda: server.calls["RunService/ListRuns"] > lists + 2)

    told = [batch for batch in seen.batches if batch]
    assert len(told) == 1


async def test_stopping_closes_the_servers_stream(server):
    run = server.world.add_run("r0")
    async with following(Action.watchall, for_run_name=run.name) as seen:
        await server.until(lambda: "a0" in seen.by_name)

    await server.until(lambda: not server.open)


def _counts(seen):
    return seen.by_name["a0"].children_phase_counts.values() if "a0" in seen.by_name else ()


async def test_all_pages_of_a_large_run_come(server):
    run = server.world.add_run("r0")
    for number in range(2_500):
        server.world.add_action(run, f"b{number}")

    async with following(Action.watchall, for_run_name="r0") as seen:
        await server.until(lambda: sum(_counts(seen)) == 2_500)

    assert len(seen.by_name) == 2_501


async def test_a_child_before_its_parent_breaks_the_stream_and_not_the_watch(server):
    run = server.world.add_run("r0")
    async with following(Action.watchall, for_run_name="r0") as seen:
        await server.until(lambda: "a0" in seen.by_name)

        server.world.add_action(run, "c1", parent="b1")
        server.world.add_action(run, "b1")

        await server.until(lambda: {"b1", "c1"} <= set(seen.by_name))
    assert server.opened[ACTIONS] > 1
    assert seen.error is None


async def test_counts_that_fell_to_zero_are_not_shown(server):
    run = server.world.add_run("r0")
    server.world.add_action(run, "b1")
    async with following(Action.watchall, for_run_name="r0") as seen:
        await server.until(lambda: "b1" in seen.by_name)
        server.world.start(run, "b1")
        await server.until(lambda: seen.phase("b1") == "running")

    assert seen.by_name["a0"].children_phase_counts == {ActionPhase.RUNNING: 1}


async def test_watching_the_actions_of_an_unknown_run_is_an_error_and_not_silence(server):
    async with following(Action.watchall, for_run_name="nope") as seen:
        await server.until(lambda: seen.error)

    assert isinstance(seen.error, NotFound)


async def test_actions_go_on_when_the_stream_has_gone_silent_for_good(server, soon):
    run = server.world.add_run("r0")
    server.world.start(run)
    async with following(Action.watchall, for_run_name="r0") as seen:
        await server.until(lambda: seen.phase("a0") == "running")

        server.world.changes.silent = True
        server.world.finish(run)

        await server.until(lambda: seen.phase("a0") == "succeeded")


async def test_a_watch_of_actions_that_ends_well_is_opened_again(server):
    run = server.world.add_run("r0")
    async with following(Action.watchall, for_run_name="r0") as seen:
        await server.until(lambda: "a0" in seen.by_name)

        server.cut(ACTIONS)
        server.world.start(run)

        await server.until(lambda: seen.phase("a0") == "running")


async def test_an_abort_after_the_end_is_seen(server, soon):
    run = server.world.add_run("r0")
    server.world.start(run)
    server.world.finish(run)
    async with following(Action.watchall, for_run_name="r0") as seen:
        await server.until(lambda: seen.phase("a0") == "succeeded")

        server.world.abort(server.world.rows(run)[0].key, "too late")

        await server.until(lambda: seen.phase("a0") == "aborted")

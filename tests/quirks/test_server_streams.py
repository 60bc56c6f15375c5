"""The server's streams misbehave as those of the real backend do."""

import asyncio

import grpc
import pytest
from flyteidl2.workflow import run_service_pb2, run_service_pb2_grpc

from tests.quirks import requests
from tests.quirks.quirks import Quirks
from tests.quirks.rows import ABORTED, FAILED, QUEUED, RUNNING, SUCCEEDED, TRACE, WAITING
from tests.quirks.server import QuirksServer
from tests.quirks.world import run_names


async def is_silent(call):
    """True when nothing comes for a moment: a slow machine can hide a fault here, not make one."""
    read = asyncio.ensure_future(call.read())
    done, _ = await asyncio.wait([read], timeout=0.1)
    read.cancel()
    return not done


async def test_a_watch_of_no_runs_says_nothing(server, runs):
    call = runs.WatchRuns(requests.watch_runs())

    assert await is_silent(call)
    assert server.open["RunService/WatchRuns"] == 1


async def test_a_new_run_appears_at_its_first_phase_change(server, runs):
    server.world.add_run("r0")
    call = runs.WatchRuns(requests.watch_runs())
    snapshot = await call.read()

    second = server.world.add_run("r1")
    third = server.world.add_run("r2")
    server.world.report(third, RUNNING)
    change = await call.read()

    assert run_names(snapshot.runs) == ["r0"]
    assert run_names(change.runs) == ["r2"]
    assert second.name == "r1"


async def test_the_snapshot_of_runs_is_cut_at_101_rows(server, runs):
    for number in range(150):
        server.world.add_run(f"r{number}")

    snapshot = await runs.WatchRuns(requests.watch_runs()).read()

    assert len(snapshot.runs) == 101


async def test_a_watch_does_not_end_with_its_run(server, runs):
    run = server.world.add_run("r0")
    call = runs.WatchActions(requests.watch_actions(run))
    await call.read()

    server.world.start(run)
    server.world.finish(run)
    changes = [await call.read() for _ in range(3)]

    assert changes[-1].enriched_actions[0].action.status.phase == SUCCEEDED
    assert server.open["RunService/WatchActions"] == 1


async def test_a_closed_client_closes_the_servers_stream(server, runs):
    run = server.world.add_run("r0")
    call = runs.WatchActions(requests.watch_actions(run))
    await call.read()

    call.cancel()

    await server.until(lambda: not server.open)


async def test_an_unknown_run_is_watched_in_silence(server, runs):
    unknown = server.world.add_run("r0")._replace(name="unknown")

    assert await is_silent(runs.WatchActions(requests.watch_actions(unknown)))


async def test_the_snapshot_of_actions_comes_in_pages(runs, server):
    server.quirks.actions_page = 2
    run = server.world.add_run("r0")
    for number in range(4):
        server.world.add_action(run, f"b{number}")
    call = runs.WatchActions(requests.watch_actions(run))

    pages = [await call.read() for _ in range(3)]

    told = [[enriched.action.id.name for enriched in page.enriched_actions] for page in pages]
    assert told == [["a0", "b0"], ["b1", "b2", "a0"], ["b3", "a0"]]


async def test_counts_cover_all_descendants_and_keep_zeros(server, runs):
    run = server.world.add_run("r0")
    server.world.add_action(run, "b1")
    server.world.add_action(run, "c1", "b1")
    call = runs.WatchActions(requests.watch_actions(run))
    await call.read()

    server.world.start(run, "c1")
    await call.read()
    change = await call.read()

    counts = {e.action.id.name: dict(e.children_phase_counts) for e in change.enriched_actions}
    assert counts["a0"][RUNNING] == 2
    assert counts["a0"][QUEUED] == 0


async def test_a_child_before_its_parent_kills_the_stream(server, runs):
    run = server.world.add_run("r0")
    call = runs.WatchActions(requests.watch_actions(run))
    await call.read()

    server.world.add_action(run, "c1", parent="b1")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()

    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    assert "parent node [b1] not found" in caught.value.details()


async def test_the_watch_of_run_details_is_empty(server, runs):
    run = server.world.add_run("r0")
    call = runs.WatchRunDetails(run_service_pb2.WatchRunDetailsRequest(run_id=requests.run_id(run)))

    first = await call.read()
    server.world.report(run, RUNNING)
    second = await call.read()

    assert not first.details.HasField("action")
    assert not second.details.HasField("action")


async def test_the_watch_of_an_action_gives_snapshots_and_ends_with_its_last_event(server, runs):
    run = server.world.add_run("r0")
    call = runs.WatchActionDetails(requests.watch_details(run))
    messages = aiter(call)
    first = await anext(messages)

    server.world.start(run)
    server.world.finish(run)
    later = [message.details.status.phase async for message in messages]

    assert first.details.status.phase == QUEUED
    assert later[-1] == SUCCEEDED


async def test_the_watch_of_an_aborted_or_traced_action_does_not_end(server, runs):
    run = server.world.add_run("r0")
    server.world.add_action(run, "t1", kind=TRACE, phase=SUCCEEDED)
    server.world.abort(server.world.rows(run)[0].key, "")
    aborted = runs.WatchActionDetails(requests.watch_details(run))
    traced = runs.WatchActionDetails(requests.watch_details(run, "t1"))

    assert (await aborted.read()).details.status.phase == ABORTED
    assert (await traced.read()).details.status.phase == SUCCEEDED
    assert await is_silent(aborted)
    assert await is_silent(traced)


async def test_notifications_get_lost_one_by_one_or_all(server, runs):
    run = server.world.add_run("r0")
    call = runs.WatchRuns(requests.watch_runs())
    await call.read()

    server.world.changes.to_drop = 1
    server.world.report(run, RUNNING)
    server.world.report(run, FAILED, error="boom")
    change = await call.read()
    server.world.changes.silent = True
    server.world.report(run, RUNNING)

    assert change.runs[0].action.status.phase == FAILED
    assert await is_silent(call)


async def test_a_full_buffer_drops_what_comes_on_top():
    async with (
        QuirksServer(Quirks(buffer=5)) as server,
        grpc.aio.insecure_channel(server.endpoint) as channel,
    ):
        run = server.world.add_run("r0")
        stub = run_service_pb2_grpc.RunServiceStub(channel)
        call = stub.WatchActions(requests.watch_actions(run))
        await call.read()

        for number in range(20):
            server.world.add_action(run, f"b{number}")
        told = [await call.read() for _ in range(5)]

        assert len(told) == 5
        assert await is_silent(call)


async def test_it_cuts_streams_with_a_code_or_ends_them_well(server, runs):
    run = server.world.add_run("r0")
    watching, other = (runs.WatchActions(requests.watch_actions(run)) for _ in range(2))
    for call in (watching, other):
        await call.read()

    assert server.cut("RunService/WatchActions", grpc.StatusCode.UNAVAILABLE) == 2
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await watching.read()

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    third = runs.WatchActions(requests.watch_actions(run))
    await third.read()
    server.cut()
    assert await third.read() is grpc.aio.EOF


async def test_it_comes_back_on_the_same_port(server, runs):
    server.world.add_run("r0")
    await server.stop()
    await server.start()

    answer = await runs.ListRuns(requests.list_runs(), wait_for_ready=True)

    assert len(answer.runs) == 1


async def test_waiting_for_resources_is_an_event_and_no_phase_of_the_row(server, runs):
    run = server.world.add_run("r0")
    server.world.report(run, WAITING)

    details = (await runs.GetActionDetails(requests.details(run))).details

    assert details.status.phase == QUEUED
    assert [t.phase for t in details.attempts[0].phase_transitions] == [QUEUED, WAITING]

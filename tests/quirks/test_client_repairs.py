"""Losses and traps of the real backend that the client has to make good by itself."""

import asyncio

import pytest

from remote_client import Action, ClientSet, RunOptions, Task, _action_watch
from remote_client.errors import AlreadyExists
from tests.quirks.following import following
from tests.quirks.quirks import Quirks
from tests.quirks.rows import FAILED, RUNNING
from tests.quirks.server import QuirksServer
from tests.quirks.test_client_logs import Tail
from tests.quirks.test_client_tasks import spec


@pytest.mark.usefixtures("client")
async def test_a_lost_change_of_an_action_is_found_out_though_others_keep_the_stream_busy(
    server, monkeypatch
):
    monkeypatch.setattr(_action_watch, "IDLE_S", 0.2)
    run = server.world.add_run("r0")
    for name in ("lost", "busy"):
        server.world.add_action(run, name)
        server.world.start(run, name)
    async with following(Action.watchall, for_run_name="r0") as seen:
        await server.until(lambda: seen.phase("lost") == "running")
        server.world.changes.to_drop = 1
        server.world.finish(run, name="lost")

        async def keep_busy():
            while True:
                server.world.report(run, RUNNING, "busy")
                await asyncio.sleep(0.02)

        busy = asyncio.create_task(keep_busy())
        try:
            await server.until(lambda: seen.phase("lost") == "succeeded", patience_s=5)
        finally:
            busy.cancel()


async def test_two_tails_at_once_find_the_log_of_an_older_platform():
    async with (
        QuirksServer(Quirks(dataproxy_logs=False, run_logs_service=True)) as server,
        await ClientSet.for_endpoint(server.endpoint, insecure=True) as client,
    ):
        key = server.world.add_run("r0")
        server.world.start(key)
        server.world.log(key, "one")
        server.world.finish(key, FAILED, error="boom")

        first, second = Tail(client), Tail(client)
        await asyncio.gather(first.task, second.task)

        assert first.lines == second.lines == ["one\n"]


@pytest.mark.usefixtures("client")
async def test_a_name_that_is_taken_is_refused_though_the_backend_gives_the_old_run(server):
    server.world.add_task("demo.main", spec=spec())
    server.world.add_run("taken")
    details = await Task.get("demo.main", version="v1").fetch()

    with pytest.raises(AlreadyExists, match="'taken'"):
        await details.run({"n": 1}, options=RunOptions(name="taken"))

"""Logs where streams replay from the start, break, come late and go with the pod."""

import asyncio

import grpc
import pytest

from remote_client import ClientSet, Logs, _log_tail
from remote_client.core.identifier import ActionIdentifier, RunIdentifier
from remote_client.errors import LogsGoneError, LogsNotYetAvailableError, NotFound
from tests.quirks.quirks import Quirks
from tests.quirks.rows import FAILED
from tests.quirks.server import QuirksServer
from tests.quirks.world import DOMAIN, PROJECT

TAIL = "DataProxyService/TailLogs"
A0 = ActionIdentifier(
    run=RunIdentifier(org="acme", project=PROJECT, domain=DOMAIN, name="r0"), name="a0"
)


class Tail:
    """A tail in the background, and what it has given."""

    def __init__(self, client, attempt=1):
        self.lines = []
        self.task = asyncio.create_task(self._read(client, attempt))

    async def _read(self, client, attempt):
        async for line in Logs.tail(action_id=A0, attempt=attempt, client=client):
            self.lines.append(line.message)


@pytest.fixture
async def tail(client):
    """Starts a tail; what is still running at the end is cancelled."""
    tails = []

    def start(attempt=1):
        tails.append(Tail(client, attempt))
        return tails[-1]

    yield start
    for started in tails:
        started.task.cancel()
    await asyncio.gather(*(started.task for started in tails), return_exceptions=True)


@pytest.fixture
def run(server):
    """A run whose root action writes a log."""
    key = server.world.add_run("r0")
    server.world.start(key)
    return key


def numbered(count, start=0):
    return [f"line {number}" for number in range(start, start + count)]


def with_ends(texts):
    return [f"{text}\n" for text in texts]


async def test_lines_that_come_without_ends_have_one(server, run, tail):
    server.world.log(run, "one", "", "three")
    server.world.finish(run)

    tailed = tail()
    await tailed.task

    assert tailed.lines == ["one\n", "\n", "three\n"]


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, None])
async def test_a_replay_after_a_cut_gives_no_line_twice(server, run, tail, code, monkeypatch):
    monkeypatch.setattr(_log_tail, "REOPEN_AFTER_S", 0.1)
    tailed = tail()
    for part in range(5):
        server.world.log(run, *numbered(230, 230 * part))
        await server.until(lambda count=230 * (part + 1): len(tailed.lines) == count)
        server.cut(TAIL, code)
        await server.until(lambda opened=part + 2: server.opened[TAIL] >= opened)
    server.world.finish(run)
    await tailed.task

    assert tailed.lines == with_ends(numbered(1_150))


async def test_equal_lines_of_one_instant_are_each_given(server, run, tail):
    tailed = tail()
    server.world.log(run, *["same"] * 50, at_ns=1_700_000_000_000_000_000)
    await server.until(lambda: len(tailed.lines) == 50)
    server.cut(TAIL, grpc.StatusCode.UNAVAILABLE)
    server.world.log(run, *["same"] * 7, at_ns=1_700_000_000_000_000_000)
    server.world.finish(run)
    await tailed.task

    assert tailed.lines == ["same\n"] * 57


async def test_a_platform_that_gives_only_the_end_of_a_log_repeats_no_line(server, run, tail):
    server.world.pods[server.world.rows(run)[0].key, 1].started = False
    tailed = tail()
    for part in range(4):
        server.world.log(run, *numbered(700, 700 * part))
        await server.until(lambda count=700 * (part + 1): len(tailed.lines) == count)
        server.cut(TAIL, grpc.StatusCode.UNAVAILABLE)
        await server.until(lambda opened=part + 2: server.opened[TAIL] >= opened)
    server.world.finish(run)
    await tailed.task

    assert tailed.lines == with_ends(numbered(2_800))


async def test_a_log_that_is_not_there_yet_is_waited_for(server, tail):
    key = server.world.add_run("r0")
    tailed = tail()
    await server.until(lambda: server.calls[TAIL] > 1)

    server.world.start(key)
    server.world.log(key, "at last")
    server.world.finish(key)
    await tailed.task

    assert tailed.lines == ["at last\n"]


async def test_a_pod_that_is_still_starting_is_waited_for(server, run, tail):
    pod = server.world.pods[server.world.rows(run)[0].key, 1]
    pod.state = "pending"
    tailed = tail()
    await server.until(lambda: server.calls[TAIL] > 1)

    pod.state = "running"
    server.world.log(run, "started")
    server.world.finish(run)
    await tailed.task

    assert tailed.lines == ["started\n"]


async def test_a_log_that_ends_before_its_phase_does_is_complete_only_with_the_phase(
    server, run, tail
):
    server.world.log(run, "last words")
    pod = (server.world.rows(run)[0].key, 1)
    tailed = tail()
    await server.until(lambda: tailed.lines)

    server.world.set_pod(pod, "finished")
    await server.until(lambda: not server.open[TAIL])
    assert not tailed.task.done()
    server.world.finish(run)
    await tailed.task

    assert tailed.lines == ["last words\n"]


async def test_a_log_that_went_with_its_pod_says_so(server, run, tail):
    server.world.log(run, "lost")
    server.world.finish(run)
    server.world.set_pod((server.world.rows(run)[0].key, 1), "gone")

    with pytest.raises(LogsGoneError):
        await tail().task


async def test_the_lost_log_of_an_attempt_that_was_tried_again_says_so(server, run, tail):
    server.world.log(run, "first attempt")
    server.world.fail_attempt(run)
    server.world.start(run, attempt=2)
    server.world.log(run, "second attempt")
    server.world.finish(run)

    with pytest.raises(LogsGoneError):
        await tail(attempt=1).task
    second = tail(attempt=2)
    await second.task
    assert second.lines == ["second attempt\n"]


async def test_a_log_read_to_its_end_stays_read_when_the_attempt_is_tried_again(server, run, tail):
    tailed = tail()
    server.world.log(run, "first attempt")
    await server.until(lambda: tailed.lines)

    server.world.fail_attempt(run)
    await tailed.task

    assert tailed.lines == ["first attempt\n"]


async def test_an_attempt_that_never_ran_has_no_log(server, tail):
    key = server.world.add_run("r0")
    server.world.abort(server.world.rows(key)[0].key, "not needed")

    with pytest.raises(LogsNotYetAvailableError):
        await tail().task


async def test_the_log_of_an_unknown_action_is_not_found(tail):
    with pytest.raises(NotFound, match="'r0'"):
        await tail().task


async def test_stopping_a_tail_closes_the_servers_stream(server, run, tail):
    tailed = tail()
    server.world.log(run, "one")
    await server.until(lambda: tailed.lines)

    tailed.task.cancel()

    await server.until(lambda: not server.open)


async def test_an_older_platform_is_asked_in_its_way_and_tried_once_in_the_newer():
    quirks = Quirks(dataproxy_logs=False, run_logs_service=True)
    async with (
        QuirksServer(quirks) as server,
        await ClientSet.for_endpoint(server.endpoint, insecure=True) as client,
    ):
        key = server.world.add_run("r0")
        server.world.start(key)
        server.world.log(key, "one")
        server.world.finish(key, FAILED, error="boom")

        for _ in range(2):
            tailed = Tail(client)
            await tailed.task
            assert tailed.lines == ["one\n"]

        assert server.calls[TAIL] == 1
        assert server.calls["RunLogsService/TailLogs"] >= 2


async def test_a_tail_comes_through_a_restart_of_the_server(server, run, tail):
    tailed = tail()
    server.world.log(run, *numbered(300))
    await server.until(lambda: len(tailed.lines) == 300)

    await server.stop()
    server.world.log(run, *numbered(300, 300))
    server.world.finish(run)
    await server.start()
    await tailed.task

    assert tailed.lines == with_ends(numbered(600))

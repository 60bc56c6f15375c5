"""Connections that break under the client: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from remote_client import Action, ActionPhase, ClientSet, Logs, Run, RunOptions, StreamState
from remote_client._launch import start_run
from tests.contract.conftest import DOMAIN, PATIENCE_S, PROJECT
from tests.contract.cuts import CuttingProxy
from tests.contract.platform_calls import shell_spec
from tests.contract.platform_process import PlatformProcess

LINES, CUTS = 20_000, 20
# A peer that is silent is given up after a second and a half instead of half a minute.
IMPATIENT = (
    ("grpc.keepalive_time_ms", 1_000),
    ("grpc.keepalive_timeout_ms", 500),
    ("grpc.http2.ping_timeout_ms", 500),
)


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    """A platform of this module's own, to be killed."""
    with PlatformProcess(tmp_path_factory.mktemp("mortal")) as process:
        yield process


@pytest.fixture
async def proxy(mortal: PlatformProcess) -> AsyncIterator[CuttingProxy]:
    async with CuttingProxy(mortal.endpoint) as made:
        yield made


@pytest.fixture
async def client(proxy: CuttingProxy) -> AsyncIterator[ClientSet]:
    """A client whose every connection goes through the proxy."""
    async with await ClientSet.for_endpoint(
        proxy.endpoint,
        insecure=True,
        project=PROJECT,
        domain=DOMAIN,
        channel_options=IMPATIENT,
    ) as made:
        with made.bound():
            yield made


async def _start(client: ClientSet, script: str) -> Run:
    return await start_run(
        client,
        client.scope,
        task={"task_spec": shell_spec(script)},
        inputs=None,
        options=RunOptions(),
    )


def _counting(lines: int, parts: int, gates: Path) -> str:
    """A script that writes numbered lines, and before each further part waits for its gate."""
    part = lines // parts
    return (
        f"i=0; while [ $i -lt {lines} ]; do i=$((i+1)); echo line $i; "
        f"if [ $((i % {part})) -eq 0 ] && [ $((i / {part})) -lt {parts} ]; then "
        f"while [ ! -e {gates}/$((i / {part})) ]; do sleep 0.05; done; fi; done; true"
    )


async def test_twenty_thousand_lines_arrive_once_each_through_twenty_cuts(
    client: ClientSet, proxy: CuttingProxy, tmp_path: Path
) -> None:
    # A part is written when the one before has been cut into, however fast the machine is.
    run = await _start(client, _counting(LINES, CUTS, tmp_path))
    cuts = [(proxy.drop, proxy.reset, proxy.reset, proxy.stall)[n % 4] for n in range(CUTS)]
    states: list[StreamState] = []
    numbers: list[int] = []
    tail = Logs.tail_batches(run.action.action_id, on_state=states.append)
    async with aclosing(tail) as batches:
        async for batch in batches:
            numbers += [int(line.message.split()[1]) for line in batch]
            done = CUTS - len(cuts)
            if cuts and len(numbers) > (done + 0.5) * LINES / CUTS:
                cuts.pop()()
                (tmp_path / str(done + 1)).touch()
    assert numbers == list(range(1, LINES + 1))
    assert not cuts
    assert [state.kind for state in states].count("reconnecting") >= CUTS // 2


async def test_a_wait_through_a_kill_of_the_platform_gives_the_true_phase(
    client: ClientSet, mortal: PlatformProcess
) -> None:
    run = await _start(client, "sleep 3; exit 7")
    await run.wait(quiet=True, wait_for="running", timeout=PATIENCE_S)
    waiting = asyncio.create_task(run.wait.aio(quiet=True, timeout=PATIENCE_S))
    await asyncio.to_thread(mortal.restart, kill=True)
    assert await waiting is ActionPhase.FAILED
    assert run.phase is ActionPhase.FAILED


async def test_a_watch_through_cuts_ends_with_the_state_that_a_listing_has(
    client: ClientSet, proxy: CuttingProxy
) -> None:
    run = await _start(client, "sleep 1")
    actions: dict[str, Action] = {}
    async with aclosing(Action.watchall(run.name)) as changes:
        async for changed in changes:
            actions.update({action.name: action for action in changed})
            if actions["a0"].done():
                break
            proxy.reset()
    listed = {action.name: action.phase async for action in Action.listall(run.name)}
    assert {name: action.phase for name, action in actions.items()} == listed


async def test_a_stalled_call_fails_in_time_and_the_next_one_works(
    client: ClientSet, proxy: CuttingProxy
) -> None:
    run = await _start(client, "true")
    proxy.stall()
    assert (await Run.get(run.name)).name == run.name

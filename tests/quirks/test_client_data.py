"""Inputs and outputs where the backend answers late, partly, elsewhere or not at all."""

import pytest

from remote_client import Action, ClientSet, Run, _action_io
from remote_client.errors import ActionFailedError, OutputsNotReadyError
from tests.quirks.quirks import Quirks
from tests.quirks.rows import CONDITION, FAILED, PAUSED
from tests.quirks.server import QuirksServer
from tests.quirks.world import DOMAIN, PROJECT

DATA, OLDER = "DataProxyService/GetActionData", "RunService/GetActionData"


@pytest.fixture
def at_once(monkeypatch):
    """Ask again at once where the client would wait for a second."""
    monkeypatch.setattr(_action_io, "RETRY_S", 0.0)


def finished(world, name="r0", **outputs):
    run = world.add_run(name, inputs={"n": 2**62})
    world.start(run)
    world.finish(run, outputs=outputs)
    return run


async def test_data_is_asked_of_the_service_that_has_it(server, client):
    finished(server.world, o0="done")
    run = await Run.get("r0")

    assert dict(await run.inputs()) == {"n": 2**62}
    assert tuple(await run.outputs()) == ("done",)
    assert server.calls[OLDER] == 0


async def test_an_older_platform_is_asked_in_its_way_and_tried_once_in_the_newer():
    quirks = Quirks(dataproxy_data=False, run_service_data=True)
    async with (
        QuirksServer(quirks) as server,
        await ClientSet.for_endpoint(
            server.endpoint, insecure=True, project=PROJECT, domain=DOMAIN
        ) as client,
    ):
        for name in ("r0", "r1"):
            finished(server.world, name, o0="done")
            run = await Run.get(name, client=client)
            assert tuple(await run.outputs()) == ("done",)

        assert (server.calls[DATA], server.calls[OLDER]) == (1, 2)


async def test_data_that_lags_behind_the_success_is_asked_for_again(server, client, at_once):
    server.quirks.data_lag = 1
    finished(server.world, o0="done")
    run = await Run.get("r0")

    assert tuple(await run.outputs()) == ("done",)
    assert server.calls[DATA] == 2


async def test_inputs_of_a_running_action_are_there_and_outputs_are_not(server, client):
    key = server.world.add_run("r0", inputs={"n": 1})
    server.world.start(key)
    run = await Run.get("r0")

    assert dict(await run.inputs()) == {"n": 1}
    with pytest.raises(OutputsNotReadyError):
        await run.outputs()


async def test_outputs_of_a_failed_action_tell_its_error(server, client):
    key = server.world.add_run("r0")
    server.world.start(key)
    server.world.finish(key, FAILED, error="boom")
    run = await Run.get("r0")

    with pytest.raises(ActionFailedError, match="boom"):
        await run.outputs()


async def test_the_answer_to_a_condition_comes_though_it_never_has_data(server, client, at_once):
    key = server.world.add_run("r0")
    server.world.add_action(key, "c1", kind=CONDITION, phase=PAUSED)
    server.world.signal(key, "c1", "yes")
    action = await Action.get(run_name="r0", name="c1")

    assert tuple(await action.outputs()) == ("yes",)


async def test_an_action_without_outputs_has_none_and_is_asked_once(server, client):
    finished(server.world)
    run = await Run.get("r0")
    details = await run.action.details()

    assert tuple(await details.outputs()) == ()
    assert tuple(await details.outputs()) == ()
    assert server.calls[DATA] == 1


async def test_outputs_larger_than_grpcs_usual_limit_come_whole(server, client):
    finished(server.world, o0="x" * 8_000_000)
    run = await Run.get("r0")

    outputs = await run.outputs()

    assert len(outputs[0]) == 8_000_000
    assert len(outputs.rendered()[0].text) < 20_000

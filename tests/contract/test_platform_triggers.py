"""Triggers fire by themselves: those of the real SDK, after restarts, and never twice."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flyteidl2.common.identifier_pb2 import ProjectIdentifier, TriggerName
from flyteidl2.task import task_service_pb2
from flyteidl2.task.common_pb2 import FIXED_RATE_UNIT_MINUTE, TYPE_SCHEDULE
from flyteidl2.task.task_definition_pb2 import TaskIdentifier
from flyteidl2.trigger import trigger_service_pb2
from flyteidl2.workflow import run_service_pb2
from flyteidl2.workflow.run_definition_pb2 import RUN_SOURCE_SCHEDULE_TRIGGER
from flyteidl2.workflow.run_definition_pb2 import Run as RunMessage

from remote_client import ClientSet, Run, Trigger
from tests.contract.platform_calls import DOMAIN, PROJECT, Calls, shell_spec, wait_for
from tests.contract.platform_process import PlatformProcess
from tests.flyte_command import FlyteCommand

PROGRAM = Path(__file__).with_name("trigger_program.py")
SOON_S = 2.0


@pytest.fixture(scope="module")
def ticking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    """A platform of this module's own, to be ended and started again."""
    with PlatformProcess(tmp_path_factory.mktemp("ticking")) as process:
        yield process


@pytest.fixture
def calls(ticking: PlatformProcess) -> Iterator[Calls]:
    calls = Calls(ticking.endpoint)
    yield calls
    calls.close()


def runs_of(calls: Calls, trigger: TriggerName) -> list[RunMessage]:
    asked = run_service_pb2.ListRunsRequest(trigger_name=trigger)
    return list(calls.runs.ListRuns(asked).runs)


def deploy(calls: Calls, name: str, start: datetime, *, minutes: int = 60) -> TriggerName:
    """A task of that name, and a trigger of it."""
    task = task_service_pb2.DeployTaskRequest(spec=shell_spec("true", name=name))
    task.task_id.CopyFrom(
        TaskIdentifier(project=PROJECT, domain=DOMAIN, name=f"tests.{name}", version="v1")
    )
    calls.tasks.DeployTask(task)
    trigger = TriggerName(project=PROJECT, domain=DOMAIN, task_name=f"tests.{name}", name=name)
    request = trigger_service_pb2.DeployTriggerRequest(name=trigger)
    request.spec.task_version, request.spec.active = "v1", True
    request.automation_spec.type = TYPE_SCHEDULE
    rate = request.automation_spec.schedule.rate
    rate.value, rate.unit = minutes, FIXED_RATE_UNIT_MINUTE
    rate.start_time.FromDatetime(start)
    calls.triggers.DeployTrigger(request)
    return trigger


@pytest.mark.sdk
async def test_a_trigger_of_the_sdk_fires_with_its_time_and_settings(
    ticking: PlatformProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Deploying takes seconds, and a start in the past never fires: so it is set to be soon after.
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=8)
    monkeypatch.setenv("TRIGGER_START", start.isoformat())
    command = FlyteCommand(ticking.port, tmp_path)
    shutil.copy(PROGRAM, tmp_path / "program.py")
    await asyncio.to_thread(command, "deploy", "program.py", "env")
    async with await ClientSet.for_endpoint(
        ticking.endpoint, insecure=True, project=PROJECT, domain=DOMAIN
    ) as client:
        with client.bound():
            trigger = await Trigger.get.aio("soon", "clockwork.tick")
            assert trigger.is_active
            assert trigger.inputs == {"x": 3}
            assert trigger.options.labels == {"kind": "clock"}
            run = await first_run(client)
            await run.wait.aio(quiet=True)
            assert (await run.outputs.aio())[0] == f"{start.isoformat()} x=3 green"
            assert run.source == "schedule"
            assert run.trigger_name == "soon"
            fired = await Trigger.get.aio("soon", "clockwork.tick")
            assert fired.triggered_at == start


async def first_run(client: ClientSet) -> Run:
    while True:
        found = [run async for run in Run.listall(task_name="clockwork.tick")]
        if found:
            return found[0]
        await asyncio.sleep(0.05)


def test_it_fires_once_at_its_start_and_the_list_says_what_started_it(calls: Calls) -> None:
    trigger = deploy(calls, "punctual", datetime.now(UTC) + timedelta(seconds=SOON_S))
    assert not runs_of(calls, trigger)
    run = wait_for(lambda: runs_of(calls, trigger), "a firing")[0]
    assert run.action.metadata.trigger_name == "punctual"
    assert run.action.metadata.source == RUN_SOURCE_SCHEDULE_TRIGGER
    details = trigger_service_pb2.GetTriggerDetailsRequest(name=trigger)
    status = calls.triggers.GetTriggerDetails(details).trigger.status
    assert status.HasField("triggered_at")
    assert len(runs_of(calls, trigger)) == 1


def test_a_trigger_that_is_off_does_not_fire(calls: Calls) -> None:
    start = datetime.now(UTC) + timedelta(seconds=SOON_S)
    off, on = deploy(calls, "resting", start), deploy(calls, "working", start)
    switch = trigger_service_pb2.UpdateTriggersRequest(names=[off], active=False)
    calls.triggers.UpdateTriggers(switch)
    wait_for(lambda: runs_of(calls, on), "the other's firing")
    assert not runs_of(calls, off)


def test_a_firing_missed_while_the_platform_was_down_is_made_up_for_once(
    ticking: PlatformProcess, calls: Calls
) -> None:
    start = datetime.now(UTC) + timedelta(seconds=SOON_S)
    trigger = deploy(calls, "patient", start)
    ticking.stop()
    while datetime.now(UTC) <= start:
        time.sleep(0.05)
    ticking.start()
    calls.close()
    again = Calls(ticking.endpoint)
    wait_for(lambda: runs_of(again, trigger), "the missed firing")
    ticking.restart(kill=True)
    again.close()
    last = Calls(ticking.endpoint)
    canary = deploy(last, "canary", datetime.now(UTC) + timedelta(seconds=1))
    wait_for(lambda: runs_of(last, canary), "another firing")
    assert len(runs_of(last, trigger)) == 1
    last.close()


def test_a_trigger_whose_task_is_gone_keeps_nobody_else_from_firing(calls: Calls) -> None:
    start = datetime.now(UTC) + timedelta(seconds=SOON_S)
    good = deploy(calls, "healthy", start)
    broken = trigger_service_pb2.DeployTriggerRequest(
        name=TriggerName(project=PROJECT, domain=DOMAIN, task_name="tests.gone", name="broken")
    )
    broken.spec.task_version, broken.spec.active = "v9", True
    broken.automation_spec.type = TYPE_SCHEDULE
    rate = broken.automation_spec.schedule.rate
    rate.value, rate.unit = 1, FIXED_RATE_UNIT_MINUTE
    rate.start_time.FromDatetime(start)
    calls.triggers.DeployTrigger(broken)
    wait_for(lambda: runs_of(calls, good), "the healthy one's firing")
    listed = calls.triggers.ListTriggers(
        trigger_service_pb2.ListTriggersRequest(
            project_id=ProjectIdentifier(name=PROJECT, domain=DOMAIN)
        )
    )
    assert "broken" in {each.id.name.name for each in listed.triggers}

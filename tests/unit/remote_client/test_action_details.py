"""What the details of an action tell."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from flyteidl2.core import literals_pb2, types_pb2
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.task import common_pb2
from flyteidl2.workflow import run_definition_pb2, run_service_pb2

from remote_client import Action, ActionDetails, ActionPhase, ClientSet, ErrorInfo
from remote_client.errors import ActionAbortedError, ActionFailedError, OutputsNotReadyError
from tests.unit.remote_client import messages
from tests.unit.remote_client.fake_platform import FakePlatform


def _integer(name: str, value: int) -> Any:
    literal = literals_pb2.Literal(
        scalar=literals_pb2.Scalar(primitive=literals_pb2.Primitive(integer=value))
    )
    return common_pb2.NamedLiteral(name=name, value=literal)


def _data(**outputs: int) -> Any:
    return dataproxy_service_pb2.GetActionDataResponse(
        inputs=common_pb2.Inputs(literals=[_integer("x", 3)]),
        outputs=common_pb2.Outputs(literals=[_integer(n, v) for n, v in outputs.items()]),
    )


def _attempt(number: int, phase: int, *stays: tuple[int, int, int]) -> Any:
    attempt = run_definition_pb2.ActionAttempt(attempt=number, phase=phase)
    for stay, start, end in stays:
        transition = attempt.phase_transitions.add(phase=stay)
        transition.start_time.seconds = start
        if end:
            transition.end_time.seconds = end
    return attempt


async def _details(fake: FakePlatform, answer: Any) -> ActionDetails:
    fake.answer("RunService.GetActionDetails", answer)
    return await ActionDetails.get(run_name="r1", name="a0")


async def test_attempts_come_in_order_with_their_transitions(
    fake: FakePlatform, client: ClientSet
) -> None:
    second = _attempt(2, 5, (1, 10, 12), (4, 12, 20), (1, 20, 21), (4, 21, 25))
    details = await _details(
        fake, messages.action_details(phase=5, attempts=[second, _attempt(1, 4)])
    )
    assert [attempt.number for attempt in details.attempt_list] == [1, 2]
    assert details.phase_durations == {
        ActionPhase.QUEUED: timedelta(seconds=3),
        ActionPhase.RUNNING: timedelta(seconds=12),
    }
    assert details.queued_time == timedelta(seconds=3)
    assert details.get_phase_transitions(7) == []
    assert details.logs_available() is False


async def test_the_number_of_attempts_allowed_counts_the_first(
    fake: FakePlatform, client: ClientSet
) -> None:
    answer = messages.action_details()
    answer.details.task.task_template.metadata.retries.retries = 2
    assert (await _details(fake, answer)).max_attempts == 3


async def test_outputs_have_the_names_of_the_interface(
    fake: FakePlatform, client: ClientSet
) -> None:
    answer = messages.action_details(phase=messages.SUCCEEDED)
    interface = answer.details.task.task_template.interface
    for name in ("total", "mean"):
        interface.outputs.variables.add(key=name).value.type.simple = types_pb2.INTEGER
    details = await _details(fake, answer)
    fake.answer("DataProxyService.GetActionData", _data(mean=4, total=8))
    outputs = await details.outputs()
    assert (outputs, outputs.named_outputs) == ((8, 4), {"total": 8, "mean": 4})
    assert outputs.total == 8
    assert await details.inputs() == {"x": 3}
    assert [value.text for value in outputs.rendered()] == ["8", "4"]
    assert len(fake.requests("DataProxyService.GetActionData")) == 1


async def test_outputs_of_a_running_action_are_refused(
    fake: FakePlatform, client: ClientSet
) -> None:
    details = await _details(fake, messages.action_details(phase=messages.RUNNING))
    with pytest.raises(OutputsNotReadyError, match="is running"):
        await details.outputs()


async def test_outputs_of_a_failed_action_tell_why_it_failed(
    fake: FakePlatform, client: ClientSet
) -> None:
    answer = messages.action_details(phase=messages.FAILED)
    answer.details.error_info.message = "boom"
    answer.details.error_info.kind = run_definition_pb2.ErrorInfo.KIND_USER
    details = await _details(fake, answer)
    with pytest.raises(ActionFailedError, match="failed and has no outputs: boom") as info:
        await details.outputs()
    assert info.value.error_info == ErrorInfo("user", "", "boom")


async def test_outputs_of_an_aborted_action_tell_the_reason(
    fake: FakePlatform, client: ClientSet
) -> None:
    answer = messages.action_details(phase=messages.ABORTED)
    answer.details.abort_info.reason = "wrong input"
    details = await _details(fake, answer)
    with pytest.raises(ActionAbortedError, match="wrong input"):
        await details.outputs()


async def test_the_answer_to_a_condition_is_its_output(
    fake: FakePlatform, client: ClientSet
) -> None:
    answer = messages.action_details(phase=messages.SUCCEEDED)
    answer.details.signal_info.output.CopyFrom(_integer("", 1).value)
    assert await (await _details(fake, answer)).outputs() == (1,)


async def test_an_older_platform_is_asked_for_data_in_its_own_way(
    fake: FakePlatform, client: ClientSet
) -> None:
    details = await _details(fake, messages.action_details())
    fake.answer(
        "RunService.GetActionData",
        run_service_pb2.GetActionDataResponse(
            inputs=common_pb2.Inputs(literals=[_integer("x", 3)])
        ),
    )
    assert await details.inputs() == {"x": 3}


async def test_a_watch_gives_each_change_once_and_ends_with_the_action(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> Any:
        for phase in (1, 1, 4, 5):
            yield run_service_pb2.WatchActionDetailsResponse(details=messages.details(phase=phase))

    fake.answer("RunService.WatchActionDetails", stream)
    watch = ActionDetails.watch(action_id=messages.action_id())
    assert [details.phase.value async for details in watch] == ["queued", "running", "succeeded"]


async def test_a_watch_that_ends_too_early_is_opened_again(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> Any:
        phase = (4, 5)[len(fake.requests("RunService.WatchActionDetails")) - 1]
        yield run_service_pb2.WatchActionDetailsResponse(details=messages.details(phase=phase))

    fake.answer("RunService.WatchActionDetails", stream)
    fake.answer("RunService.GetActionDetails", messages.action_details())
    action = await Action.get(run_name="r1", name="a0")
    assert await action.wait(quiet=True) is ActionPhase.SUCCEEDED
    assert action.phase is ActionPhase.SUCCEEDED


async def test_an_error_that_comes_after_the_phase_is_waited_for(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> Any:
        yield run_service_pb2.WatchActionDetailsResponse(details=messages.details(phase=6))

    late = messages.action_details(phase=messages.FAILED)
    late.details.error_info.message = "boom"
    fake.answer("RunService.WatchActionDetails", stream)
    fake.answer("RunService.GetActionDetails", late)
    (details,) = [one async for one in ActionDetails.watch(action_id=messages.action_id())]
    assert details.error_info.message == "boom"


async def test_data_is_read_before_the_last_update_when_asked(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def stream(request: Any, context: Any) -> Any:
        yield run_service_pb2.WatchActionDetailsResponse(details=messages.details(phase=5))

    fake.answer("RunService.GetActionDetails", messages.action_details())
    fake.answer("RunService.WatchActionDetails", stream)
    fake.answer("DataProxyService.GetActionData", _data(o0=1))
    action = await Action.get(run_name="r1", name="a0")
    async for details in action.watch(cache_data_on_done=True):
        assert len(fake.requests("DataProxyService.GetActionData")) == 1
        assert await details.outputs() == (1,)


async def test_waiting_for_too_long_is_a_timeout(fake: FakePlatform, client: ClientSet) -> None:
    async def running(request: Any, context: Any) -> Any:
        yield run_service_pb2.WatchActionDetailsResponse(details=messages.details(phase=4))
        await asyncio.Event().wait()

    fake.answer("RunService.GetActionDetails", messages.action_details())
    fake.answer("RunService.WatchActionDetails", running)
    action = await Action.get(run_name="r1", name="a0")
    with pytest.raises(TimeoutError):
        await action.wait(quiet=True, timeout=0.2)
    await fake.closed("RunService.WatchActionDetails")


async def test_waiting_for_running_stops_there(fake: FakePlatform, client: ClientSet) -> None:
    async def stream(request: Any, context: Any) -> Any:
        for phase in (1, 4):
            yield run_service_pb2.WatchActionDetailsResponse(details=messages.details(phase=phase))

    fake.answer("RunService.GetActionDetails", messages.action_details(phase=1))
    fake.answer("RunService.WatchActionDetails", stream)
    action = await Action.get(run_name="r1", name="a0")
    assert await action.wait(quiet=True, wait_for="running") is ActionPhase.RUNNING

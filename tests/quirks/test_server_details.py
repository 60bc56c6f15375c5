"""The server's details, data and logs have the gaps of the real backend's."""

import grpc
import pytest
from flyteidl2.auth import auth_service_pb2, auth_service_pb2_grpc, identity_pb2, identity_pb2_grpc
from flyteidl2.dataproxy import dataproxy_service_pb2_grpc
from flyteidl2.workflow import (
    run_logs_service_pb2,
    run_logs_service_pb2_grpc,
    run_service_pb2,
    run_service_pb2_grpc,
)

from tests.quirks import requests
from tests.quirks.quirks import Quirks
from tests.quirks.rows import ABORTED, CONDITION, FAILED, PAUSED, QUEUED, RUNNING
from tests.quirks.server import QuirksServer


async def code_of(call):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code()


async def read_lines(call):
    return [line.message async for message in call for logs in message.logs for line in logs.lines]


async def test_an_attempt_that_was_tried_again_has_no_end_and_no_error(server, runs):
    run = server.world.add_run("r0")
    server.world.start(run)
    server.world.fail_attempt(run)
    server.world.start(run, attempt=2)

    details = (await runs.GetActionDetails(requests.details(run))).details
    first, second = details.attempts

    assert (first.phase, first.HasField("end_time"), first.HasField("error_info")) == (
        RUNNING,
        False,
        False,
    )
    assert second.phase == RUNNING
    assert details.status.attempts == 2


async def test_the_row_stays_on_the_old_attempt_until_the_new_one_runs(server, runs):
    run = server.world.add_run("r0")
    server.world.start(run)
    server.world.fail_attempt(run)

    details = (await runs.GetActionDetails(requests.details(run))).details

    assert (details.status.phase, details.status.attempts) == (RUNNING, 1)
    assert details.attempts[1].phase == QUEUED


async def test_times_have_whole_seconds_and_start_at_the_queueing(server, runs):
    run = server.world.add_run("r0")
    server.world.tick(5)
    server.world.start(run)
    server.world.finish(run)

    details = (await runs.GetActionDetails(requests.details(run))).details

    assert details.status.start_time.nanos == details.status.end_time.nanos == 0
    assert details.status.end_time.seconds - details.status.start_time.seconds == 6
    assert details.status.duration_ms == 6_000


async def test_details_echo_the_org_and_the_runs_own_hide_the_error(server, runs):
    run = server.world.add_run("r0")
    server.world.start(run)
    server.world.finish(run, FAILED, error="boom")
    identifier = requests.run_id(run)

    of_action = (await runs.GetActionDetails(requests.details(run))).details
    of_run = await runs.GetRunDetails(run_service_pb2.GetRunDetailsRequest(run_id=identifier))

    assert of_action.id.run.org == "acme"
    assert of_action.error_info.message == "boom"
    assert of_run.details.action.status.phase == FAILED
    assert not of_run.details.action.HasField("error_info")


async def test_a_run_that_has_ended_can_be_aborted(server, runs):
    run = server.world.add_run("r0")
    server.world.start(run)
    server.world.finish(run)

    await runs.AbortRun(run_service_pb2.AbortRunRequest(run_id=requests.run_id(run)))
    details = (await runs.GetActionDetails(requests.details(run))).details

    assert details.status.phase == ABORTED
    assert details.abort_info.reason == "User requested abort"


async def test_an_existing_name_gives_the_existing_run(server, runs):
    run = server.world.add_run("r0")
    server.world.start(run)

    answer = await runs.CreateRun(run_service_pb2.CreateRunRequest(run_id=requests.run_id(run)))

    assert answer.run.action.status.phase == RUNNING


async def test_the_present_backend_lacks_the_older_calls(server, runs, channel):
    run = server.world.add_run("r0")
    identifier = requests.action_id(run)
    older_logs = run_logs_service_pb2_grpc.RunLogsServiceStub(channel)
    older_data = run_service_pb2.GetActionDataRequest(action_id=identifier)
    tail = run_logs_service_pb2.TailLogsRequest(action_id=identifier, attempt=1)

    assert await code_of(runs.GetActionData(older_data)) is grpc.StatusCode.UNIMPLEMENTED
    assert await code_of(read_lines(older_logs.TailLogs(tail))) is grpc.StatusCode.UNIMPLEMENTED


async def test_an_older_platform_has_them_instead_of_the_newer(server):
    quirks = Quirks(
        dataproxy_data=False, dataproxy_logs=False, run_service_data=True, run_logs_service=True
    )
    async with (
        QuirksServer(quirks) as older,
        grpc.aio.insecure_channel(older.endpoint) as channel,
    ):
        run = older.world.add_run("r0", inputs={"n": 3})
        older.world.start(run)
        older.world.log(run, "hello")
        older.world.finish(run)
        runs = run_service_pb2_grpc.RunServiceStub(channel)
        newer = dataproxy_service_pb2_grpc.DataProxyServiceStub(channel)
        logs = run_logs_service_pb2_grpc.RunLogsServiceStub(channel)
        identifier = requests.action_id(run)

        answer = await runs.GetActionData(
            run_service_pb2.GetActionDataRequest(action_id=identifier)
        )
        tail = run_logs_service_pb2.TailLogsRequest(action_id=identifier, attempt=1)

        assert answer.inputs.literals[0].name == "n"
        assert await read_lines(logs.TailLogs(tail)) == ["hello"]
        code = await code_of(newer.GetActionData(requests.action_data(run)))
        assert code is grpc.StatusCode.UNIMPLEMENTED


async def test_data_of_a_running_action_is_inputs_alone(server, data):
    run = server.world.add_run("r0", inputs={"n": 3})

    answer = await data.GetActionData(requests.action_data(run))

    assert len(answer.inputs.literals) == 1
    assert len(answer.outputs.literals) == 0


async def test_data_lags_behind_the_success(server, data):
    server.quirks.data_lag = 1
    run = server.world.add_run("r0")
    server.world.start(run)
    server.world.finish(run, outputs={"o0": "done"})

    assert await code_of(data.GetActionData(requests.action_data(run))) is grpc.StatusCode.NOT_FOUND
    answer = await data.GetActionData(requests.action_data(run))
    assert answer.outputs.literals[0].value.scalar.primitive.string_value == "done"


async def test_a_signalled_condition_never_has_data(server, data):
    run = server.world.add_run("r0")
    server.world.add_action(run, "c1", kind=CONDITION, phase=PAUSED)
    server.world.signal(run, "c1", "yes")

    code = await code_of(data.GetActionData(requests.action_data(run, "c1")))

    assert code is grpc.StatusCode.NOT_FOUND


async def test_a_log_comes_without_line_ends_and_from_its_start_each_time(server, data):
    run = server.world.add_run("r0")
    server.world.start(run)
    server.world.log(run, *(f"line {number}" for number in range(250)))
    server.world.finish(run)

    call = data.TailLogs(requests.tail(run))
    sizes = [len(message.logs[0].lines) async for message in call]
    again = await read_lines(data.TailLogs(requests.tail(run)))

    assert sizes == [100, 100, 50]
    assert again[0] == "line 0"
    assert len(again) == 250


async def test_a_log_is_followed_until_the_container_exits(server, data):
    run = server.world.add_run("r0")
    server.world.start(run)
    server.world.log(run, "one")
    call = data.TailLogs(requests.tail(run))
    first = await call.read()

    server.world.log(run, "two")
    second = await call.read()
    server.world.finish(run)

    assert [first.logs[0].lines[0].message, second.logs[0].lines[0].message] == ["one", "two"]
    assert await call.read() is grpc.aio.EOF


async def test_only_the_end_of_a_log_comes_when_the_start_is_unknown(server, data):
    run = server.world.add_run("r0")
    pod = server.world.start(run)
    pod.started = False
    server.world.log(run, *(f"line {number}" for number in range(1_500)))
    server.world.finish(run)

    lines = await read_lines(data.TailLogs(requests.tail(run)))

    assert (len(lines), lines[0]) == (1_000, "line 500")


@pytest.mark.parametrize(
    ("state", "code"),
    [("pending", grpc.StatusCode.INTERNAL), ("gone", grpc.StatusCode.NOT_FOUND)],
)
async def test_a_log_needs_its_pod(server, data, state, code):
    run = server.world.add_run("r0")
    server.world.start(run).state = state

    assert await code_of(read_lines(data.TailLogs(requests.tail(run)))) is code


async def test_there_is_no_log_before_the_action_runs(server, data):
    run = server.world.add_run("r0")

    code = await code_of(read_lines(data.TailLogs(requests.tail(run))))

    assert code is grpc.StatusCode.NOT_FOUND


async def test_a_log_goes_with_the_attempt_that_is_tried_again(server, data):
    run = server.world.add_run("r0")
    server.world.start(run)
    server.world.log(run, "first attempt")
    server.world.fail_attempt(run)
    server.world.start(run, attempt=2)
    server.world.log(run, "second attempt")
    server.world.finish(run)

    code = await code_of(read_lines(data.TailLogs(requests.tail(run, attempt=1))))

    assert code is grpc.StatusCode.NOT_FOUND
    assert await read_lines(data.TailLogs(requests.tail(run, attempt=2))) == ["second attempt"]


async def test_nobody_is_known_without_an_identity_provider(server, channel):
    identity = identity_pb2_grpc.IdentityServiceStub(channel)
    metadata = auth_service_pb2_grpc.AuthMetadataServiceStub(channel)

    who = await code_of(identity.UserInfo(identity_pb2.UserInfoRequest()))
    where = await code_of(metadata.GetOAuth2Metadata(auth_service_pb2.GetOAuth2MetadataRequest()))

    assert who is grpc.StatusCode.UNAUTHENTICATED
    assert where is grpc.StatusCode.UNIMPLEMENTED


async def test_it_records_calls_and_refuses_when_told_to(server, runs):
    server.world.add_run("r0")
    server.log.refuse("RunService/ListRuns", grpc.StatusCode.UNAVAILABLE)

    code = await code_of(runs.ListRuns(requests.list_runs(limit=7)))
    await runs.ListRuns(requests.list_runs(limit=8))

    assert code is grpc.StatusCode.UNAVAILABLE
    assert server.calls["RunService/ListRuns"] == 2
    limits = [request.request.limit for request in server.log.requests["RunService/ListRuns"]]
    assert limits == [7, 8]

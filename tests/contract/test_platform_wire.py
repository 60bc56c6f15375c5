"""One port for Connect and gRPC: nothing is lost, and who leaves is noticed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from flyteidl2.auth import auth_service_pb2, auth_service_pb2_grpc, identity_pb2, identity_pb2_grpc
from flyteidl2.common.identifier_pb2 import ProjectIdentifier, RunIdentifier
from flyteidl2.project import project_service_pb2, project_service_pb2_grpc
from flyteidl2.settings import settings_service_pb2, settings_service_pb2_grpc
from flyteidl2.workflow import run_service_pb2, run_service_pb2_grpc

from tests.contract.platform_calls import DOMAIN, PROJECT, Calls, wait_for
from tests.contract.platform_process import PlatformProcess

WATCH_RUNS = "flyteidl2.workflow.RunService/WatchRuns"
SCOPE = ProjectIdentifier(name=PROJECT, domain=DOMAIN)
NOWHERE = RunIdentifier(project=PROJECT, domain=DOMAIN, name="nowhere")


@pytest.fixture
async def channel(platform: PlatformProcess) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(platform.endpoint) as channel:
        yield channel


@pytest.fixture
def calls(platform: PlatformProcess) -> Iterator[Calls]:
    calls = Calls(platform.endpoint)
    yield calls
    calls.close()


async def _mixed_call(channel: grpc.aio.Channel, number: int) -> str:
    """One of five kinds of call; the name of the code that it ended with."""
    projects = project_service_pb2_grpc.ProjectServiceStub(channel)
    runs = run_service_pb2_grpc.RunServiceStub(channel)
    try:
        match number % 5:
            case 0:
                missing = run_service_pb2.GetRunDetailsRequest(run_id=NOWHERE)
                await runs.GetRunDetails(missing, timeout=30)
            case 1:
                early = run_service_pb2.WatchActionsRequest(run_id=NOWHERE)
                await runs.WatchActions(early, timeout=30).read()
            case 2:
                settings = settings_service_pb2_grpc.SettingsServiceStub(channel)
                await settings.GetSettings(settings_service_pb2.GetSettingsRequest(), timeout=30)
            case _:
                wanted = project_service_pb2.GetProjectRequest(id=PROJECT)
                await projects.GetProject(wanted, timeout=30)
    except grpc.aio.AioRpcError as error:
        return error.code().name
    return "OK"


async def test_two_thousand_calls_beside_two_hundred_streams_lose_nothing(
    platform: PlatformProcess, channel: grpc.aio.Channel
) -> None:
    runs = run_service_pb2_grpc.RunServiceStub(channel)
    watch = run_service_pb2.WatchRunsRequest(project_id=SCOPE)
    # Dashboards of the same session watch, too, a few streams each.
    others = await asyncio.to_thread(platform.open_streams, WATCH_RUNS)
    streams = [runs.WatchRuns(watch) for _ in range(200)]
    await asyncio.gather(*(stream.read() for stream in streams))
    assert await asyncio.to_thread(platform.open_streams, WATCH_RUNS) >= 200
    gate = asyncio.Semaphore(32)

    async def call(number: int) -> str:
        async with gate:
            return await _mixed_call(channel, number)

    codes = await asyncio.gather(*(call(number) for number in range(2000)))
    expected = {0: "NOT_FOUND", 1: "NOT_FOUND", 2: "UNIMPLEMENTED", 3: "OK", 4: "OK"}
    assert codes == [expected[number % 5] for number in range(2000)]
    assert not any(stream.done() for stream in streams)
    for stream in streams:
        stream.cancel()
    await asyncio.to_thread(
        wait_for, lambda: platform.open_streams(WATCH_RUNS) < others + 20, "the end of all streams"
    )


async def test_deadlines_that_pass_do_not_touch_other_calls(channel: grpc.aio.Channel) -> None:
    projects = project_service_pb2_grpc.ProjectServiceStub(channel)
    runs = run_service_pb2_grpc.RunServiceStub(channel)
    stream = runs.WatchRuns(run_service_pb2.WatchRunsRequest(project_id=SCOPE))
    await stream.read()
    large = project_service_pb2.Project(id="Not An Id", description="d" * 200_000)

    async def hurried(number: int) -> str:
        try:
            request = project_service_pb2.CreateProjectRequest(project=large)
            await projects.CreateProject(request, timeout=0.0005 * (number % 40))
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return "OK"

    async def patient() -> str:
        wanted = project_service_pb2.GetProjectRequest(id=PROJECT)
        return (await projects.GetProject(wanted, timeout=30)).project.id

    hurries = asyncio.gather(*(hurried(number) for number in range(300)))
    assert await asyncio.gather(*(patient() for _ in range(100))) == [PROJECT] * 100
    assert set(await hurries) <= {"DEADLINE_EXCEEDED", "INVALID_ARGUMENT"}
    assert not stream.done()
    stream.cancel()


def test_connect_answers_on_the_same_port(platform: PlatformProcess) -> None:
    request = urllib.request.Request(
        f"http://{platform.endpoint}/flyteidl2.project.ProjectService/GetProject",
        data=json.dumps({"id": PROJECT}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["project"]["id"] == PROJECT


def test_a_service_that_is_not_there_is_unimplemented(calls: Calls) -> None:
    settings = settings_service_pb2_grpc.SettingsServiceStub(calls.channel)
    with pytest.raises(grpc.RpcError) as caught:
        settings.GetSettings(settings_service_pb2.GetSettingsRequest())
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_identity_is_the_local_developer(calls: Calls) -> None:
    identity = identity_pb2_grpc.IdentityServiceStub(calls.channel)
    assert identity.UserInfo(identity_pb2.UserInfoRequest()).subject == "local"


def test_it_announces_no_authorization_server(calls: Calls) -> None:
    metadata = auth_service_pb2_grpc.AuthMetadataServiceStub(calls.channel)
    config = metadata.GetPublicClientConfig(auth_service_pb2.GetPublicClientConfigRequest())
    assert config.authorization_metadata_key == "authorization"
    with pytest.raises(grpc.RpcError) as caught:
        metadata.GetOAuth2Metadata(auth_service_pb2.GetOAuth2MetadataRequest())
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_page_of_another_site_cannot_reach_it_by_name(platform: PlatformProcess) -> None:
    request = urllib.request.Request(
        f"http://{platform.endpoint}/healthz", headers={"host": "rebound.example"}
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value as refusal:
        assert refusal.code == 403


def test_a_taken_port_gives_one_line_and_status_3(
    platform: PlatformProcess, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "local_platform", "--port", str(platform.port)]
    command += ["--data-dir", str(tmp_path / "other")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert str(platform.port) in done.stderr
    assert "PLATFORM_PORT" in done.stderr
    assert not (tmp_path / "other").exists()


def test_a_data_folder_has_one_server(platform: PlatformProcess) -> None:
    command = [sys.executable, "-m", "local_platform", "--port", "0"]
    command += ["--data-dir", str(platform.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 4
    assert str(platform.data_dir) in done.stderr

"""A platform that asks for tokens, seen by callers with and without one."""

from __future__ import annotations

import json
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from flyteidl2.auth import auth_service_pb2, auth_service_pb2_grpc, identity_pb2, identity_pb2_grpc
from flyteidl2.common.identifier_pb2 import ProjectIdentifier, RunIdentifier
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.workflow import run_service_pb2

from tests.contract.authorization_platform import GuardedPlatform
from tests.contract.platform_calls import DOMAIN, PROJECT, Calls, Watch, wait_for
from tests.unit.local_platform.test_authorization_gate import RPCS

WATCH_RUNS = "flyteidl2.workflow.RunService/WatchRuns"
OPEN_SERVICE = "flyteidl2.auth.AuthMetadataService/"
WAITS = "until [ -e stop ]; do sleep 0.05; done"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedPlatform]:
    with GuardedPlatform(tmp_path_factory.mktemp("guarded") / "data") as platform:
        yield platform


@pytest.fixture(scope="module")
def offering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedPlatform]:
    """A platform where people can sign in, and nobody has to."""
    folder = tmp_path_factory.mktemp("offering") / "data"
    with GuardedPlatform(folder, "--authorization") as platform:
        yield platform


def _code(call: Any) -> str:
    with pytest.raises(grpc.RpcError) as refused:
        call()
    code: str = refused.value.code().name
    return code


def _user(channel: grpc.Channel, token: str = "") -> identity_pb2.UserInfoResponse:
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    stub = identity_pb2_grpc.IdentityServiceStub(channel)
    return stub.UserInfo(identity_pb2.UserInfoRequest(), metadata=metadata)


def _answer(channel: grpc.Channel, rpc: str, metadata: Any) -> str:
    """The code with which an RPC answers to an empty request."""
    path, streams = f"/{rpc}", RPCS[rpc].server_streaming
    try:
        if streams:
            next(channel.unary_stream(path)(b"", metadata=metadata, timeout=10))
        else:
            channel.unary_unary(path)(b"", metadata=metadata, timeout=10)
    except grpc.RpcError as error:
        return str(error.code().name)
    return "OK"


@pytest.mark.parametrize("token", ["", "Bearer guessed", "Basic YTpi"])
def test_no_rpc_answers_a_stranger_over_grpc(guarded: GuardedPlatform, token: str) -> None:
    metadata = (("authorization", token),) if token else ()
    with closing(guarded.channel()) as channel:
        codes = {rpc: _answer(channel, rpc, metadata) for rpc in RPCS}
    assert len(codes) > 50
    open_ones = {rpc: code for rpc, code in codes.items() if code != "UNAUTHENTICATED"}
    assert open_ones == {
        f"{OPEN_SERVICE}GetOAuth2Metadata": "OK",
        f"{OPEN_SERVICE}GetPublicClientConfig": "OK",
    }


def test_no_rpc_answers_a_stranger_over_connect(guarded: GuardedPlatform) -> None:
    answers = {}
    with httpx.Client(verify=guarded.trust, trust_env=False) as session:
        for rpc in (rpc for rpc in RPCS if not RPCS[rpc].server_streaming):
            answers[rpc] = session.post(f"{guarded.url}/{rpc}", json={})
    refused = {rpc for rpc, answer in answers.items() if answer.status_code == 401}
    assert refused == {rpc for rpc in answers if not rpc.startswith(OPEN_SERVICE)}
    assert {answers[rpc].json()["code"] for rpc in refused} == {"unauthenticated"}


def test_how_to_sign_in_is_told_alike_by_rpc_and_by_http(guarded: GuardedPlatform) -> None:
    document = json.loads(guarded.get("/.well-known/oauth-authorization-server"))
    with closing(guarded.channel()) as channel:
        service = auth_service_pb2_grpc.AuthMetadataServiceStub(channel)
        said = service.GetOAuth2Metadata(auth_service_pb2.GetOAuth2MetadataRequest())
        client = service.GetPublicClientConfig(auth_service_pb2.GetPublicClientConfigRequest())
    assert said.issuer == document["issuer"] == guarded.url
    for name in ("authorization", "token", "device_authorization"):
        assert getattr(said, f"{name}_endpoint") == document[f"{name}_endpoint"]
    assert said.jwks_uri == document["jwks_uri"]
    assert list(said.code_challenge_methods_supported) == ["S256"]
    assert (client.client_id, client.redirect_uri) == (
        "flytectl",
        "http://localhost:53593/callback",
    )
    assert set(client.scopes) <= set(document["scopes_supported"])
    assert client.authorization_metadata_key == "authorization"


def test_health_is_told_to_everybody(guarded: GuardedPlatform) -> None:
    assert json.loads(guarded.get("/healthz")) == {"status": "ok"}


def test_the_ca_file_is_named_at_start(guarded: GuardedPlatform) -> None:
    assert str(guarded.authority) in guarded.server_log.read_text()


def test_plain_text_gets_no_answer(guarded: GuardedPlatform) -> None:
    with closing(grpc.insecure_channel(f"localhost:{guarded.port}")) as channel:
        assert _answer(channel, WATCH_RUNS, ()) == "UNAVAILABLE"


def test_a_caller_is_told_who_they_are(guarded: GuardedPlatform) -> None:
    token = guarded.person_token("ada")["access_token"]
    with closing(guarded.channel(token)) as channel:
        user = _user(channel)
    assert (user.subject, user.name, user.email) == (
        "ada",
        "Ada Okonkwo",
        "ada@flightboard.example",
    )
    assert list(user.additional_claims["groups"]) == ["flightboard-admin"]
    with closing(guarded.channel(guarded.service_token())) as channel:
        assert _user(channel).subject == "flightboard-service"


def test_runs_belong_to_who_started_them(guarded: GuardedPlatform) -> None:
    otto = guarded.calls(guarded.person_token("otto")["access_token"])
    ada = guarded.calls(guarded.person_token("ada")["access_token"])
    with closing(otto), closing(ada):
        run = otto.start(WAITS)
        otto.wait_phase(run, "RUNNING")
        assert ada.details(run).metadata.executed_by.user.id.subject == "otto"
        ada.abort(run, "enough")
        ended = otto.wait(run)
    assert ended.abort_info.aborted_by.user.id.subject == "ada"
    assert ended.abort_info.reason == "enough"


def test_signing_out_ends_open_streams(guarded: GuardedPlatform) -> None:
    tokens = guarded.person_token("vera")
    before = guarded.open_streams(WATCH_RUNS)
    with closing(guarded.calls(tokens["access_token"])) as calls:
        scope = ProjectIdentifier(name=PROJECT, domain=DOMAIN)
        watch = Watch(
            calls.runs.WatchRuns(run_service_pb2.WatchRunsRequest(project_id=scope), timeout=30)
        )
        wait_for(lambda: guarded.open_streams(WATCH_RUNS) > before, "the stream to open")
        guarded.post("/oauth2/revoke", token=tokens["refresh_token"], client_id="flytectl")
        wait_for(lambda: watch.error, "the end of the stream", timeout_s=10)
        assert watch.error is not None
        assert watch.error.code() is grpc.StatusCode.UNAUTHENTICATED
        assert _code(calls.list_runs) == "UNAUTHENTICATED"
    wait_for(lambda: guarded.open_streams(WATCH_RUNS) == before, "the stream to be closed")


def test_files_go_over_tls_too(guarded: GuardedPlatform) -> None:
    with closing(guarded.calls(guarded.service_token())) as calls:
        place = calls.data.CreateUploadLocation(
            dataproxy_service_pb2.CreateUploadLocationRequest(
                project=PROJECT, domain=DOMAIN, filename="f", filename_root="r"
            )
        )
    assert place.signed_url.startswith(f"{guarded.url}/upload/")
    with httpx.Client(verify=guarded.trust, trust_env=False) as session:
        assert session.put(place.signed_url, content=b"words").status_code == 200
    assert Path(place.native_url).read_bytes() == b"words"


def _task_token(platform: GuardedPlatform, run: RunIdentifier) -> str:
    place = ("attempts", PROJECT, DOMAIN, run.name, "a0", "1", "token")
    return platform.data_dir.joinpath(*place).read_text()


def test_a_task_reaches_its_own_run_alone_and_only_while_it_runs(guarded: GuardedPlatform) -> None:
    calls = guarded.calls(guarded.person_token("otto")["access_token"])
    with closing(calls):
        run, other = calls.start(WAITS), calls.start(WAITS)
        for each in (run, other):
            calls.wait_phase(each, "RUNNING")
        with closing(guarded.calls(_task_token(guarded, run))) as task:
            task.enqueue(run, "child", "true")
            child = calls.wait(run, "child")
            assert child.metadata.executed_by.user.id.subject == "otto"
            assert _code(lambda: task.enqueue(other, "child", "true")) == "PERMISSION_DENIED"
            assert _code(lambda: task.details(other)) == "PERMISSION_DENIED"
            assert _code(lambda: task.abort(other)) == "PERMISSION_DENIED"
            assert _code(lambda: task.start("true")) == "PERMISSION_DENIED"
            assert _code(lambda: task.create_secret("x", "y")) == "PERMISSION_DENIED"
            assert _code(task.list_runs) == "PERMISSION_DENIED"
            assert _user(task.channel).subject == "otto"
            calls.abort(run)
            calls.wait(run)
            assert _code(lambda: task.details(run)) == "UNAUTHENTICATED"
        calls.abort(other)
        calls.wait(other)


def test_a_task_that_prints_its_environment_prints_no_token(guarded: GuardedPlatform) -> None:
    with closing(guarded.calls(guarded.service_token())) as calls:
        run = calls.start("env")
        calls.wait(run)
        assert "FLYTECTL_CONFIG=" in calls.text(run)
        assert _task_token(guarded, run) not in calls.text(run)


def test_a_new_attempt_has_a_token_of_its_own(guarded: GuardedPlatform) -> None:
    script = f'[ "$FLYTE_ATTEMPT_NUMBER" = 0 ] && exit 1; {WAITS}'
    with closing(guarded.calls(guarded.service_token())) as calls:
        run = calls.start(script, retries=1)
        wait_for(lambda: calls.details(run).status.attempts == 2, "a second attempt")
        calls.wait_phase(run, "RUNNING")
        with closing(guarded.calls(_task_token(guarded, run))) as first:
            assert _code(lambda: first.details(run)) == "UNAUTHENTICATED"
        calls.abort(run)
        calls.wait(run)


def test_sign_ins_and_running_tasks_survive_a_killed_server(guarded: GuardedPlatform) -> None:
    with closing(guarded.calls(guarded.person_token("ada")["access_token"])) as calls:
        run = calls.start(WAITS)
        calls.wait_phase(run, "RUNNING")
        guarded.restart(kill=True)
        wait_for(lambda: _is_running(calls, run), "the run to be taken up")
        with closing(guarded.calls(_task_token(guarded, run))) as task:
            assert task.phase(run) == "RUNNING"
        calls.abort(run)
        assert calls.wait(run).metadata.executed_by.user.id.subject == "ada"


def _is_running(calls: Calls, run: RunIdentifier) -> bool:
    try:
        return calls.phase(run) == "RUNNING"
    except grpc.RpcError:
        return False


def test_a_client_that_sleeps_does_not_keep_the_platform_up(guarded: GuardedPlatform) -> None:
    assert isinstance(guarded.trust, ssl.SSLContext)
    plain = socket.create_connection(("127.0.0.1", guarded.port))
    with guarded.trust.wrap_socket(plain, server_hostname="localhost") as asleep:
        started = time.monotonic()
        assert guarded.stop() == 0
        assert time.monotonic() - started < 8
        assert asleep.version() == "TLSv1.3"  # it never noticed
    guarded.start()


def test_nothing_secret_is_in_the_servers_log(guarded: GuardedPlatform) -> None:
    tokens = guarded.person_token("ada")
    secrets = [guarded.secret, guarded.service_token(), *tokens.values()]
    text = guarded.server_log.read_text()
    assert not [secret for secret in map(str, secrets) if len(secret) > 20 and secret in text]
    assert not re.search(r"eyJ[A-Za-z0-9_-]{20}", text)


# --- people may sign in, nobody has to ------------------------------------------------------------


def test_without_a_token_the_caller_is_the_local_developer(offering: GuardedPlatform) -> None:
    with closing(grpc.insecure_channel(offering.endpoint)) as channel:
        assert _user(channel).subject == "local"


def test_with_a_token_the_caller_is_its_person(offering: GuardedPlatform) -> None:
    token = offering.person_token("vera")["access_token"]
    with closing(Calls(offering.endpoint)) as calls:
        assert _user(calls.channel, token).subject == "vera"
        request = run_service_pb2.CreateRunRequest(
            project_id=ProjectIdentifier(name=PROJECT, domain=DOMAIN)
        )
        bearer = (("authorization", f"Bearer {token}"),)
        run = calls.start("true")
        request.task_spec.CopyFrom(calls.details(run).task)
        own = calls.runs.CreateRun(request, metadata=bearer).run
        assert own.action.metadata.executed_by.user.id.subject == "vera"
        assert calls.details(run).metadata.executed_by.user.id.subject == "local"
        calls.wait(run)
        calls.wait(own.action.id.run)


def test_a_token_that_does_not_count_is_refused_all_the_same(offering: GuardedPlatform) -> None:
    tokens = offering.person_token("vera")
    offering.post("/oauth2/revoke", token=tokens["refresh_token"], client_id="flytectl")
    with closing(grpc.insecure_channel(offering.endpoint)) as channel:
        assert _code(lambda: _user(channel, tokens["access_token"])) == "UNAUTHENTICATED"
        assert _code(lambda: _user(channel, "guessed")) == "UNAUTHENTICATED"


def test_the_address_to_sign_in_at_is_plain_loopback(offering: GuardedPlatform) -> None:
    document = json.loads(offering.get("/.well-known/openid-configuration"))
    assert document["issuer"] == f"http://localhost:{offering.port}"


def test_tasks_need_no_token_there(offering: GuardedPlatform) -> None:
    with closing(Calls(offering.endpoint)) as calls:
        run = calls.start('echo "$_U_INSECURE $FLYTECTL_CONFIG"')
        calls.wait(run)
        assert calls.text(run).strip() == "true"

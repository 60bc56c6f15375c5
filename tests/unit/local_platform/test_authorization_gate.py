"""The gate in front of every RPC, and what a running task may ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.actions import actions_service_pb2
from flyteidl2.auth import auth_service_pb2, identity_pb2
from flyteidl2.cluster import service_pb2 as cluster_pb2
from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.project import project_service_pb2
from flyteidl2.secret import secret_pb2
from flyteidl2.task import task_service_pb2
from flyteidl2.trigger import trigger_service_pb2
from flyteidl2.workflow import run_service_pb2
from google.protobuf.message import Message

from local_platform.authorization import caller, task_limits
from local_platform.authorization.gate import Gate
from local_platform.store.records import ActionKey
from tests.unit.local_platform.authorization_world import World

ACTION = ActionKey("flytesnacks", "development", "r1", "a0")
MODULES = (
    actions_service_pb2,
    run_service_pb2,
    dataproxy_service_pb2,
    task_service_pb2,
    project_service_pb2,
    secret_pb2,
    trigger_service_pb2,
    identity_pb2,
    auth_service_pb2,
    cluster_pb2,
)
RPCS = {
    f"{service.full_name}/{method.name}": method
    for module in MODULES
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World(tmp_path / "authorization")) as world:
        yield world


@dataclass
class Context:
    """As much of connectrpc's request context as the gate looks at."""

    rpc: str = "flyteidl2.project.ProjectService/ListProjects"
    headers: dict[str, str] = field(default_factory=dict)

    def method(self) -> Any:
        service, _, name = self.rpc.partition("/")
        return SimpleNamespace(service_name=service, name=name)

    def request_headers(self) -> dict[str, str]:
        return self.headers


def _bearing(token: str, rpc: str = Context.rpc) -> Context:
    return Context(rpc, {"authorization": f"Bearer {token}"})


async def _subject(request: Any, ctx: Any) -> str:
    token = caller.token()
    return token.subject if token else "nobody"


async def _call(gate: Gate, ctx: Context, request: Any = None) -> Any:
    # A task of its own, as for each real call.
    return await asyncio.ensure_future(gate.intercept_unary(_subject, request, ctx))


async def _code(gate: Gate, ctx: Context, request: Any = None) -> Code:
    with pytest.raises(ConnectError) as refused:
        await _call(gate, ctx, request)
    return refused.value.code


async def test_a_call_with_a_token_is_made_as_its_person(world: World) -> None:
    tokens = await world.sign_in("vera")
    assert await _call(world.authority.gate, _bearing(tokens["access_token"])) == "vera"
    assert caller.token() is None  # only inside of the call


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "bearer x.y.z", "x"]
)
async def test_a_call_without_a_good_token_is_refused(world: World, header: str) -> None:
    context = Context(headers={"authorization": header} if header else {})
    assert await _code(world.authority.gate, context) is Code.UNAUTHENTICATED


async def test_how_to_sign_in_is_told_to_everybody(world: World) -> None:
    rpc = "flyteidl2.auth.AuthMetadataService/GetOAuth2Metadata"
    assert await _call(world.authority.gate, Context(rpc)) == "nobody"
    assert await _call(world.authority.gate, _bearing("expired", rpc)) == "nobody"


async def test_where_tokens_are_optional_a_bad_one_is_still_refused(tmp_path: Path) -> None:
    with closing(World(tmp_path / "authorization", required=False)) as world:
        gate = world.authority.gate
        assert await _call(gate, Context()) == "nobody"
        assert await _call(gate, _bearing((await world.sign_in("ada"))["access_token"])) == "ada"
        assert await _code(gate, _bearing("guessed")) is Code.UNAUTHENTICATED


async def test_rpcs_that_take_streams_come_not_in_unseen(world: World) -> None:
    async def nothing() -> AsyncIterator[Any]:
        return
        yield

    gate, context = world.authority.gate, Context()
    with pytest.raises(ConnectError, match="bearer token"):
        await gate.intercept_client_stream(_subject, nothing(), context)
    with pytest.raises(ConnectError, match="bearer token"):
        await anext(gate.intercept_bidi_stream(lambda *_: nothing(), nothing(), context))


class Quiet:
    """A stream that says one thing and then nothing; knows whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    async def __call__(self, request: Any, ctx: Any) -> AsyncIterator[str]:
        try:
            yield await _subject(request, ctx)
            await asyncio.Event().wait()
        finally:
            self.closed = True


async def test_a_revocation_ends_open_streams(world: World) -> None:
    tokens = await world.sign_in("otto")
    quiet = Quiet()
    stream = world.authority.gate.intercept_server_stream(
        quiet, None, _bearing(tokens["access_token"])
    )
    assert await anext(stream) == "otto"
    waiting = asyncio.ensure_future(anext(stream))
    form = {"token": tokens["refresh_token"], "client_id": "flightboard"}
    await world.browser.post("/oauth2/revoke", data=form)
    with pytest.raises(ConnectError, match="was revoked") as ended:
        await asyncio.wait_for(waiting, 10)
    assert ended.value.code is Code.UNAUTHENTICATED
    assert quiet.closed


async def test_the_end_of_a_token_ends_open_streams(tmp_path: Path) -> None:
    lifetimes = {"token_lifetime_s": 1, "clock_skew_s": 0}
    with closing(World(tmp_path / "authorization", lifetimes=lifetimes)) as world:
        tokens = await world.sign_in()
        quiet = Quiet()
        stream = world.authority.gate.intercept_server_stream(
            quiet, None, _bearing(tokens["access_token"])
        )
        await anext(stream)
        with pytest.raises(ConnectError, match="has expired"):
            await asyncio.wait_for(anext(stream), 10)
        assert quiet.closed


async def test_a_stream_that_its_reader_leaves_is_closed(world: World) -> None:
    quiet = Quiet()
    token = (await world.sign_in())["access_token"]
    stream = world.authority.gate.intercept_server_stream(quiet, None, _bearing(token))
    await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert quiet.closed


async def test_a_stream_that_ends_by_itself_ends(world: World) -> None:
    async def counted(request: Any, ctx: Any) -> AsyncIterator[int]:
        for number in range(3):
            yield number

    token = (await world.sign_in())["access_token"]
    stream = world.authority.gate.intercept_server_stream(counted, None, _bearing(token))
    assert [number async for number in stream] == [0, 1, 2]


# --- the limits of a task's token -----------------------------------------------------------------


def _about(method: Any, run: RunIdentifier) -> Message:
    """A request of this RPC in which every field that can name a run or an action names this."""
    request: Message = method.input_type._concrete_class()
    _name_run(request, run)
    return request


def _name_run(message: Message, run: RunIdentifier) -> None:
    for part in message.DESCRIPTOR.fields:
        if part.is_repeated or part.message_type is None:
            continue
        inner = getattr(message, part.name)
        if isinstance(inner, RunIdentifier):
            inner.CopyFrom(run)
        elif isinstance(inner, ActionIdentifier):
            inner.CopyFrom(ActionIdentifier(run=run, name="a1"))
        elif part.name in ("action", "action_attempt_id"):
            _name_run(inner, run)


OWN = RunIdentifier(org="local", project="flytesnacks", domain="development", name="r1")
FOREIGN = [
    RunIdentifier(project="flytesnacks", domain="development", name="r2"),
    RunIdentifier(project="flytesnacks", domain="production", name="r1"),
    RunIdentifier(project="other", domain="development", name="r1"),
    RunIdentifier(),
]
ALLOWED = {
    "flyteidl2.actions.ActionsService": {
        "Enqueue",
        "WatchForUpdates",
        "Update",
        "Abort",
        "Signal",
    },
    "flyteidl2.workflow.RunService": {
        "AbortRun",
        "GetRunDetails",
        "WatchRunDetails",
        "GetActionDetails",
        "WatchActionDetails",
        "GetActionData",
        "GetActionDataURIs",
        "ListActions",
        "WatchActions",
        "WatchClusterEvents",
        "AbortAction",
        "SignalEvent",
    },
    "flyteidl2.dataproxy.DataProxyService": {"GetActionData", "TailLogs", "CreateDownloadLink"},
}
LOOKING_UP = {
    "flyteidl2.task.TaskService/GetTaskDetails",
    "flyteidl2.task.TaskService/ListTasks",
    "flyteidl2.task.TaskService/ListVersions",
    "flyteidl2.auth.IdentityService/UserInfo",
    "flyteidl2.cluster.ClusterService/SelectCluster",
}


@pytest.mark.parametrize("rpc", sorted(RPCS))
def test_a_task_may_do_this_much(rpc: str) -> None:
    """Every RPC there is: its own run, looking up, or nothing at all."""
    service, _, name = rpc.partition("/")
    own = task_limits.refusal(rpc, _about(RPCS[rpc], OWN), ACTION)
    foreign = [task_limits.refusal(rpc, _about(RPCS[rpc], run), ACTION) for run in FOREIGN]
    if rpc in LOOKING_UP:
        assert not own
        assert not any(foreign)
    else:
        assert bool(own) is (name not in ALLOWED.get(service, ()))
        assert all(foreign)


async def test_a_tasks_call_about_another_run_is_denied(world: World) -> None:
    world.open_attempts.add((ACTION, 1))
    token = world.authority.tokens.for_attempt("vera", ACTION, 1)
    rpc = "flyteidl2.workflow.RunService/AbortRun"
    gate, context = world.authority.gate, _bearing(token, rpc)
    own = run_service_pb2.AbortRunRequest(run_id=OWN)
    assert await _call(gate, context, own) == "vera"
    other = run_service_pb2.AbortRunRequest(run_id=FOREIGN[0])
    assert await _code(gate, context, other) is Code.PERMISSION_DENIED
    world.open_attempts.clear()
    assert await _code(gate, context, own) is Code.UNAUTHENTICATED

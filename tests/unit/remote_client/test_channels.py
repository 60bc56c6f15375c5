"""Channels per loop, streams per channel, closing, TLS."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any

import grpc
import pytest

from remote_client import Action, ClientSet, Console, Run
from remote_client._client.channel import STREAMS_PER_CHANNEL
from remote_client.errors import ClientClosedError, ClientNotInitializedError, Unavailable
from tests.unit.remote_client import messages
from tests.unit.remote_client.fake_platform import FakePlatform


async def _for_ever(request: Any, context: Any) -> AsyncIterator[Any]:
    yield messages.watched_actions(messages.action("a0"))
    await asyncio.Event().wait()


async def test_one_client_serves_many_loops_at_once(fake: FakePlatform, client: ClientSet) -> None:
    fake.answer("RunService.GetRunDetails", messages.run_details("r1"))
    names: list[str] = []

    def in_its_own_loop() -> None:
        async def read() -> str:
            name: str = (await Run.get("r1", client=client)).name
            return name

        names.append(asyncio.run(read()))

    def blocking() -> None:
        names.append(Run.get("r1", client=client).name)

    threads = [threading.Thread(target=f) for f in (in_its_own_loop, in_its_own_loop, blocking)]
    for thread in threads:
        thread.start()
    names.append((await Run.get("r1")).name)
    await asyncio.to_thread(lambda: [thread.join() for thread in threads])
    assert names == ["r1"] * 4


async def test_more_streams_than_one_connection_allows_get_more_connections(
    fake: FakePlatform, client: ClientSet
) -> None:
    fake.answer("RunService.GetRunDetails", messages.run_details())
    fake.answer("RunService.WatchActions", _for_ever)
    count = STREAMS_PER_CHANNEL + 5
    async with AsyncExitStack() as stack:
        watches = [
            await stack.enter_async_context(aclosing(Action.watchall("r1"))) for _ in range(count)
        ]
        await asyncio.gather(*(anext(watch) for watch in watches))
        assert fake.open_streams["RunService.WatchActions"] == count
        peers = len(client._connection.pool.here()._for_streams)
        assert peers == 2
    await fake.closed("RunService.WatchActions")


async def test_closing_a_client_ends_its_streams_with_a_clear_error(
    fake: FakePlatform, client: ClientSet
) -> None:
    fake.answer("RunService.GetRunDetails", messages.run_details())
    fake.answer("RunService.WatchActions", _for_ever)
    scoped = client.with_scope(domain="other")
    watch = Action.watchall("r1", client=scoped).aio()
    await anext(watch)
    waiting = asyncio.create_task(anext(watch))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(ClientClosedError, match="closed"):
        await waiting
    with pytest.raises(ClientClosedError):
        await Run.get("r1", client=scoped)
    assert client.closed


async def test_closing_one_client_leaves_another_alone(
    fake: FakePlatform, client: ClientSet
) -> None:
    fake.answer("RunService.GetRunDetails", messages.run_details("r1"))
    other = await ClientSet.for_endpoint(
        f"127.0.0.1:{fake.port}", insecure=True, project="p", domain="d"
    )
    await client.close()
    assert (await Run.get("r1", client=other)).name == "r1"
    await other.close()


def test_stubs_ask_for_a_running_loop(tmp_path: Path) -> None:
    client = ClientSet.for_endpoint("localhost:1", insecure=True)
    with pytest.raises(RuntimeError, match="running event loop"):
        _ = client.run_service
    client.close()


async def test_a_call_without_any_client_says_what_to_do() -> None:
    with pytest.raises(ClientNotInitializedError, match=r"remote_client\.init"):
        await Run.get("r1")


async def test_every_service_has_its_stub(client: ClientSet) -> None:
    from remote_client._client.services import _STUBS, ServiceStubs

    for name in _STUBS:
        assert isinstance(getattr(ServiceStubs, name), property)
        assert type(getattr(client, name)).__name__ == _STUBS[name][1]
    assert client.project_domain_service is client.project_service


@pytest.mark.parametrize(
    ("endpoint", "insecure", "root"),
    [
        ("localhost:8090", True, "http://localhost:8080"),
        ("dns:///127.0.0.1:8090", True, "http://localhost:8080"),
        ("grpc.myplatform.com:443", None, "https://grpc.myplatform.com"),
        ("http://host:9000/x", None, "http://host:9000"),
    ],
)
def test_links_lead_to_the_console(endpoint: str, insecure: bool | None, root: str) -> None:
    console = Console(endpoint, insecure)
    assert console.run_url("p", "d", "r1") == f"{root}/v2/domain/d/project/p/runs/r1"
    assert console.action_url("p", "d", "r1", "a 1").endswith("/runs/r1?i=a%201")
    assert console.task_url("p", "d", "e.f") == f"{root}/v2/domain/d/project/p/tasks/e.f"
    assert console.trigger_url("p", "d", "e.f", "t").endswith("/triggers/e.f/t")
    assert console.app_url("p", "d", "a/b").endswith("/apps/a%2Fb")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with key.pem and cert.pem for a host that is not this one."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem"
    names = ["-subj", "/CN=platform.test", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
async def secure(certificate: Path) -> AsyncIterator[FakePlatform]:
    key, chain = (certificate.joinpath(name).read_bytes() for name in ("key.pem", "cert.pem"))
    platform = FakePlatform()
    await platform.start(credentials=grpc.ssl_server_credentials([(key, chain)]))
    platform.answer("RunService.GetRunDetails", messages.run_details("r1"))
    yield platform
    await platform.stop()


def _options() -> dict[str, Any]:
    from remote_client import AuthOptions

    return {"auth": AuthOptions(auth_type="None"), "project": "p", "domain": "d"}


async def test_a_ca_file_is_trusted(secure: FakePlatform, certificate: Path) -> None:
    async with await ClientSet.for_endpoint(
        f"localhost:{secure.port}", ca_cert_file_path=certificate / "cert.pem", **_options()
    ) as client:
        assert (await Run.get("r1", client=client)).name == "r1"


async def test_an_unknown_certificate_is_refused(secure: FakePlatform) -> None:
    async with await ClientSet.for_endpoint(
        f"localhost:{secure.port}", timeout_s=1, **_options()
    ) as client:
        with pytest.raises(Unavailable):
            await Run.get("r1", client=client)


async def test_verification_can_be_skipped(secure: FakePlatform) -> None:
    async with await ClientSet.for_endpoint(
        f"127.0.0.1:{secure.port}", insecure_skip_verify=True, **_options()
    ) as client:
        assert (await Run.get("r1", client=client)).name == "r1"

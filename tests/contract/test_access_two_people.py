"""Two people with different projects on one dashboard in front of the real local platform."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dashboard import upstream
from dashboard.live import registry
from remote_client import ClientSet, Project
from tests.contract.platform_process import PlatformProcess
from tests.flyte_command import FlyteCommand
from tests.unit.dashboard.people import (
    bearer,
    browser_of,
    frame_of,
    person_with,
    socket_of,
    subscribe,
    token_of,
)

HERS = {"project": "flytesnacks", "domain": "development"}


@pytest.fixture
async def other_project(platform: PlatformProcess) -> str:
    client = await ClientSet.for_endpoint.aio(platform.endpoint, insecure=True)
    await Project.create.aio("vault", name="Vault", client=client)
    await client.close()
    return "vault"


@pytest.fixture(autouse=True)
async def dashboard(
    platform: PlatformProcess, transactional_db: None, settings: Any, tmp_path: Any
) -> AsyncIterator[None]:
    """The dashboard of this very process, connected to the platform."""
    settings.FLIGHTBOARD_HOME = tmp_path
    settings.FLYTE_ENDPOINT, settings.FLYTE_INSECURE = platform.endpoint, True
    upstream.replace_platform(None)
    yield
    await registry.close()
    await upstream.close_platforms()


async def test_neither_sees_a_row_a_line_or_a_name_of_the_others(
    platform: PlatformProcess, flyte_cli: FlyteCommand, other_project: str
) -> None:
    run = await asyncio.to_thread(flyte_cli.run, "hello", "--name", "Ada")
    ana = await person_with("ana", ("operator", "flytesnacks"))
    bo = await person_with("bo", ("operator", other_project))
    hers, his = await browser_of(ana), await browser_of(bo)
    runs = "/v2/domain/development/project/flytesnacks/runs"
    pages = ["/v2/projects", runs, f"{runs}/{run.name}", f"{runs}/{run.name}?tab=logs"]
    raw = f"{runs}/{run.name}/actions/a0/attempts/1/log.txt"

    sockets = socket_of(hers), socket_of(his)
    for socket in sockets:
        await socket.connect()
    await subscribe(sockets[0], "run", {**HERS, "run": run.name})
    assert run.name in json.dumps(await frame_of(sockets[0], "snapshot"))

    for address in [*pages, raw]:
        assert (await hers.get(address)).status_code == 200, address
        answer = await his.get(address)
        assert answer.status_code == (200 if address == "/v2/projects" else 404), address
        told = answer.content.decode().replace(address, "")
        assert "Hello" not in told
        assert "hello.main" not in told
    assert "flytesnacks" not in (await his.get("/v2/projects")).content.decode()
    assert "vault" not in (await hers.get("/v2/projects")).content.decode()

    thing = {**HERS, "run": run.name}
    for topic, args in {
        "runs": HERS,
        "run": thing,
        "action": {**thing, "action": "a0"},
        "log": {**thing, "action": "a0", "attempt": 1},
    }.items():
        await subscribe(sockets[1], topic, args)
        frame = await sockets[1].receive_json_from(timeout=60)
        assert (frame["type"], frame["code"]) == ("error", "not_found"), topic
    for socket in sockets:
        await socket.disconnect()

    key = bearer(await token_of(bo, "operator"))
    where = "project=flytesnacks&domain=development"
    assert [p["id"] for p in (await his.get("/api/v1/projects", **key)).json()["items"]] == [
        other_project
    ]
    for path in ("runs", f"runs/{run.name}", f"runs/{run.name}/actions"):
        assert (await his.get(f"/api/v1/{path}?{where}", **key)).status_code == 404
    assert (await his.post(f"{runs}/{run.name}/abort")).status_code == 404

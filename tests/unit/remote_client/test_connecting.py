"""Ways to a client: API key, environment, process default."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

import remote_client
from remote_client import AuthOptions, ClientSet, ConfigError, EndpointError, Run, _context
from remote_client._context import current_client
from tests.unit.remote_client import messages
from tests.unit.remote_client.fake_platform import FakePlatform


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No configuration of this machine reaches a test, and no default outlives it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("FLYTE_API_KEY", "FLYTE_ADMIN_ENDPOINT", "_U_EP_OVERRIDE", "FLYTECTL_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    yield
    _context.set_default(None)


def _key(endpoint: str, org: str = "acme") -> str:
    return base64.b64encode(f"{endpoint}:id:se:cret:{org}".encode()).decode()


async def test_an_api_key_names_endpoint_and_org() -> None:
    client = await ClientSet.for_api_key(_key("dns:///cloud.example.com:8443"), project="p")
    assert (client.endpoint, client.insecure) == ("cloud.example.com:8443", False)
    assert (client.scope.org, client.scope.project) == ("acme", "p")
    assert "cret" not in repr(client)
    await client.close()


async def test_text_that_is_no_api_key_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError) as info:
        await ClientSet.for_api_key("my-secret-text")
    assert "my-secret-text" not in str(info.value)


async def test_the_environment_is_typed_and_needs_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_ADMIN_ENDPOINT", "cloud.example.com")
    monkeypatch.setenv("FLYTE_ADMIN_INSECURE", "false")
    monkeypatch.setenv("FLYTE_TASK_PROJECT", "p")
    client = await ClientSet.from_env(domain="d")
    assert (client.endpoint, client.insecure) == ("cloud.example.com:443", False)
    assert (client.scope.org, client.scope.project, client.scope.domain) == ("cloud", "p", "d")
    await client.close()


async def test_the_config_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("admin: {endpoint: localhost:8090, insecure: true}\ntask: {project: p}\n")
    client = await remote_client.init_from_config(file, domain="d")
    assert client.console.root == "http://localhost:8080"
    assert current_client() is client
    assert (client.scope.project, client.scope.domain) == ("p", "d")
    await client.close()


async def test_no_endpoint_anywhere_says_what_to_set() -> None:
    with pytest.raises(ConfigError, match="FLYTE_ADMIN_ENDPOINT"):
        await ClientSet.from_env()
    with pytest.raises(ValueError, match="FLYTE_API_KEY"):
        await remote_client.init_from_api_key()
    with pytest.raises(ValueError, match="endpoint or a client"):
        await remote_client.init()
    with pytest.raises(EndpointError):
        await ClientSet.for_endpoint("ftp://host")


async def test_the_default_gives_way_to_the_bound_and_the_passed_client(
    fake: FakePlatform,
) -> None:
    fake.answer("RunService.GetRunDetails", messages.run_details("r1"))
    default = await remote_client.init(
        f"127.0.0.1:{fake.port}", insecure=True, project="default", domain="d"
    )
    await Run.get("r1")
    with default.with_scope(project="bound").bound():
        await Run.get("r1")
        await Run.get("r1", client=default.with_scope(project="passed"))
        await Run.get("r1", project="named")
    asked = [r.run_id.project for r in fake.requests("RunService.GetRunDetails")]
    assert asked == ["default", "bound", "passed", "named"]
    await default.close()


def test_a_script_needs_no_loop(tmp_path: Path) -> None:
    client = remote_client.init("localhost:1", insecure=True, project="p", domain="d")
    assert repr(client) == "ClientSet('localhost:1', insecure=True, 'p/d')"
    client.close()


async def test_identity_options_are_shown_without_secrets() -> None:
    options = AuthOptions(auth_type="ClientSecret", client_id="id", client_secret="hush")
    client = await ClientSet.for_endpoint("cloud.example.com", auth=options)
    assert "hush" not in repr(options) + repr(client)
    await client.close()

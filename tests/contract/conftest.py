"""What the client's contract tests share: a backend, a client of it, programs run there.

The backend is the local platform of the session, or the one that `--endpoint` names.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from remote_client import ClientSet
from tests.flyte_command import CONFIG, FlyteCommand

PROJECT, DOMAIN = "flytesnacks", "development"
# A program on a busy machine may wait for a slot; tests wait for phases, never this long.
PATIENCE_S = 90.0


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """HOST:PORT of the backend under test."""
    named: str = request.config.getoption("--endpoint")
    if named:
        return named
    endpoint: str = request.getfixturevalue("platform").endpoint
    return endpoint


@pytest.fixture
async def client(backend: str) -> AsyncIterator[ClientSet]:
    """A client of the backend, bound for the test."""
    async with await ClientSet.for_endpoint(
        backend, insecure=True, project=PROJECT, domain=DOMAIN
    ) as made:
        with made.bound():
            yield made


class Programs:
    """The example programs, run on the backend through the real SDK; each form of call once."""

    def __init__(self, backend: str, folder: Path) -> None:
        host, _, port = backend.rpartition(":")
        self._flyte = FlyteCommand(int(port), folder)
        if host not in ("127.0.0.1", "localhost"):
            config = CONFIG.replace("localhost:{port}", backend)
            (folder / ".flyte" / "config.yaml").write_text(config)
        self._started: dict[tuple[str, ...], str] = {}

    async def start(self, program: str, *arguments: str) -> str:
        """The name of a new run of the program's `main`."""
        submitted = await asyncio.to_thread(self._flyte.run, program, *arguments)
        return submitted.name

    async def once(self, program: str, *arguments: str) -> str:
        """The name of a run of the program which tests share; nobody may change it."""
        key = (program, *arguments)
        if key not in self._started:
            self._started[key] = await self.start(program, *arguments)
        return self._started[key]

    async def deploy(self, program: str) -> None:
        """Deploy the program's task environment."""
        key = ("deploy", program)
        if key not in self._started:
            await asyncio.to_thread(self._flyte, "deploy", f"examples/{program}.py", "env")
            self._started[key] = program


@pytest.fixture(scope="session")
def programs(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The example programs on the backend."""
    return Programs(backend, tmp_path_factory.mktemp("programs"))

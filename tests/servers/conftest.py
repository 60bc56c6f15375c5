"""Two dashboard processes with one database, behind nginx."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.browser.conftest import chromium  # noqa: F401 - a fixture, found by name
from tests.browser.dashboard_process import ROOT, DashboardProcess
from tests.contract.platform_process import PlatformProcess
from tests.servers.processes import Nginx

# `make test-servers` starts what these need and says where it is.
collect_ignore_glob = [] if os.environ.get("REDIS_URL") else ["test_*.py"]


@dataclass(frozen=True)
class Fleet:
    """The processes, and the address that people use."""

    workers: tuple[DashboardProcess, DashboardProcess]
    url: str

    def sign_in_link(self, name: str = "local") -> str:
        """A one-time link, at a process itself: through a balancer it would come from anywhere.

        The cookie that it sets belongs to the host, whatever the port.
        """
        return self.workers[0].manage("local_account", "--username", name)


@pytest.fixture(scope="session")
def fleet(platform: PlatformProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    home = tmp_path_factory.mktemp("fleet")
    first = DashboardProcess(home, platform.endpoint)
    first.start()
    shared = {name: first.environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
    second = DashboardProcess(home, platform.endpoint, **shared)
    second.start_server()
    configuration = (ROOT / "docs/examples/nginx.conf").read_text()
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    try:
        with Nginx(folder, [first.port, second.port], configuration) as nginx:
            yield Fleet((first, second), f"http://localhost:{nginx.port}")
    finally:
        first.stop()
        second.stop()

"""Starts and stops PostgreSQL, Redis and nginx on free ports of 127.0.0.1."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

START_S = 30.0
STOP_S = 20.0


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, *places: str) -> str:
    """The path of a program. Raises LookupError with what installs it."""
    found = shutil.which(name) or next((p for place in places for p in glob.glob(place)), None)  # noqa: PTH207
    if found is None:
        raise LookupError(f"{name} is not installed; scripts/find-servers.sh installs it.")
    return found


class Server:
    """A process that is ready once its port answers. A context manager: started, then stopped."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    @property
    def user(self) -> str | None:
        """Whom the process runs as; None for who runs the tests."""
        return None

    def __enter__(self) -> Self:
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, cwd=self.folder, user=self.user
            )
        self._wait_until_it_answers()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(STOP_S)

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, (self.folder / "server.log").read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.folder / "server.log").read_text())


class Postgres(Server):
    """A cluster of its own, which trusts who comes from this machine."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        if self.user:
            # It refuses to run as root, and owns its folder.
            shutil.chown(folder, self.user)
        subprocess.run(
            [self._program("initdb"), "-D", folder / "data", "-U", "flightboard", "-A", "trust"],
            check=True,
            capture_output=True,
            cwd=folder,
            user=self.user,
        )

    @property
    def user(self) -> str | None:
        if os.getuid() != 0:
            return None
        names = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in names else "nobody"

    @property
    def url(self) -> str:
        """As DATABASE_URL takes it."""
        return f"postgres://flightboard@127.0.0.1:{self.port}/postgres"

    def command(self) -> list[str]:
        settings = {"listen_addresses": "127.0.0.1", "fsync": "off", "max_connections": "200"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        data, sockets = str(self.folder / "data"), str(self.folder)
        return [
            *(self._program("postgres"), "-D", data, "-p", str(self.port), "-k", sockets),
            *options,
        ]

    def _program(self, name: str) -> str:
        return program(name, f"/usr/lib/postgresql/*/bin/{name}")


class Redis(Server):
    """In memory alone."""

    @property
    def url(self) -> str:
        """As REDIS_URL takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return [
            *(program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port)),
            *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
        ]


class Nginx(Server):
    """In front of several dashboards, with the configuration that docs/operations.md gives."""

    def __init__(self, folder: Path, ports: list[int], configuration: str) -> None:
        super().__init__(folder)
        servers = "\n".join(f"    server 127.0.0.1:{port};" for port in ports)
        text = configuration.replace("SERVERS", servers).replace("PORT", str(self.port))
        (folder / "nginx.conf").write_text(text)

    def command(self) -> list[str]:
        return [
            *(program("nginx", "/usr/sbin/nginx"), "-p", str(self.folder)),
            *("-c", str(self.folder / "nginx.conf"), "-e", "stderr"),
            # Started by root, its workers would be nobody, who can't write below a test's folder.
            *(("-g", "user root;") if os.getuid() == 0 else ()),
        ]

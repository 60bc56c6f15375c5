"""The dashboard as `make run` starts it, on a free port and with a data folder of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_database(server_url: str) -> dict[str, str]:
    """A new database on the server that the suite was given; nothing where it was given none."""
    if not server_url:
        return {}
    import psycopg

    name = f"dashboard_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return {"DATABASE_URL": f"{server_url.rpartition('/')[0]}/{name}"}


class DashboardProcess:
    """One daphne server with its database and log spool under `home`."""

    def __init__(
        self, home: Path, endpoint: str, data_dir: Path | None = None, **variables: str
    ) -> None:
        self.home, self.port = home, free_port()
        self.url = f"http://localhost:{self.port}"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("FLYTE", "PYTEST"))},
            "FLIGHTBOARD_HOME": str(home),
            "FLYTE_ENDPOINT": endpoint,
            "FLYTE_INSECURE": "true",
            "DASHBOARD_PORT": str(self.port),
            **own_database(os.environ.get("DATABASE_URL", "")),
            **variables,
        }
        if data_dir is not None:
            folders = ("raw", "work", "runs", "uploads")
            self.environment["FILE_STORES"] = ",".join(str(data_dir / name) for name in folders)
        self.browser_state: object = None
        """What a browser keeps that signed in here; its first test fills it in."""
        self._process: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self) -> None:
        """Prepare the database, start the server and wait until it answers."""
        self.first_link = self.manage("prepare")
        self.start_server()

    def start_server(self) -> None:
        """Start the server on a database that is ready, and wait until it answers."""
        with (self.home / "dashboard.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port)),
                    *("-v", "0", "--no-server-name"),
                    "dashboard.asgi:application",
                ],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        self._wait_ready()

    def sign_in_link(self) -> str:
        """A fresh one-time link that signs a browser in."""
        return self.manage("local_account")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def log(self) -> str:
        """Everything that the server wrote so far."""
        return (self.home / "dashboard.log").read_text(errors="replace")

    def _wait_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self.log()
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the dashboard did not start:\n{self.log()}")

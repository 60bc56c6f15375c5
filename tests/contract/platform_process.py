"""A local platform in a process of its own, for tests: start, stop, kill, restart."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_READY_S = 20.0
_STOP_S = 15.0


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PlatformProcess:
    """`python -m local_platform` on a free port; the port and the data survive a restart."""

    def __init__(
        self, data_dir: Path, *, port: int = 0, slots: int = 4, options: tuple[str, ...] = ()
    ) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.slots = slots
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def server_log(self) -> Path:
        """What the server itself printed."""
        return self.data_dir.with_name(f"{self.data_dir.name}.server.log")

    def __enter__(self) -> PlatformProcess:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the server and returns when it answers."""
        command = [sys.executable, "-m", "local_platform", "--port", str(self.port)]
        command += ["--data-dir", str(self.data_dir), "--slots", str(self.slots), *self.options]
        with self.server_log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait_until_ready(self.process)

    def stop(self) -> int:
        """Ends the server in order (SIGTERM); answers its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Ends the server as `kill -9` does; the attempts run on."""
        return self._end(signal.SIGKILL)

    def restart(self, *, kill: bool = False) -> None:
        """Ends the server, in order or not, and starts it again on the same port and data."""
        self.kill() if kill else self.stop()
        self.start()

    def streams(self) -> dict[str, dict[str, int]]:
        """The report of `GET /-/streams`."""
        report: dict[str, dict[str, int]] = json.loads(self.get("/-/streams"))
        return report

    def open_streams(self, rpc: str) -> int:
        """How many streams of an RPC (`package.Service/Method`) are open now."""
        return self.streams()["open"].get(rpc, 0)

    def get(self, path: str) -> bytes:
        """The body of a plain GET."""
        url = f"http://{self.endpoint}{path}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            body: bytes = answer.read()
        return body

    def write_config(self, folder: Path, **task: Any) -> Path:
        """A `.flyte/config.yaml` in `folder` that points the SDK at this platform."""
        settings = {"project": "flytesnacks", "domain": "development"} | task
        lines = ["admin:", f"  endpoint: dns:///localhost:{self.port}", "  insecure: true"]
        lines += ["task:", *(f"  {name}: {value}" for name, value in settings.items())]
        file = folder / ".flyte" / "config.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines) + "\n")
        return file

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                self.get("/healthz")
                return
            except OSError:
                time.sleep(0.02)
        words = self.server_log.read_text(errors="replace")[-4000:]
        raise RuntimeError(f"the local platform did not start (status {process.poll()}):\n{words}")

    def _end(self, number: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        os.kill(process.pid, number)
        try:
            return process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

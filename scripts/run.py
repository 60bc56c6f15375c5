"""`make run`: starts the local platform and the dashboard, and stops both with Ctrl-C.

Needs only the standard library, so that the first thing it says comes at once. A server that
dies on its own is started again a few times; what the two write goes to the data folder's `logs/`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READY_TIMEOUT_S = 60
# A server ends its tasks first (SIGTERM, then SIGKILL after 3 s); give it time for that.
STOP_TIMEOUT_S = 15
# A server that dies this often in so many seconds is broken, and starting it again hides that.
MAX_RESTARTS, RESTART_WINDOW_S = 5, 60

# The people whom the local platform's authorization server knows, and what they may do here.
LOCAL_SIGN_IN = {
    "SIGN_IN_CLIENT_ID": "flightboard",
    "DEMO_PEOPLE": "vera=viewer,otto=operator,ada=admin",
    "ROLE_GROUPS": ";".join(
        f"flightboard-{role}={role}" for role in ("viewer", "operator", "admin")
    ),
}

# Folders of the local platform's data that tasks' files are in.
TASK_FOLDERS = ("raw", "work", "runs", "uploads")


class StartError(Exception):
    """Flightboard could not start; the text is the one line that says why and what to do."""


@dataclass(frozen=True)
class Places:
    """Ports and folders, from the environment."""

    platform_port: int
    dashboard_port: int
    home: Path

    @classmethod
    def from_env(cls) -> Places:
        home = Path(os.environ.get("FLIGHTBOARD_HOME") or ".flightboard").resolve()
        return cls(_port("PLATFORM_PORT", 8090), _port("DASHBOARD_PORT", 8080), home)

    @property
    def environment(self) -> dict[str, str]:
        """What the servers are told; a value that the person set stays."""
        defaults = {"FLYTE_ENDPOINT": f"localhost:{self.platform_port}", "FLYTE_INSECURE": "true"}
        if "FLYTE_ENDPOINT" not in os.environ:
            defaults |= LOCAL_SIGN_IN
            # What tasks write lies beside what the platform keeps for itself.
            data = self.home / "platform"
            defaults["FILE_STORES"] = ",".join(str(data / name) for name in TASK_FOLDERS)
        fixed = {
            "FLIGHTBOARD_HOME": str(self.home),
            "PLATFORM_PORT": str(self.platform_port),
            "DASHBOARD_PORT": str(self.dashboard_port),
            "PYTHONUNBUFFERED": "1",
        }
        return {**defaults, **os.environ, **fixed}


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise StartError(f"{variable} is {text!r}; it takes a port number from 1 to 65535.")
    return int(text)


def check_port_is_free(port: int, variable: str, purpose: str) -> None:
    """Refuse to start on a port that somebody else has.

    Raises:
        StartError: naming the port and the variable that changes it.
    """
    with socket.socket() as probe:
        # As the servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartError(
                f"Port {port} for {purpose} is taken. "
                f"Choose another one: make run {variable}={port + 1000}"
            ) from error


@dataclass
class Server:
    """One of the two servers: how to start it, whether it answers, how to stop it."""

    name: str
    argv: list[str]
    port: int
    places: Places
    process: asyncio.subprocess.Process | None = None
    _deaths: list[float] = field(default_factory=list)

    @property
    def log_path(self) -> Path:
        return self.places.home / "logs" / f"{self.name}.log"

    async def start(self) -> None:
        with self.log_path.open("ab") as log:
            # A session of its own: Ctrl-C reaches this program alone, which stops things in order.
            self.process = await asyncio.create_subprocess_exec(
                *self.argv,
                cwd=ROOT,
                env=self.places.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def wait_ready(self) -> None:
        """Wait until the server answers on its health address."""
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not await self._answers():
            if self.process is None or self.process.returncode is not None:
                raise StartError(f"The {self.name} ended while starting: {self._last_words()}")
            if time.monotonic() > deadline:
                raise StartError(f"The {self.name} did not answer; its log is {self.log_path}")
            await asyncio.sleep(0.05)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            status = await asyncio.wait_for(reader.readline(), 5)
            return b" 200 " in status
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()

    def _last_words(self) -> str:
        lines = self.log_path.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it wrote nothing'} (log: {self.log_path})"

    async def stay_alive(self) -> None:
        """Start the server again whenever it dies on its own; give up on one that keeps dying."""
        while True:
            assert self.process is not None
            status = await self.process.wait()
            now = time.monotonic()
            self._deaths = [at for at in self._deaths if now - at < RESTART_WINDOW_S] + [now]
            if len(self._deaths) > MAX_RESTARTS:
                raise StartError(f"The {self.name} keeps ending: {self._last_words()}")
            print(f"The {self.name} ended (status {status}); starting it again.", flush=True)
            await self.start()

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


async def run_step(
    argv: list[str], places: Places, what: str, environment: dict[str, str] | None = None
) -> str:
    """Run a short program, `environment` added to the servers' own; return what it printed.

    Raises:
        StartError: with the program's last words, when it ends with an error.
    """
    step = await asyncio.create_subprocess_exec(
        *argv,
        cwd=ROOT,
        env={**places.environment, **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = await step.communicate()
    except asyncio.CancelledError:
        step.kill()
        await step.wait()
        raise
    if step.returncode:
        text = (err + out).decode(errors="replace").strip()
        # The lines of a traceback are indented; what it says in the end is not.
        said = [line for line in text.splitlines() if line and not line.startswith(" ")]
        raise StartError(f"Could not {what}: {said[-1] if said else 'no reason given'}")
    return out.decode().strip()


def write_client_config(places: Places) -> None:
    """Leave a configuration for the `flyte` command in the data folder, as the README shows it."""
    (places.home / "config.yaml").write_text(
        f"admin:\n  endpoint: dns:///localhost:{places.platform_port}\n  insecure: true\n"
        "task:\n  project: flytesnacks\n  domain: development\n"
    )


async def submit_examples_once(places: Places) -> None:
    """Submit the example programs through the SDK, unless this data folder has seen them."""
    done = places.home / "examples-submitted"
    if not done.exists():
        argv = [sys.executable, "scripts/submit_examples.py", f"localhost:{places.platform_port}"]
        # The SDK remembers in its home what it uploaded where. With a home in the data folder, it
        # forgets that together with the folder, and a fresh start uploads again.
        home = places.home / "sdk-home"
        home.mkdir(exist_ok=True)
        await run_step(argv, places, "submit the examples", {"HOME": str(home)})
        done.touch()


async def serve(places: Places) -> None:
    """Start everything, say so in one line, and watch over it until cancelled."""
    check_port_is_free(places.platform_port, "PLATFORM_PORT", "the local platform")
    check_port_is_free(places.dashboard_port, "DASHBOARD_PORT", "the dashboard")
    (places.home / "logs").mkdir(parents=True, exist_ok=True)
    write_client_config(places)
    platform, dashboard = _servers(places)
    try:
        await platform.start()
        link = await run_step(
            [sys.executable, "manage.py", "prepare"], places, "prepare the dashboard"
        )
        await dashboard.start()
        await asyncio.gather(platform.wait_ready(), dashboard.wait_ready())
        await submit_examples_once(places)
        print(f"Flightboard is ready: {link}   (Ctrl-C stops it)", flush=True)
        await asyncio.gather(platform.stay_alive(), dashboard.stay_alive())
    finally:
        await asyncio.gather(dashboard.stop(), platform.stop())


def _servers(places: Places) -> tuple[Server, Server]:
    python = sys.executable
    platform_argv = [python, "-m", "local_platform", "--port", str(places.platform_port)]
    platform_argv += ["--data-dir", str(places.home / "platform")]
    platform_argv += ["--console", f"http://localhost:{places.dashboard_port}", "--authorization"]
    dashboard_argv = [python, "-m", "daphne", "-b", "127.0.0.1", "-p", str(places.dashboard_port)]
    # No access log: it would hold the codes of sign-ins, which stand in an address.
    dashboard_argv += ["-v", "0", "--no-server-name", "dashboard.asgi:application"]
    return (
        Server("platform", platform_argv, places.platform_port, places),
        Server("dashboard", dashboard_argv, places.dashboard_port, places),
    )


def stop_once(serving: asyncio.Task[None]) -> None:
    """Begin to stop; an impatient second Ctrl-C must not cut the stopping short."""
    if not serving.cancelling():
        serving.cancel()


async def main() -> int:
    try:
        serving = asyncio.create_task(serve(Places.from_env()))
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(name, stop_once, serving)
        await serving
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    except asyncio.CancelledError:
        print("Flightboard has stopped.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

"""The command behind `make run`: ready in one line, clear about a taken port, gone after Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.browser.dashboard_process import ROOT, free_port

READY = re.compile(r"Flightboard is ready: (http://localhost:\d+\S+)")


class RunCommand:
    """One `make run`, without make: its ports, its data folder, what it printed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ports = {"PLATFORM_PORT": free_port(), "DASHBOARD_PORT": free_port()}

    def start(self) -> subprocess.Popen[str]:
        ports = {name: str(port) for name, port in self.ports.items()}
        return subprocess.Popen(
            [sys.executable, "scripts/run.py"],
            cwd=ROOT,
            env={**os.environ, **ports, "FLIGHTBOARD_HOME": str(self.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start_and_wait(self) -> tuple[subprocess.Popen[str], str]:
        """The running command and the link of its one line."""
        process = self.start()
        assert process.stdout is not None
        line = process.stdout.readline()
        ready = READY.search(line)
        assert ready, line + process.stdout.read()
        return process, ready.group(1)


def interrupt(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C and return what the command still printed."""
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    return output


def processes_of(home: Path) -> list[str]:
    """Command lines of all processes that mention the data folder or were told of it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            told = (folder / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue  # it ended meanwhile
        if int(folder.name) != os.getpid() and (str(home) in command or str(home) in told):
            found.append(command)
    return found


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> RunCommand:
    return RunCommand(tmp_path_factory.mktemp("run-home"))


def runs_listed(link: str) -> list[str]:
    """Names of the runs on the list that the link's browser sees."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    base = link.split("/sign-in/")[0]
    opener.open(link, timeout=30).read()
    page = opener.open(f"{base}/v2/domain/development/project/flytesnacks/runs", timeout=30).read()
    return re.findall(r'data-key="(\w+)"', page.decode())


def test_it_starts_with_the_examples_stops_on_ctrl_c_and_finds_its_runs_again(
    command: RunCommand,
) -> None:
    process, link = command.start_and_wait()
    first = runs_listed(link)
    assert len(first) == len(list((ROOT / "examples").glob("*.py")))
    assert (command.home / "config.yaml").exists()
    # On ports of our own, the SDK prints links on the platform's: they lead to the dashboard.
    run_path = f"/v2/domain/development/project/flytesnacks/runs/{first[0]}"
    answer = urllib.request.urlopen(
        f"http://localhost:{command.ports['PLATFORM_PORT']}{run_path}?tab=logs", timeout=30
    )
    assert answer.url.startswith(f"http://localhost:{command.ports['DASHBOARD_PORT']}/")
    assert answer.status == 200
    answer.close()
    # The examples are still running: Ctrl-C has to end their processes too.
    assert "Flightboard has stopped." in interrupt(process)
    assert processes_of(command.home) == []

    process, link = command.start_and_wait()
    try:
        assert runs_listed(link) == first
    finally:
        interrupt(process)
    assert processes_of(command.home) == []


@pytest.mark.parametrize("variable", ["PLATFORM_PORT", "DASHBOARD_PORT"])
def test_a_taken_port_is_one_clear_line_and_leaves_nothing_running(
    command: RunCommand, variable: str
) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", command.ports[variable]))
        taken.listen()
        process = command.start()
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = output.strip().splitlines()
    assert str(command.ports[variable]) in line
    assert variable in line
    assert processes_of(command.home) == []

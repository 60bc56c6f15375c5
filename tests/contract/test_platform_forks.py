"""Attempts that are forked from a warm process, beside those that start cold."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flyteidl2.common.identifier_pb2 import RunIdentifier
from flyteidl2.dataproxy import dataproxy_service_pb2

from tests.contract.platform_calls import (
    DOMAIN,
    PROJECT,
    Calls,
    action_id,
    phase_name,
    wait_for,
)
from tests.contract.platform_process import PlatformProcess

pytestmark = pytest.mark.sdk
SECRET = "seen by the task alone"
WAITING = ("aborted", "killed", "ended meanwhile", "looked at", "orphan", "stopped")
SUBMIT = """
import json, sys, flyte, fork_programs as program
flyte.init_from_config(".flyte/config.yaml")
started = {
    "describe": flyte.run(program.describe).name,
    "draws": flyte.run(program.draws).name,
    "status": flyte.run(program.leaves, status=7).name,
    "signal": flyte.run(program.leaves, status=-9).name,
}
for name in sys.argv[1:]:
    started[name] = flyte.run(program.waits, gate=f"gate of {name}").name
print("STARTED", json.dumps(started))
"""


class Site:
    """A platform with its runs, in one of the two ways of starting attempts."""

    def __init__(self, folder: Path, *, cold: bool) -> None:
        self.cold = cold
        self.folder = folder
        options = ("--cold-start",) if cold else ()
        self.platform = PlatformProcess(folder / "data", slots=12, options=options)
        self.runs: dict[str, RunIdentifier] = {}

    def begin(self) -> None:
        """Starts the platform; submits all runs when it is warm."""
        self.platform.start()
        self.wait_warm(1)
        with self.calls() as calls:
            calls.create_secret("forktoken", SECRET)
        self._submit()

    def calls(self) -> _OpenCalls:
        return _OpenCalls(self.platform.endpoint)

    def fork_servers(self) -> list[int]:
        """The pids of all fork servers so far that were ready."""
        words = self.platform.server_log.read_text()
        return [int(pid) for pid in re.findall(r"Attempts are forked from process (\d+)", words)]

    def wait_warm(self, count: int) -> None:
        if not self.cold:
            wait_for(lambda: len(self.fork_servers()) >= count, "the fork server")

    def supervisor(self, name: str) -> int:
        pattern = f"data/attempts/*/*/{self.runs[name].name}/a0/1/pid"
        return int(next(self.folder.glob(pattern)).read_text())

    def open_gate(self, name: str) -> None:
        pattern = f"data/work/*/*/{self.runs[name].name}/a0/1/cwd"
        (next(self.folder.glob(pattern)) / f"gate of {name}").touch()

    def _submit(self) -> None:
        self.platform.write_config(self.folder)
        shutil.copy(Path(__file__).with_name("fork_programs.py"), self.folder)
        (self.folder / "home").mkdir()
        done = subprocess.run(
            [sys.executable, "-c", SUBMIT, *WAITING],
            cwd=self.folder,
            env={"HOME": str(self.folder / "home"), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        names = json.loads(done.stdout.partition("STARTED")[2].splitlines()[0])
        for label, name in names.items():
            self.runs[label] = RunIdentifier(project=PROJECT, domain=DOMAIN, name=name)


class _OpenCalls(Calls):
    def __enter__(self) -> Calls:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from _site(tmp_path_factory.mktemp("forked"), cold=False)


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from _site(tmp_path_factory.mktemp("cold"), cold=True)


def _site(folder: Path, *, cold: bool) -> Iterator[Site]:
    site = Site(folder, cold=cold)
    try:
        site.begin()
        yield site
    finally:
        site.platform.stop()


@pytest.fixture(params=["forked", "cold"])
def site(request: pytest.FixtureRequest) -> Site:
    each: Site = request.getfixturevalue(request.param)
    return each


def _output(calls: Calls, run: RunIdentifier) -> Any:
    request = dataproxy_service_pb2.GetActionDataRequest(action_id=action_id(run, "a0"))
    primitive = calls.data.GetActionData(request).outputs.literals[0].value.scalar.primitive
    return getattr(primitive, primitive.WhichOneof("value"))


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _task(site: Site, name: str) -> int:
    """The pid of a waiting task's process, which it printed."""
    pattern = f"data/attempts/*/*/{site.runs[name].name}/a0/1/log"

    def found() -> re.Match[str] | None:
        texts = [log.read_text() for log in site.folder.glob(pattern)]
        return re.search(r"waiting (\d+)\n", "".join(texts))

    return int(wait_for(found, "the task's pid")[1])


def _described(site: Site) -> dict[str, str]:
    with site.calls() as calls:
        run = site.runs["describe"]
        calls.wait(run)
        text = _output(calls, run).replace(run.name, "RUN").replace(str(site.folder), "FOLDER")
    found: dict[str, str] = json.loads(re.sub(r"localhost:\d+", "HOST", text))
    return found


def test_a_fork_is_what_a_cold_start_would_be(forked: Site, cold: Site) -> None:
    found = _described(forked)
    assert found == _described(cold)
    assert found["secret"] == SECRET
    assert found["modules of the platform"] == "[]"
    assert found["blocked signals"] == "[]"


def test_two_forks_draw_different_numbers(forked: Site) -> None:
    with forked.calls() as calls:
        calls.wait(forked.runs["draws"])
        assert _output(calls, forked.runs["draws"]) is True


@pytest.mark.parametrize(
    ("name", "code", "words"), [("status", "ExitCode", "7"), ("signal", "Signal", "SIGKILL")]
)
def test_a_death_is_told_with_its_status(site: Site, name: str, code: str, words: str) -> None:
    with site.calls() as calls:
        details = calls.wait(site.runs[name])
        assert details.error_info.code == code
        assert words in details.error_info.message
        assert "leaving\n" in calls.text(site.runs[name])


def test_no_secret_stands_in_the_environment_that_proc_shows(forked: Site) -> None:
    run = forked.runs["looked at"]
    with forked.calls() as calls:
        task = _task(forked, "looked at")
        pids = (task, forked.supervisor("looked at"), forked.fork_servers()[0])
        shown = [_environ(pid) for pid in pids]
        forked.open_gate("looked at")
        assert phase_name(calls.wait(run).status.phase) == "SUCCEEDED"
    for environ in shown:
        assert SECRET not in environ
        assert "FORKTOKEN" not in environ


def _environ(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_bytes().decode()


def test_an_abort_ends_both_processes(site: Site) -> None:
    run = site.runs["aborted"]
    with site.calls() as calls:
        task, supervisor = _task(site, "aborted"), site.supervisor("aborted")
        calls.abort(run)
        wait_for(lambda: _gone(task) and _gone(supervisor), "the end of the processes")
        assert phase_name(calls.wait(run).status.phase) == "ABORTED"
    assert supervisor != task


def test_attempts_outlive_the_platform_and_what_forked_them(site: Site) -> None:
    """Both are killed; one attempt ends meanwhile, one runs on."""
    ended, running = site.runs["ended meanwhile"], site.runs["killed"]
    task = _task(site, "ended meanwhile")
    _task(site, "killed")
    site.platform.kill()
    if not site.cold:
        wait_for(lambda: _gone(site.fork_servers()[-1]), "the end of the fork server")
    site.open_gate("ended meanwhile")
    wait_for(lambda: _gone(task), "the end of one task")
    site.platform.start()
    with site.calls() as calls:
        assert phase_name(calls.wait(ended).status.phase) == "SUCCEEDED"
        assert calls.text(ended).endswith(
            "completed for action a0 with run name " + ended.name + "\n"
        )
        assert calls.phase(running) == "RUNNING"
        site.open_gate("killed")
        assert phase_name(calls.wait(running).status.phase) == "SUCCEEDED"
        assert _output(calls, running) == "through the gate"


def test_a_fork_server_that_dies_is_replaced_and_its_attempts_run_on(forked: Site) -> None:
    before = len(forked.fork_servers())
    forked.wait_warm(before)
    run = forked.runs["orphan"]
    with forked.calls() as calls:
        _task(forked, "orphan")
        os.kill(forked.fork_servers()[-1], signal.SIGKILL)
        forked.wait_warm(before + 1)
        assert calls.phase(run) == "RUNNING"
        forked.open_gate("orphan")
        assert phase_name(calls.wait(run).status.phase) == "SUCCEEDED"
    assert "The fork server is lost" in forked.platform.server_log.read_text()


def test_an_orderly_stop_leaves_no_process(site: Site) -> None:
    task = _task(site, "stopped")
    assert site.platform.stop() == 0
    assert _gone(task)
    assert all(_gone(pid) for pid in site.fork_servers())
    site.platform.start()
    with site.calls() as calls:
        assert calls.wait(site.runs["stopped"]).error_info.code == "PlatformStopped"

"""What survives the server's death, and what its orderly end leaves behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from flyteidl2.common.identifier_pb2 import ProjectIdentifier
from flyteidl2.workflow import run_service_pb2
from flyteidl2.workflow.run_definition_pb2 import ErrorInfo

from tests.contract.platform_calls import DOMAIN, PROJECT, Calls, Watch, phase_name, wait_for
from tests.contract.platform_process import PlatformProcess


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    """A platform of this module's own, to be ended again and again."""
    with PlatformProcess(tmp_path_factory.mktemp("mortal"), slots=2) as process:
        yield process


@pytest.fixture
def calls(mortal: PlatformProcess) -> Iterator[Calls]:
    calls = Calls(mortal.endpoint)
    yield calls
    calls.close()


def _fresh(mortal: PlatformProcess, calls: Calls) -> Calls:
    """Calls that do not wait for the old channel's back-off."""
    calls.close()
    calls.__init__(mortal.endpoint)  # type: ignore[misc]
    return calls


def _gate(folder: Path, name: str = "gate") -> tuple[Path, str]:
    gate = folder / name
    return gate, f"until [ -e {gate} ]; do sleep 0.02; done"


def test_attempts_outlive_the_server_and_are_found_again(
    mortal: PlatformProcess, calls: Calls, tmp_path: Path
) -> None:
    gate, waiting = _gate(tmp_path)
    childs_gate, child_waiting = _gate(tmp_path, "child")
    run = calls.start(f"echo before; {waiting}; echo after")
    calls.enqueue(run, "child", f"{child_waiting}; exit 5")
    calls.wait_phase(run, "RUNNING", "child")
    mortal.restart(kill=True)
    _fresh(mortal, calls)
    assert calls.phase(run) == "RUNNING"
    assert calls.phase(run, "child") == "RUNNING"
    watch = Watch(calls.tail_batches(run))
    watch.wait(bool, "the first line")
    childs_gate.touch()
    assert "exit status 5" in calls.wait(run, "child").error_info.message
    gate.touch()
    assert phase_name(calls.wait(run).status.phase) == "SUCCEEDED"
    watch.wait_end()
    assert [line.message for batch in watch.messages for line in batch] == ["before\n", "after\n"]


def test_what_ended_while_the_server_was_down_is_read_from_its_files(
    mortal: PlatformProcess, calls: Calls, tmp_path: Path
) -> None:
    gate, waiting = _gate(tmp_path)
    good = calls.start(f"echo words; {waiting}; touch {tmp_path}/good")
    bad = calls.start(f"{waiting}; touch {tmp_path}/bad; exit 9")
    waiting_one = calls.start("true")
    calls.wait_phase(good, "RUNNING")
    calls.wait_phase(bad, "RUNNING")
    mortal.kill()
    gate.touch()
    wait_for(lambda: (tmp_path / "good").exists() and (tmp_path / "bad").exists(), "both ends")
    ended_ns = time.time_ns()
    mortal.start()
    _fresh(mortal, calls)
    details = calls.wait(good)
    assert phase_name(details.status.phase) == "SUCCEEDED"
    assert details.status.end_time.ToNanoseconds() < ended_ns + 500_000_000
    assert calls.text(good) == "words\n"
    assert "exit status 9" in calls.wait(bad).error_info.message
    assert phase_name(calls.wait(waiting_one).status.phase) == "SUCCEEDED"


def test_a_process_that_was_lost_meanwhile_ends_with_a_true_word(
    mortal: PlatformProcess, calls: Calls
) -> None:
    run = calls.start("sleep 300")
    calls.wait_phase(run, "RUNNING")
    mortal.kill()
    pid = int(next(mortal.data_dir.glob(f"attempts/*/*/{run.name}/a0/1/pid")).read_text())
    os.killpg(pid, signal.SIGKILL)
    mortal.start()
    details = _fresh(mortal, calls).wait(run)
    assert phase_name(details.status.phase) == "FAILED"
    assert details.error_info.code == "ProcessLost"
    assert details.error_info.kind == ErrorInfo.KIND_SYSTEM


def test_a_condition_and_its_waiting_parent_survive(
    mortal: PlatformProcess, calls: Calls, tmp_path: Path
) -> None:
    gate, waiting = _gate(tmp_path)
    run = calls.start(waiting)
    calls.enqueue_condition(run, "approve")
    mortal.restart(kill=True)
    _fresh(mortal, calls)
    assert calls.phase(run, "approve") == "PAUSED"
    calls.signal(run, "approve", int_value=1)
    assert phase_name(calls.wait(run, "approve").status.phase) == "SUCCEEDED"
    gate.touch()
    calls.wait(run)


def test_an_orderly_stop_ends_what_runs_and_says_why(
    mortal: PlatformProcess, calls: Calls, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    forever = f"echo $$ >> {pids}; while :; do sleep 0.05; done"
    run = calls.start(forever)
    calls.enqueue(run, "child", forever)
    other = calls.start(forever)
    queued = calls.start("true")
    for each, name in ((run, "a0"), (run, "child"), (other, "a0")):
        calls.wait_phase(each, "RUNNING", name)
    scope = ProjectIdentifier(name=PROJECT, domain=DOMAIN)
    watch = Watch(calls.runs.WatchRuns(run_service_pb2.WatchRunsRequest(project_id=scope)))
    watch.wait(bool, "the snapshot")
    started = time.monotonic()
    assert mortal.stop() == 0
    assert time.monotonic() - started < 6
    watch.wait_end()
    assert watch.error is not None
    assert watch.error.code() == grpc.StatusCode.UNAVAILABLE
    for pid in pids.read_text().split():
        assert not Path(f"/proc/{pid}").exists()
    mortal.start()
    _fresh(mortal, calls)
    for each, name in ((run, "a0"), (run, "child"), (other, "a0")):
        details = calls.details(each, name)
        assert phase_name(details.status.phase) == "FAILED"
        assert details.error_info.code == "PlatformStopped"
        assert "stopped" in details.error_info.message
    assert phase_name(calls.wait(queued).status.phase) == "SUCCEEDED"


def test_earlier_runs_are_there_after_a_restart(mortal: PlatformProcess, calls: Calls) -> None:
    run = calls.start("echo kept")
    before = calls.wait(run)
    mortal.restart()
    _fresh(mortal, calls)
    assert calls.details(run) == before
    assert calls.text(run) == "kept\n"


def test_a_process_that_outlived_its_abort_is_ended_by_the_next_server(
    mortal: PlatformProcess, calls: Calls, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    run = calls.start(f"trap '' TERM; echo $$ > {pid}; while :; do sleep 0.05; done")
    wait_for(lambda: pid.exists() and pid.read_text().strip(), "the pid")
    calls.abort(run)
    mortal.restart(kill=True)
    _fresh(mortal, calls)
    assert calls.phase(run) == "ABORTED"
    process = Path(f"/proc/{pid.read_text().strip()}")
    wait_for(lambda: not process.exists(), "the end of the process", timeout_s=10)

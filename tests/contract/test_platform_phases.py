"""The life of an action: attempts, failures, aborts, time limits, slots."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import grpc
import pytest
from flyteidl2.workflow import run_service_pb2
from flyteidl2.workflow.run_definition_pb2 import ActionAttempt, ErrorInfo

from tests.contract.platform_calls import (
    Calls,
    Watch,
    action_id,
    phase_name,
    shell_spec,
    wait_for,
)
from tests.contract.platform_process import PlatformProcess


@pytest.fixture
def calls(platform: PlatformProcess) -> Iterator[Calls]:
    calls = Calls(platform.endpoint)
    yield calls
    calls.close()


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    """A platform with two slots."""
    with PlatformProcess(tmp_path_factory.mktemp("narrow"), slots=2) as process:
        calls = Calls(process.endpoint)
        yield calls
        calls.close()


def _phases(attempt: ActionAttempt) -> list[str]:
    return [phase_name(transition.phase) for transition in attempt.phase_transitions]


def _gate(folder: Path, name: str = "gate") -> tuple[Path, str]:
    """A file, and a script that waits for it."""
    gate = folder / name
    return gate, f"until [ -e {gate} ]; do sleep 0.02; done"


def test_an_attempt_passes_every_phase_with_exact_times(calls: Calls) -> None:
    run = calls.start("sleep 0.1")
    details = calls.wait(run)
    attempt = details.attempts[0]
    shown = _phases(attempt)
    assert shown[0] == "QUEUED"
    assert shown[-3:] == ["INITIALIZING", "RUNNING", "SUCCEEDED"]
    times = [transition.start_time.ToNanoseconds() for transition in attempt.phase_transitions]
    assert times == sorted(times)
    ends = [transition.end_time.ToNanoseconds() for transition in attempt.phase_transitions]
    assert ends[:-1] == times[1:]
    running = attempt.phase_transitions[-2]
    ran_ns = running.end_time.ToNanoseconds() - running.start_time.ToNanoseconds()
    assert 90_000_000 < ran_ns < 5_000_000_000
    assert details.status.start_time == attempt.start_time
    assert details.status.end_time == attempt.end_time
    assert attempt.logs_available


def test_a_crash_is_retried_and_every_attempt_keeps_its_failure(calls: Calls) -> None:
    run = calls.start("[ $FLYTE_ATTEMPT_NUMBER = 2 ] || exit 7", retries=3)
    details = calls.wait(run)
    assert phase_name(details.status.phase) == "SUCCEEDED"
    assert details.status.attempts == 3
    assert [phase_name(attempt.phase) for attempt in details.attempts] == [
        "FAILED",
        "FAILED",
        "SUCCEEDED",
    ]
    for attempt in details.attempts[:2]:
        assert attempt.error_info.code == "ExitCode"
        assert "exit status 7" in attempt.error_info.message
        assert attempt.HasField("end_time")
    assert not details.HasField("error_info")


def test_a_failure_for_good_says_why(calls: Calls) -> None:
    details = calls.wait(calls.start("kill -9 $$"))
    assert phase_name(details.status.phase) == "FAILED"
    assert details.error_info.kind == ErrorInfo.KIND_USER
    assert "SIGKILL" in details.error_info.message
    assert details.attempts[0].error_info == details.error_info


def test_an_abort_reaches_all_descendants_and_no_process_is_left(
    calls: Calls, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    forever = f"echo $$ >> {pids}; sleep 300 & echo $! >> {pids}; wait"
    run = calls.start(forever)
    calls.enqueue(run, "child", forever)
    calls.enqueue(run, "grandchild", forever, parent="child")
    for name in ("a0", "child", "grandchild"):
        calls.wait_phase(run, "RUNNING", name)
    wait_for(lambda: len(pids.read_text().split()) == 6, "all pids")
    calls.abort(run, "enough of it")
    for name in ("a0", "child", "grandchild"):
        details = calls.details(run, name)
        assert phase_name(details.status.phase) == "ABORTED"
        assert details.abort_info.reason == "enough of it"
        assert details.abort_info.aborted_by.user.id.subject == "local"
    wait_for(lambda: not any(map(_lives, pids.read_text().split())), "the end of the processes")


def _lives(pid: str) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_process_that_ignores_the_signal_is_ended_by_force(calls: Calls, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    run = calls.start(f"trap '' TERM; echo $$ > {pid}; while :; do sleep 0.1; done")
    wait_for(lambda: pid.exists() and pid.read_text().strip(), "the pid")
    calls.abort(run)
    wait_for(lambda: not _lives(pid.read_text().strip()), "the end by force", timeout_s=10)


def test_the_abort_of_a_finished_run_changes_nothing(calls: Calls) -> None:
    run = calls.start("true")
    before = calls.wait(run)
    calls.abort(run, "too late")
    assert calls.details(run) == before


def test_an_abort_of_one_action_leaves_its_parent(calls: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    run = calls.start(waiting)
    child = calls.enqueue(run, "child", "sleep 300")
    calls.runs.AbortAction(run_service_pb2.AbortActionRequest(action_id=child, reason="this one"))
    assert calls.phase(run, "child") == "ABORTED"
    assert calls.phase(run) == "RUNNING"
    gate.touch()
    assert phase_name(calls.wait(run).status.phase) == "SUCCEEDED"


def test_children_do_not_outlive_their_parent(calls: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    run = calls.start(f"{waiting}; exit 1")
    calls.enqueue(run, "child", "sleep 300")
    gate.touch()
    assert phase_name(calls.wait(run).status.phase) == "FAILED"
    details = calls.details(run, "child")
    assert phase_name(details.status.phase) == "ABORTED"
    assert "a0" in details.abort_info.reason


def test_a_retried_parent_finds_its_children_again(calls: Calls, tmp_path: Path) -> None:
    first, waiting = _gate(tmp_path, "first")
    script = f"if [ $FLYTE_ATTEMPT_NUMBER = 0 ]; then {waiting}; exit 1; fi; sleep 300"
    run = calls.start(script, retries=1)
    calls.enqueue(run, "child", "sleep 300")
    calls.wait_phase(run, "RUNNING", "child")
    first.touch()
    wait_for(lambda: calls.details(run).status.attempts == 2, "the second attempt")
    with pytest.raises(grpc.RpcError) as caught:
        calls.enqueue(run, "child", "sleep 300")
    assert caught.value.code() == grpc.StatusCode.ALREADY_EXISTS
    assert calls.phase(run, "child") == "RUNNING"
    calls.abort(run)


def test_an_attempt_that_takes_too_long_times_out(calls: Calls) -> None:
    details = calls.wait(calls.start("sleep 300", timeout_s=0.2))
    assert phase_name(details.status.phase) == "TIMED_OUT"
    assert details.error_info.code == "MAX_RUNTIME_EXCEEDED"


def test_a_timeout_of_an_attempt_leaves_the_next_one_its_chance(calls: Calls) -> None:
    script = "[ $FLYTE_ATTEMPT_NUMBER = 1 ] || sleep 300"
    details = calls.wait(calls.start(script, timeout_s=0.3, retries=1))
    assert phase_name(details.status.phase) == "SUCCEEDED"
    assert phase_name(details.attempts[0].phase) == "TIMED_OUT"


def test_a_deadline_ends_the_action_whatever_attempts_are_left(calls: Calls) -> None:
    details = calls.wait(calls.start("sleep 300", deadline=0.3, retries=5))
    assert phase_name(details.status.phase) == "TIMED_OUT"
    assert details.error_info.code == "DEADLINE_EXCEEDED"
    assert details.status.attempts == 1


def test_more_actions_than_slots_wait_in_the_queue(narrow: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    runs = [narrow.start(waiting) for _ in range(5)]
    phases = sorted(narrow.phase(run) for run in runs)
    assert phases == ["RUNNING"] * 2 + ["WAITING_FOR_RESOURCES"] * 3
    gate.touch()
    waited = narrow.wait(runs[-1])
    assert _phases(waited.attempts[0])[:2] == ["QUEUED", "WAITING_FOR_RESOURCES"]
    for run in runs:
        assert phase_name(narrow.wait(run).status.phase) == "SUCCEEDED"


def test_who_waits_too_long_for_a_slot_times_out(narrow: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    holders = [narrow.start(waiting) for _ in range(2)]
    details = narrow.wait(narrow.start("true", queued_timeout=0.2))
    gate.touch()
    assert phase_name(details.status.phase) == "TIMED_OUT"
    assert details.error_info.code == "QUEUED_TIMEOUT_EXCEEDED"
    for run in holders:
        narrow.wait(run)


def test_parents_that_wait_hold_no_slot(narrow: Calls, tmp_path: Path) -> None:
    """Nesting deeper than there are slots: each parent waits for its child's file."""
    files = [tmp_path / f"done-{level}" for level in range(5)]
    names = ["a0", "c1", "c2", "c3", "c4"]
    scripts = [
        f"until [ -e {below} ]; do sleep 0.02; done; touch {own}" for own, below in pairwise(files)
    ]
    run = narrow.start(scripts[0])
    for level in range(1, 4):
        narrow.enqueue(run, names[level], scripts[level], parent=names[level - 1])
    narrow.enqueue(run, names[4], f"touch {files[4]}", parent=names[3])
    assert phase_name(narrow.wait(run).status.phase) == "SUCCEEDED"
    assert narrow.phase(run, "c4") == "SUCCEEDED"


def test_a_new_run_is_not_kept_waiting_by_a_large_one(narrow: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    large = narrow.start(waiting)
    for number in range(20):
        narrow.enqueue(large, f"child{number}", waiting)
    small = narrow.start("true")
    narrow.runs.AbortAction(
        run_service_pb2.AbortActionRequest(action_id=action_id(large, "child0"))
    )
    narrow.runs.AbortAction(
        run_service_pb2.AbortActionRequest(action_id=action_id(large, "child1"))
    )
    assert phase_name(narrow.wait(small).status.phase) == "SUCCEEDED"
    assert narrow.phase(large, "child19") == "WAITING_FOR_RESOURCES"
    narrow.abort(large)
    gate.touch()


def test_a_task_without_a_command_fails_and_says_so(calls: Calls) -> None:
    spec = shell_spec("true")
    spec.task_template.ClearField("container")
    spec.task_template.type = "spark"
    details = calls.wait(calls.start_spec(spec))
    assert details.error_info.code == "CannotLaunch"
    assert "spark" in details.error_info.message


def test_events_tell_an_attempts_history_in_sentences(calls: Calls) -> None:
    run = calls.start("exit 3")
    calls.wait(run)
    request = run_service_pb2.WatchClusterEventsRequest(id=action_id(run, "a0"), attempt=1)
    watch = Watch(calls.runs.WatchClusterEvents(request))
    watch.wait_end()
    sentences = [event.message for message in watch.messages for event in message.cluster_events]
    assert "exit status 3" in sentences[-1]
    assert any(sentence.startswith("Process ") for sentence in sentences)

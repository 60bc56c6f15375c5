"""Logs of attempts: complete, live, the same again at every reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from flyteidl2.common.identifier_pb2 import RunIdentifier
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.logs.dataplane.payload_pb2 import SYSTEM, USER

from tests.contract.platform_calls import (
    DOMAIN,
    PROJECT,
    Calls,
    Watch,
    action_id,
    asks_for_secret,
    shell_spec,
)
from tests.contract.platform_process import PlatformProcess


@pytest.fixture
def calls(platform: PlatformProcess) -> Iterator[Calls]:
    calls = Calls(platform.endpoint)
    yield calls
    calls.close()


def _tail_request(run: RunIdentifier, attempt: int = 1) -> dataproxy_service_pb2.TailLogsRequest:
    return dataproxy_service_pb2.TailLogsRequest(action_id=action_id(run, "a0"), attempt=attempt)


def _lines(messages: list[dataproxy_service_pb2.TailLogsResponse]) -> list[str]:
    return [line.message for message in messages for logs in message.logs for line in logs.lines]


def test_lines_come_while_the_task_runs_and_the_stream_ends_with_it(
    calls: Calls, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    script = f"echo one; until [ -e {gate} ]; do sleep 0.02; done; echo two"
    run = calls.start(script)
    watch = Watch(calls.data.TailLogs(_tail_request(run)))
    watch.wait(lambda messages: _lines(messages) == ["one\n"], "the first line")
    assert not watch.ended.is_set()
    gate.touch()
    watch.wait_end()
    assert watch.error is None
    assert _lines(watch.messages) == ["one\n", "two\n"]


def test_the_stream_stands_before_the_task_has_begun(calls: Calls, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    run = calls.start(f"until [ -e {gate} ]; do sleep 0.02; done; echo late")
    watch = Watch(calls.data.TailLogs(_tail_request(run)))
    watch.wait(lambda messages: len(messages) == 1, "the empty first message")
    assert _lines(watch.messages) == []
    gate.touch()
    watch.wait_end()
    assert _lines(watch.messages) == ["late\n"]


def test_every_reading_gives_the_same_lines_with_the_same_times(calls: Calls) -> None:
    run = calls.start("for i in 1 2 3 4 5; do echo line $i; sleep 0.03; done")
    live = calls.tail(run)
    again = calls.tail(run)
    assert [line.message for line in live] == [f"line {i}\n" for i in range(1, 6)]
    assert again == live
    times = [line.timestamp.ToNanoseconds() for line in live]
    assert times == sorted(times)
    assert times[0] > 0


def test_batches_hold_at_most_a_hundred_lines(calls: Calls) -> None:
    run = calls.start("i=0; while [ $i -lt 1234 ]; do echo $i; i=$((i+1)); done")
    calls.wait(run)
    batches = list(calls.tail_batches(run))
    assert max(map(len, batches)) <= 100
    numbers = [int(line.message) for batch in batches for line in batch]
    assert numbers == list(range(1234))


def test_it_keeps_odd_bytes_readable(calls: Calls) -> None:
    words = [r"caf\303\251 \377 bad\n", r"10%%\r50%%\r100%%\n", r"\033[31mred\033[0m"]
    run = calls.start("; ".join(f"printf '{word}'" for word in words))
    calls.wait(run)
    assert [line.message for line in calls.tail(run)] == [
        "café \ufffd bad\n",
        "10%\r50%\r100%\n",
        "\x1b[31mred\x1b[0m",
    ]


def test_a_very_long_line_comes_in_pieces_that_join_to_itself(calls: Calls) -> None:
    run = calls.start("head -c 200000 /dev/zero | tr '\\0' x; echo; echo end")
    calls.wait(run)
    lines = [line.message for line in calls.tail(run)]
    assert "".join(lines) == "x" * 200_000 + "\nend\n"
    assert max(map(len, lines)) <= 65_536
    assert lines[-1] == "end\n"


def test_each_attempt_has_its_own_log(calls: Calls) -> None:
    run = calls.start("echo attempt $FLYTE_ATTEMPT_NUMBER; exit 3", retries=1)
    calls.wait(run)
    assert calls.text(run, attempt=1) == "attempt 0\n"
    assert calls.text(run, attempt=2) == "attempt 1\n"


def test_a_later_attempt_is_not_found_until_it_begins(calls: Calls) -> None:
    run = calls.start("true", retries=2)
    calls.wait(run)
    with pytest.raises(grpc.RpcError) as caught:
        calls.tail(run, attempt=2)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_an_action_that_never_ran_has_an_empty_log(calls: Calls) -> None:
    run = calls.start_spec(asks_for_secret(shell_spec("true"), "no-such-secret"))
    calls.wait(run)
    assert calls.tail(run) == []


def test_logs_of_an_unknown_run_are_not_found(calls: Calls) -> None:
    nowhere = RunIdentifier(project=PROJECT, domain=DOMAIN, name="nowhere")
    with pytest.raises(grpc.RpcError) as caught:
        calls.tail(nowhere)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    assert "nowhere" in caught.value.details()


def test_attempts_count_from_one(calls: Calls) -> None:
    run = calls.start("true")
    with pytest.raises(grpc.RpcError) as caught:
        calls.tail(run, attempt=0)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_the_last_words_of_an_aborted_task_are_in_its_log(calls: Calls, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    last_words = "trap 'sleep 0.2; echo goodbye; exit 1' TERM"
    script = f"{last_words}; touch {ready}; while :; do sleep 0.02; done"
    run = calls.start(f"echo hello; {script}")
    watch = Watch(calls.data.TailLogs(_tail_request(run)))
    watch.wait(lambda _: ready.exists(), "the trap")
    calls.abort(run)
    assert calls.phase(run) == "ABORTED"
    watch.wait_end()
    assert _lines(watch.messages)[0] == "hello\n"
    assert _lines(watch.messages)[-1] == "goodbye\n"


def test_the_runtimes_own_lines_are_told_apart(calls: Calls) -> None:
    run = calls.start("echo '[flyte] WARNING started'; echo '[r1][a0] [flyte] ERROR x'; echo mine")
    calls.wait(run)
    assert [line.originator for line in calls.tail(run)] == [SYSTEM, SYSTEM, USER]

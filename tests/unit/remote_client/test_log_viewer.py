"""Looking at logs, and at progress, in a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flyteidl2.logs.dataplane import payload_pb2
from flyteidl2.workflow import run_service_pb2
from rich.console import Console

from remote_client import Action, AsyncLogViewer, ClientSet, LogLine, Logs
from remote_client import _progress as progress_module
from remote_client.errors import LogsNotYetAvailableError
from tests.unit.remote_client import messages
from tests.unit.remote_client.fake_platform import FakePlatform

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


async def _lines() -> AsyncIterator[LogLine]:
    yield LogLine.of("\x1b[31mred\x1b[0m", timestamp=AT)
    yield LogLine(payload_pb2.LogLine(message="from the pod", originator=payload_pb2.SYSTEM))
    yield LogLine.of("[flyte] machinery")
    yield LogLine.of("[flyte] flyte.errors.Boom")
    for number in range(5):
        yield LogLine.of(f"line {number}")


def _screen() -> Console:
    return Console(file=io.StringIO(), width=80)


def _shown(console: Console) -> str:
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


async def test_the_viewer_shows_the_end_and_counts_all() -> None:
    console = _screen()
    await AsyncLogViewer(_lines(), max_lines=3, console=console).run()
    assert _shown(console).splitlines()[-4:] == ["line 2", "line 3", "line 4", "9 lines."]


async def test_the_viewer_leaves_out_what_the_system_wrote() -> None:
    console = _screen()
    await AsyncLogViewer(_lines(), 30, "r1:a0 (attempt 1)", True, True, True, console=console).run()
    shown = _shown(console)
    assert "from the pod" not in shown
    assert "machinery" not in shown
    assert "flyte.errors.Boom" in shown
    assert "[2026-01-02T03:04:05+00:00] red" in shown
    assert "r1:a0 (attempt 1)" in shown


async def test_a_log_that_does_not_exist_is_told_by_the_viewer() -> None:
    async def nothing() -> AsyncIterator[LogLine]:
        raise LogsNotYetAvailableError("the attempt ended without one")
        yield

    console = _screen()
    await AsyncLogViewer(nothing(), console=console).run()
    assert "the attempt ended without one" in _shown(console)


async def test_raw_prints_every_line_as_it_is(
    fake: FakePlatform, client: ClientSet, capsys: pytest.CaptureFixture[str]
) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        yield messages.log_message(messages.log_line("\x1b[31mred"), messages.log_line("[flyte] x"))

    fake.answer("DataProxyService.TailLogs", stream)
    fake.answer("RunService.GetActionDetails", messages.action_details(phase=5))
    await Logs.create_viewer(messages.action_id(), raw=True)
    assert capsys.readouterr().out == "\x1b[31mred\n[flyte] x\n"
    action = await Action.get(run_name="r1", name="a0")
    await action.show_logs(raw=True, filter_system=True)
    assert capsys.readouterr().out == "\x1b[31mred\n"
    assert [text async for text in action.get_logs()] == ["\x1b[31mred\n", "[flyte] x\n"]


async def test_an_attempt_below_the_first_is_refused(client: ClientSet) -> None:
    with pytest.raises(ValueError, match="count from 1"):
        await Logs.create_viewer(messages.action_id(), attempt=0)
    with pytest.raises(ValueError, match="count from 1"):
        Logs.tail(messages.action_id(), attempt=0)
    with pytest.raises(ValueError, match="at least 1"):
        AsyncLogViewer(_lines(), max_lines=0)


async def _wait_for_failure(fake: FakePlatform) -> None:
    async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
        for phase in (1, 4, 6):
            details = messages.details(phase=phase)
            if phase == 6:
                details.error_info.message = "boom"
            yield run_service_pb2.WatchActionDetailsResponse(details=details)

    fake.answer("RunService.GetActionDetails", messages.action_details(phase=1))
    fake.answer("RunService.WatchActionDetails", stream)
    await (await Action.get(run_name="r1", name="a0")).wait()


async def test_a_wait_outside_a_terminal_writes_a_line_per_change(
    fake: FakePlatform, client: ClientSet, capsys: pytest.CaptureFixture[str]
) -> None:
    await _wait_for_failure(fake)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "[flyte] Run r1 is queued",
        "[flyte] Run r1 is running",
        "[flyte] Run r1 failed: boom",
    ]


async def test_a_wait_in_a_terminal_ends_with_one_line(
    fake: FakePlatform, client: ClientSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert progress_module.in_notebook() is False
    await _wait_for_failure(fake)
    assert "Run r1 failed: boom" in terminal.getvalue()

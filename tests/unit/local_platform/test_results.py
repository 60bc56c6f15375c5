"""How an attempt ended, from what it left."""

from __future__ import annotations

from pathlib import Path

import pytest
from flyteidl2.core.execution_pb2 import ContainerError, ErrorDocument, ExecutionError

from local_platform.engine import AttemptFailed, AttemptSucceeded, Failure
from local_platform.results import read_end


def _failure(folder: Path) -> Failure:
    event = read_end(folder, folder / "exit").event
    assert isinstance(event, AttemptFailed)
    return event.failure


def _write_error(folder: Path, **error: object) -> None:
    document = ErrorDocument(error=ContainerError(**error))
    (folder / "error.pb").write_bytes(document.SerializeToString())


def test_status_zero_without_an_error_is_a_success(tmp_path: Path) -> None:
    (tmp_path / "exit").write_text("0\n")
    end = read_end(tmp_path, tmp_path / "exit")
    assert end.event == AttemptSucceeded()
    assert end.at == (tmp_path / "exit").stat().st_mtime_ns


def test_an_error_counts_although_the_status_is_zero(tmp_path: Path) -> None:
    (tmp_path / "exit").write_text("0\n")
    (tmp_path / "outputs.pb").touch()
    _write_error(
        tmp_path,
        code="ValueError",
        message="no",
        kind=ContainerError.RECOVERABLE,
        origin=ExecutionError.USER,
    )
    assert _failure(tmp_path) == Failure("ValueError", "no", system=False, recoverable=True)


def test_an_error_says_whose_fault_it_is_and_whether_to_try_again(tmp_path: Path) -> None:
    kind, origin = ContainerError.NON_RECOVERABLE, ExecutionError.SYSTEM
    _write_error(tmp_path, code="Gone", message="no", kind=kind, origin=origin)
    assert _failure(tmp_path) == Failure("Gone", "no", system=True, recoverable=False)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        ("7", "ExitCode", "exit status 7"),
        ("137", "Signal", "SIGKILL"),
        ("139", "Signal", "SIGSEGV"),
        ("250", "Signal", "signal 122"),
    ],
)
def test_a_crash_says_how(tmp_path: Path, status: str, code: str, words: str) -> None:
    (tmp_path / "exit").write_text(status)
    failure = _failure(tmp_path)
    assert failure.code == code
    assert words in failure.message
    assert failure.recoverable


def test_outputs_without_a_status_are_a_success(tmp_path: Path) -> None:
    (tmp_path / "outputs.pb").touch()
    assert read_end(tmp_path, tmp_path / "exit").event == AttemptSucceeded()


def test_nothing_at_all_is_a_failure_of_the_system(tmp_path: Path) -> None:
    failure = _failure(tmp_path)
    assert failure.code == "ProcessLost"
    assert failure.system


def test_an_error_that_cannot_be_read_is_still_a_failure(tmp_path: Path) -> None:
    (tmp_path / "error.pb").write_bytes(b"\xff\xff\xff")
    assert _failure(tmp_path).code == "UnreadableError"

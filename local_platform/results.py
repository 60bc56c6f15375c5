"""How an attempt ended, read from the files that it left.

The exit status alone does not say it: `a0` ends with 0 when the task raised. An `error.pb` is a
failure whatever else there is; without one, status 0 is a success; anything else is a crash.
"""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flyteidl2.core.execution_pb2 import ContainerError, ErrorDocument, ExecutionError
from flyteidl2.workflow.run_definition_pb2 import ErrorInfo
from google.protobuf.message import DecodeError

from local_platform.engine import AttemptFailed, AttemptSucceeded, Failure


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt's end: the event for the engine, and when it was (None: now)."""

    event: AttemptSucceeded | AttemptFailed
    at: int | None


def read_end(outputs: Path, exit_file: Path) -> Ended:
    """What became of a process that is gone."""
    status, at = _exit_status(exit_file)
    document = _error_document(outputs / "error.pb")
    if document is not None:
        return Ended(AttemptFailed(_failure(document)), at)
    if status == 0 or (status is None and (outputs / "outputs.pb").exists()):
        return Ended(AttemptSucceeded(), at)
    return Ended(AttemptFailed(_crash(status)), at)


def error_info(failure: Failure) -> ErrorInfo:
    kind = ErrorInfo.KIND_SYSTEM if failure.system else ErrorInfo.KIND_USER
    return ErrorInfo(code=failure.code, message=failure.message, kind=kind)


def _exit_status(exit_file: Path) -> tuple[int | None, int | None]:
    """The status and when it was written; None where the supervisor could not write it."""
    with suppress(OSError, ValueError):
        return int(exit_file.read_text()), exit_file.stat().st_mtime_ns
    return None, None


def _error_document(path: Path) -> ErrorDocument | None:
    try:
        return ErrorDocument.FromString(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, DecodeError) as error:
        unreadable = ContainerError(code="UnreadableError", message=f"{path}: {error}")
        return ErrorDocument(error=unreadable)


def _failure(document: ErrorDocument) -> Failure:
    error = document.error
    return Failure(
        code=error.code or "Unknown",
        message=error.message,
        system=error.origin == ExecutionError.SYSTEM,
        recoverable=error.kind == ContainerError.RECOVERABLE,
    )


def _crash(status: int | None) -> Failure:
    if status is None:
        return Failure(
            "ProcessLost",
            "The task's process is gone and left neither a result nor an exit status: it was"
            " killed from outside, or the machine restarted.",
            system=True,
        )
    if status > 128:
        return Failure("Signal", f"The task's process was ended by {_signal_name(status - 128)}.")
    return Failure("ExitCode", f"The task's process ended with exit status {status}.")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

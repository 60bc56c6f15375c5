"""What can go wrong, as one tree; every status of the platform becomes one of these here.

RemoteError (is a grpc.aio.AioRpcError)
├── Cancelled, InvalidArgument, DeadlineExceeded, NotFound, AlreadyExists, PermissionDenied,
│   ResourceExhausted, FailedPrecondition, Aborted, OutOfRange, Unimplemented, Internal,
│   Unavailable, DataLoss, Unauthenticated, Unknown
├── NotFound ─ LogsNotYetAvailableError, LogsGoneError, RemoteTaskNotFoundError
ClientError (is a RuntimeError): wrong use on this side, nothing was sent
├── ClientNotInitializedError, ClientClosedError, MissingScopeError (also a ValueError)
├── OutputsNotReadyError, ActionFailedError, ActionAbortedError, RemoteTaskUsageError
"""

from __future__ import annotations

import re
from typing import Any

import grpc

__all__ = [
    "Aborted",
    "ActionAbortedError",
    "ActionFailedError",
    "AlreadyExists",
    "Cancelled",
    "ClientClosedError",
    "ClientError",
    "ClientNotInitializedError",
    "DataLoss",
    "DeadlineExceeded",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "LogsGoneError",
    "LogsNotYetAvailableError",
    "MissingScopeError",
    "NotFound",
    "OutOfRange",
    "OutputsNotReadyError",
    "PermissionDenied",
    "RemoteError",
    "RemoteTaskNotFoundError",
    "RemoteTaskUsageError",
    "ResourceExhausted",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Unknown",
    "from_grpc",
    "scrub",
]

_NO_METADATA = grpc.aio.Metadata()


class RemoteError(grpc.aio.AioRpcError):  # type: ignore[misc]
    """The platform, or the way to it, answered with an error.

    It is a `grpc.aio.AioRpcError`, so `code()`, `details()` and `trailing_metadata()` work.
    `message` is a sentence that names what was asked; neither it nor `details()` ever holds a
    token, a secret or the query of a signed URL.
    """

    status = grpc.StatusCode.UNKNOWN
    says = "the platform failed without saying why"

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode | None = None,
        details: str = "",
        debug: str = "",
        initial_metadata: Any = _NO_METADATA,
        trailing_metadata: Any = _NO_METADATA,
    ) -> None:
        super().__init__(
            code or self.status,
            initial_metadata,
            trailing_metadata,
            details=details or message,
            debug_error_string=debug,
        )
        self.message = message

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Metadata stays behind: it may hold what must not be stored.
        return _rebuild, (type(self), self.message, self.code().name, self.details())


def _rebuild(kind: type[RemoteError], message: str, code: str, details: str) -> RemoteError:
    return kind(message, code=grpc.StatusCode[code], details=details)


class Cancelled(RemoteError):
    """The call was cancelled on its way or by the platform."""

    status = grpc.StatusCode.CANCELLED
    says = "the call was cancelled"


class Unknown(RemoteError):
    """The platform failed without a code."""


class InvalidArgument(RemoteError):
    """The platform refused the request as malformed."""

    status = grpc.StatusCode.INVALID_ARGUMENT
    says = "the platform refused the request"


class DeadlineExceeded(RemoteError):
    """No answer within the deadline."""

    status = grpc.StatusCode.DEADLINE_EXCEEDED
    says = "no answer in time"


class NotFound(RemoteError):
    """What was asked for does not exist (or is hidden from this identity)."""

    status = grpc.StatusCode.NOT_FOUND
    says = "it does not exist"


class AlreadyExists(RemoteError):
    """Something with this name exists already."""

    status = grpc.StatusCode.ALREADY_EXISTS
    says = "it exists already"


class PermissionDenied(RemoteError):
    """The identity in use may not do this."""

    status = grpc.StatusCode.PERMISSION_DENIED
    says = "permission denied"


class ResourceExhausted(RemoteError):
    """A quota is used up, or the answer is larger than the client accepts."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED
    says = "a limit was reached"


class FailedPrecondition(RemoteError):
    """The thing is not in a state that allows this."""

    status = grpc.StatusCode.FAILED_PRECONDITION
    says = "its state does not allow it"


class Aborted(RemoteError):
    """A concurrent change won."""

    status = grpc.StatusCode.ABORTED
    says = "a concurrent change got in the way"


class OutOfRange(RemoteError):
    """Past the end of what exists."""

    status = grpc.StatusCode.OUT_OF_RANGE
    says = "out of range"


class Unimplemented(RemoteError):
    """This platform does not offer the call."""

    status = grpc.StatusCode.UNIMPLEMENTED
    says = "this platform does not offer it"


class Internal(RemoteError):
    """The platform failed inside."""

    status = grpc.StatusCode.INTERNAL
    says = "the platform failed"


class Unavailable(RemoteError):
    """The platform cannot be reached."""

    status = grpc.StatusCode.UNAVAILABLE
    says = "the platform cannot be reached"


class DataLoss(RemoteError):
    """Data was lost on the way or in the platform."""

    status = grpc.StatusCode.DATA_LOSS
    says = "data was lost"


class Unauthenticated(RemoteError):
    """The platform wants a valid sign-in."""

    status = grpc.StatusCode.UNAUTHENTICATED
    says = "a valid sign-in is needed"


class LogsNotYetAvailableError(NotFound):
    """The attempt ended, or cannot start, without ever having had a log."""


class LogsGoneError(NotFound):
    """The attempt had a log, and the platform no longer keeps it (or the rest of it)."""


class RemoteTaskNotFoundError(NotFound):
    """No such task, or no such version of it."""


_BY_CODE: dict[grpc.StatusCode, type[RemoteError]] = {
    kind.status: kind
    for kind in (
        Cancelled,
        Unknown,
        InvalidArgument,
        DeadlineExceeded,
        NotFound,
        AlreadyExists,
        PermissionDenied,
        ResourceExhausted,
        FailedPrecondition,
        Aborted,
        OutOfRange,
        Unimplemented,
        Internal,
        Unavailable,
        DataLoss,
        Unauthenticated,
    )
}


def from_grpc(error: grpc.aio.AioRpcError, *, asked: str, endpoint: str = "") -> RemoteError:
    """The one door from gRPC to this tree.

    `asked` completes "Could not …", for example "read run 'r1' in flytesnacks/development".
    An error that came through this door already is returned as it is.
    """
    if isinstance(error, RemoteError):
        return error
    code = error.code()
    kind = _BY_CODE.get(code, Unknown)
    details = scrub(error.details() or "")
    return kind(
        _sentence(kind, asked, endpoint, details),
        code=code,
        details=details,
        debug=scrub(error.debug_error_string() or ""),
        initial_metadata=error.initial_metadata(),
        trailing_metadata=error.trailing_metadata(),
    )


def _sentence(kind: type[RemoteError], asked: str, endpoint: str, details: str) -> str:
    at = f" ({endpoint})" if endpoint and kind in (Unavailable, DeadlineExceeded) else ""
    said = f": {details}" if details else ""
    return f"Could not {asked}: {kind.says}{at}{said}".rstrip(".") + "."


_SECRETS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w\-.~+/=]{6,}"), r"\1 …"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(\.[\w-]*)?"), "…"),
    (
        re.compile(r"(?i)\b((?:access_|refresh_|id_)?token|client_secret|password)=[^\s&,;]+"),
        r"\1=…",
    ),
    (re.compile(r"([a-z][a-z0-9+.-]*://[^\s?#\"']+)\?[^\s\"']+", re.IGNORECASE), r"\1?…"),
    (re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/@\"']+@", re.IGNORECASE), r"\1…@"),
)


def scrub(text: str) -> str:
    """The text without tokens, passwords and the queries of (signed) URLs."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class ClientError(RuntimeError):
    """The library was used in a way that cannot work; nothing was sent."""


class ClientNotInitializedError(ClientError):
    """No client was passed, bound or set by `init`."""


class ClientClosedError(ClientError):
    """The client was closed before or during the call."""


class MissingScopeError(ClientError, ValueError):
    """A project or domain is needed and none was given."""


class OutputsNotReadyError(ClientError):
    """The action has not reached a terminal phase, so it has no outputs yet."""


class ActionFailedError(ClientError):
    """The action ended without outputs because it failed; `error_info` says why.

    `error_info` is the `ErrorInfo` of the action, or None when the platform recorded none.
    """

    def __init__(self, message: str, error_info: Any = None) -> None:
        super().__init__(message)
        self.error_info = error_info


class ActionAbortedError(ClientError):
    """The action ended without outputs because it was aborted; `abort_info` says by whom."""

    def __init__(self, message: str, abort_info: Any = None) -> None:
        super().__init__(message)
        self.abort_info = abort_info


class RemoteTaskUsageError(ClientError):
    """A remote task was called or overridden in a way that it does not support."""

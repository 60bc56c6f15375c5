"""The refusals that services give: a Connect code and a sentence the caller can act on."""

from __future__ import annotations

from connectrpc.code import Code
from connectrpc.errors import ConnectError


def invalid(sentence: str) -> ConnectError:
    return ConnectError(Code.INVALID_ARGUMENT, sentence)


def not_found(sentence: str) -> ConnectError:
    return ConnectError(Code.NOT_FOUND, sentence)


def already_exists(sentence: str) -> ConnectError:
    return ConnectError(Code.ALREADY_EXISTS, sentence)


def failed_precondition(sentence: str) -> ConnectError:
    return ConnectError(Code.FAILED_PRECONDITION, sentence)


def aborted(sentence: str) -> ConnectError:
    return ConnectError(Code.ABORTED, sentence)


def unavailable(sentence: str) -> ConnectError:
    return ConnectError(Code.UNAVAILABLE, sentence)


def unimplemented(sentence: str) -> ConnectError:
    return ConnectError(Code.UNIMPLEMENTED, sentence)


def missing(noun: str, name: str) -> ConnectError:
    """NOT_FOUND for something named, e.g. `project "nope" not found`."""
    return not_found(f'{noun} "{name}" not found')

"""Who makes the call that is being answered."""

from __future__ import annotations

from contextvars import ContextVar

from local_platform.authorization.verifier import Token

# Each call runs in a task of its own, so what is set here is seen by its handler alone.
_token: ContextVar[Token | None] = ContextVar("caller", default=None)


def set_token(token: Token | None) -> None:
    """The call of this task was made with this token; None: without any."""
    _token.set(token)


def token() -> Token | None:
    """The token of the call in this task; None for an anonymous one."""
    return _token.get()

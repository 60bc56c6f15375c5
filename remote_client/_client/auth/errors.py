"""What can go wrong while getting or renewing an access token. No message ever holds a token.

AuthenticationError (is a RuntimeError)
├── AccessTokenNotFoundError: there is no usable token and no way to get one
│   └── InvalidGrantError: the authorization server no longer accepts the stored sign-in
├── AuthenticationTransientError: the network or a server failed; the stored sign-in is kept
├── AuthenticationPending: the person has not finished signing in on the other device
│   └── AuthenticationSlowDown: the same, and the server wants to be asked less often
└── OAuthError: the authorization server refused, with its own error code

This module imports nothing of the package, so that anything may import it.
"""

from __future__ import annotations

__all__ = [
    "AccessTokenNotFoundError",
    "AuthenticationError",
    "AuthenticationPending",
    "AuthenticationSlowDown",
    "AuthenticationTransientError",
    "InvalidGrantError",
    "OAuthError",
]


class AuthenticationError(RuntimeError):
    """Signing in, or renewing a sign-in, failed; the message says what to do about it."""


class AccessTokenNotFoundError(AuthenticationError):
    """No usable access token exists, and none can be had without the user."""


class InvalidGrantError(AccessTokenNotFoundError):
    """The authorization server refused the stored sign-in itself (`invalid_grant`).

    The only error after which stored credentials are deleted.
    """


class AuthenticationTransientError(AuthenticationError):
    """The network or a server failed on the way. Stored credentials are kept; try again."""


class AuthenticationPending(AuthenticationError):
    """The sign-in on the other device is not finished yet (`authorization_pending`)."""


class AuthenticationSlowDown(AuthenticationPending):
    """The same, and the server asks for longer pauses between questions (`slow_down`)."""


class OAuthError(AuthenticationError):
    """The authorization server refused; `code` is its error code, for example `invalid_client`."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code

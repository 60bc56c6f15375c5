"""Notices a connection that takes requests and never answers, and leaves it for a new one."""

from __future__ import annotations

from collections.abc import Callable

import grpc

SILENT_CALLS = 3


class ConnectionHealth:
    """Counts calls in a row that got no answer within their deadline."""

    def __init__(self, renew: Callable[[], None]) -> None:
        self._renew = renew
        self._unanswered = 0

    def answered(self) -> None:
        """Something came back."""
        self._unanswered = 0

    def failed(self, code: grpc.StatusCode) -> None:
        """A call failed; after three deadlines in a row the next call uses a new connection."""
        if code is not grpc.StatusCode.DEADLINE_EXCEEDED:
            self._unanswered = 0
            return
        self._unanswered += 1
        if self._unanswered >= SILENT_CALLS:
            self._unanswered = 0
            self._renew()

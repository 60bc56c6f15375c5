"""Logs of actions: tail them, or look at them in a terminal or a notebook."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from flyteidl2.common.identifier_pb2 import ActionIdentifier

from remote_client._context import current_client
from remote_client._log_line import LogLine
from remote_client._watch import OnState
from remote_client.syncify import Series

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["LogLine", "Logs"]


class Logs:
    """What an attempt of an action wrote."""

    @classmethod
    def tail(
        cls,
        action_id: ActionIdentifier,
        attempt: int = 1,
        *,
        client: ClientSet | None = None,
        on_state: OnState | None = None,
    ) -> Series[LogLine]:
        """The lines of an attempt (from 1), each once and in order, from the first to the last.

        It follows a log that is being written, over reconnections, and ends when the attempt has
        ended and all was read. A log that is not there yet is waited for. Raises ValueError for an
        attempt below 1, NotFound for an unknown action, LogsNotYetAvailableError when the attempt
        ended without a log, and LogsGoneError when the platform no longer keeps it.
        """
        return Series(
            lambda: cls.tail_batches(action_id, attempt, client=client, on_state=on_state)
        )

    @classmethod
    def tail_batches(
        cls,
        action_id: ActionIdentifier,
        attempt: int = 1,
        *,
        client: ClientSet | None = None,
        on_state: OnState | None = None,
    ) -> AsyncGenerator[list[LogLine], None]:
        """As `tail`, in lists of lines as they come over the wire; an async generator."""
        from remote_client._log_tail import LogTail

        if attempt < 1:
            raise ValueError(f"Attempts count from 1; there is no attempt {attempt}.")
        return LogTail(current_client(client), action_id, attempt, on_state).batches()

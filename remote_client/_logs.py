"""Logs of actions: tail them, or look at them in a terminal or a notebook."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from flyteidl2.common.identifier_pb2 import ActionIdentifier

from remote_client._context import current_client
from remote_client._log_line import LogLine
from remote_client._log_viewer import AsyncLogViewer, must_be_raw, print_lines
from remote_client._watch import OnState
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["AsyncLogViewer", "LogLine", "Logs"]


class Logs:
    """What an attempt of an action wrote."""

    @syncify.series
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
        ended without a log, and LogsGoneError when the platform no longer keeps it. After ten
        minutes without the platform Unavailable is raised, unless `on_state` hears of it.
        """
        _check_attempt(attempt)
        return Series(
            lambda: cls.tail_batches(action_id, attempt, client=client, on_state=on_state),
            read_ahead=True,
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

        _check_attempt(attempt)
        return LogTail(current_client(client), action_id, attempt, on_state).batches()

    @syncify.classmethod
    @classmethod
    async def create_viewer(
        cls,
        action_id: ActionIdentifier,
        attempt: int = 1,
        max_lines: int = 30,
        show_ts: bool = False,
        raw: bool = False,
        filter_system: bool = False,
        panel: bool = False,
        *,
        client: ClientSet | None = None,
    ) -> None:
        """Show the log of an attempt until it ends: its last `max_lines` lines, moving.

        `raw` prints all lines instead; `show_ts` puts times before them; `filter_system` leaves out
        what the system wrote; `panel` draws a frame. Raises ValueError for an attempt below 1.
        """
        lines = cls.tail(action_id, attempt, client=client)
        async with aclosing(lines.aio()) as source:
            if raw or must_be_raw():
                await print_lines(source, show_ts=show_ts, filter_system=filter_system)
                return
            name = f"{action_id.run.name}:{action_id.name} (attempt {attempt})"
            viewer = AsyncLogViewer(source, max_lines, name, show_ts, filter_system, panel)
            await viewer.run()


def _check_attempt(attempt: int) -> None:
    if attempt < 1:
        raise ValueError(f"Attempts count from 1; there is no attempt {attempt}.")

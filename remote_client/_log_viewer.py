"""A window on the end of a log, in a terminal or a notebook."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import AsyncIterable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from remote_client._log_line import LogLine
from remote_client._log_text import is_system, plain, styled
from remote_client._progress import in_notebook
from remote_client.errors import LogsGoneError, LogsNotYetAvailableError

__all__ = ["AsyncLogViewer"]

REFRESH_PER_S = 10


class AsyncLogViewer:
    """Shows the newest lines of a log while it grows, and says at its end how many there were.

    `log_source` gives the lines, for example `Logs.tail(…)`; `max_lines` are shown at once;
    `panel` draws a frame around them; `filter_system` leaves out what the system wrote.
    """

    def __init__(
        self,
        log_source: AsyncIterable[LogLine],
        max_lines: int = 30,
        name: str = "Logs",
        show_ts: bool = False,
        filter_system: bool = False,
        panel: bool = False,
        *,
        console: Console | None = None,
    ) -> None:
        if max_lines < 1:
            raise ValueError(f"max_lines must be at least 1, not {max_lines}.")
        self._source = log_source
        self._name = name
        self._show_ts = show_ts
        self._filter_system = filter_system
        self._panel = panel
        self._console = console or Console()
        self._lines: deque[Text] = deque(maxlen=max_lines)
        self._total = 0

    async def run(self) -> None:
        """Follow the log to its end. A log that does not exist is told and not raised."""
        with Live(self._window(), console=self._console, refresh_per_second=REFRESH_PER_S) as live:
            try:
                async for line in self._source:
                    if self._take(line):
                        live.update(self._window())
                note = f"{self._total} lines."
            except (LogsNotYetAvailableError, LogsGoneError) as error:
                note = error.message
            live.update(Group(self._window(), Text(note, style="dim")))

    def _take(self, line: LogLine) -> bool:
        if self._filter_system and is_system(line):
            return False
        self._total += 1
        self._lines.append(styled(line, show_ts=self._show_ts))
        return True

    def _window(self) -> RenderableType:
        lines = Group(*self._lines)
        if not self._panel:
            return lines
        return Panel(lines, title=Text(self._name), border_style="yellow")


async def print_lines(
    source: AsyncIterable[LogLine], *, show_ts: bool = False, filter_system: bool = False
) -> None:
    """Write a log to the standard output as it is, colours and all."""
    try:
        async for line in source:
            if not (filter_system and is_system(line)):
                sys.stdout.write(plain(line, show_ts=show_ts))
                sys.stdout.flush()
    except (LogsNotYetAvailableError, LogsGoneError) as error:
        sys.stderr.write(f"{error.message}\n")


def must_be_raw() -> bool:
    """True in a notebook without ipywidgets, where a live display would repeat itself."""
    if not in_notebook():
        return False
    from importlib.util import find_spec

    return find_spec("ipywidgets") is None

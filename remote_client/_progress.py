"""What a person sees while they wait: a line that moves in a terminal, plain lines elsewhere.

Everything goes to the error stream, so that a script's output stays its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as RichProgress
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from remote_client._watch import StreamState

if TYPE_CHECKING:
    from remote_client._action_details import ActionDetails


class Progress(Protocol):
    """Hears how the wait goes."""

    def update(self, details: ActionDetails) -> None:
        """The action changed."""

    def connection(self, state: StreamState) -> None:
        """The way to the platform changed."""


@contextmanager
def progress_for(run_name: str, name: str, quiet: bool) -> Iterator[Progress]:
    """The form of progress that suits where the program runs."""
    label = f"Run {run_name}" if name == "a0" else f"Action {name} of run {run_name}"
    if quiet:
        yield _Silent()
    elif sys.stderr.isatty() or in_notebook():
        with _panel() as panel:
            yield _Panel(panel, label)
    else:
        yield _Lines(label)


def in_notebook() -> bool:
    """True inside IPython or a notebook."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def _panel() -> RichProgress:
    return RichProgress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


class _Silent:
    def update(self, details: ActionDetails) -> None:
        """Say nothing."""

    def connection(self, state: StreamState) -> None:
        """Say nothing."""


class _Panel:
    def __init__(self, panel: RichProgress, label: str) -> None:
        self._panel = panel
        self._label = label
        self._task = panel.add_task(escape(label))

    def update(self, details: ActionDetails) -> None:
        self._show(_sentence(self._label, details))
        if details.done():
            style = "green" if details.phase.is_success else "red"
            self._panel.console.print(f"[{style}]{escape(_ending(self._label, details))}[/]")

    def connection(self, state: StreamState) -> None:
        if state.kind == "reconnecting":
            self._show(_lost(state))

    def _show(self, text: str) -> None:
        self._panel.update(self._task, description=escape(text))


class _Lines:
    def __init__(self, label: str) -> None:
        self._label = label
        self._last = ""

    def update(self, details: ActionDetails) -> None:
        say = _ending if details.done() else _sentence
        self._print(say(self._label, details))

    def connection(self, state: StreamState) -> None:
        if state.kind == "reconnecting":
            self._print(_lost(state))

    def _print(self, text: str) -> None:
        if text != self._last:
            self._last = text
            sys.stderr.write(f"[flyte] {text}\n")
            sys.stderr.flush()


def _sentence(label: str, details: Any) -> str:
    attempt = f", attempt {details.attempts}" if details.attempts > 1 else ""
    return f"{label} is {details.phase.value.replace('_', ' ')}{attempt}"


def _ending(label: str, details: Any) -> str:
    if details.phase.is_success:
        return f"{label} {details.phase.value}."
    error, abort = details.error_info, details.abort_info
    reason = error.message if error else abort.reason if abort else ""
    return f"{label} {details.phase.value.replace('_', ' ')}" + (f": {reason}" if reason else ".")


def _lost(state: StreamState) -> str:
    return f"The platform is away since {state.since:%H:%M:%S} UTC; trying again"

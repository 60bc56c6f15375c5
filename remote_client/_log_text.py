"""How a log line is shown in a terminal or a notebook."""

from __future__ import annotations

from rich.text import Text

from remote_client._log_line import LogLine

# Lines of the SDK's own machinery carry this mark; its errors are for everyone.
_SDK_MARK = "[flyte]"
_SDK_ERRORS = "flyte.errors"
_STYLES = {"system": "bold magenta", "user": "cyan", "unknown": ""}


def is_system(line: LogLine) -> bool:
    """True for what the platform or the SDK wrote, rather than the user's code."""
    if line.originator == "system":
        return True
    return _SDK_MARK in line.message and _SDK_ERRORS not in line.message


def plain(line: LogLine, *, show_ts: bool) -> str:
    """The line as text that ends in a line feed."""
    if show_ts and line.timestamp is not None:
        return f"[{line.timestamp.isoformat()}] {line.message}"
    return line.message


def styled(line: LogLine, *, show_ts: bool) -> Text:
    """The line with colours: its own ANSI ones, and by who wrote it."""
    style = "dim" if is_system(line) and line.originator != "system" else _STYLES[line.originator]
    text = Text.from_ansi(plain(line, show_ts=show_ts).rstrip("\n"), style=style)
    text.no_wrap = False
    return text

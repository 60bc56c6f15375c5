"""Finds the one line of an error that tells what broke."""

from __future__ import annotations

import re

MAX_LENGTH = 300

ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""An escape sequence of a terminal: colours, cursor moves, window titles, links."""

# `ValueError: text`, `pkg.module.SomeError: text` or a bare `KeyboardInterrupt`, as Python prints
# the exception under a traceback: at the traceback's own depth, with a capital in its last part.
_EXCEPTION = re.compile(r"(?:[A-Za-z_]\w*\.)*_*[A-Z]\w*(?:: .*)?")
_TRACEBACK = "Traceback (most recent call last):"
# An exception group draws bars and corners before each line.
_BARS = re.compile(r"^[ ]*(?:[|+][ -]*)+")


def plain(text: str) -> str:
    """The text without the escape sequences that colour it in a terminal."""
    return ANSI.sub("", text)


def headline(message: str, code: str = "") -> str:
    """The last telling line: the exception under the last traceback, else the first line.

    Of `raise … from …` chains it is the one that ended the task. The SDK sends an exception as its
    class (`code`) and its text; they are put together again. "" when there is nothing to tell.
    """
    lines = [line.rstrip() for line in plain(message).splitlines() if line.strip()]
    if not lines:
        return code
    found = _under_traceback(lines) or _last_error(lines)
    if not found:
        first = lines[0].strip()
        if code and _TRACEBACK in first:  # cut off before it told anything
            return code
        found = first if not code or first.startswith(code) else f"{code}: {first}"
    return found if len(found) <= MAX_LENGTH else found[: MAX_LENGTH - 1] + "…"


def last_traceback(lines: list[str]) -> str:
    """The last whole traceback among log lines, without colours; "" when there is none."""
    texts = [plain(line) for line in lines]
    starts = [n for n, text in enumerate(texts) if _TRACEBACK in text]
    if not starts:
        return ""
    block = texts[starts[-1] :]
    last = _under_traceback(block)
    if not last:
        return ""
    end = next(n for n, text in enumerate(block) if n and text.rstrip().endswith(last))
    return "\n".join(block[: end + 1])


def _under_traceback(lines: list[str]) -> str:
    """The exception line that ends the last traceback, at the traceback's own indentation."""
    starts = [n for n, line in enumerate(lines) if _TRACEBACK in line]
    if not starts:
        return ""
    indent = lines[starts[-1]].index(_TRACEBACK[:1])
    for line in lines[starts[-1] + 1 :]:
        text = _BARS.sub("", line) if _BARS.match(line) else line[indent:]
        if not line[:indent].strip(" |+-") and _EXCEPTION.fullmatch(text):
            return text
    return ""


def _last_error(lines: list[str]) -> str:
    """Without a traceback: the last line that itself looks like an exception with a text."""
    named = [line.strip() for line in lines if re.match(r"\s*[\w.]*(Error|Exception)\b.*: ", line)]
    return named[-1] if named else ""

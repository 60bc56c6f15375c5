"""The command line that `ps` and /proc show for this process.

A fork has its parent's. An attempt's process must have its own: with the attempt's folder in it a
restarted platform proves that a pid still is that attempt's, and people see what is running.
"""

from __future__ import annotations

import os
from pathlib import Path

# Room for a title is what the process was started with, so the fork server is given a long one.
PADDING = "-" * 4096


class TitleError(Exception):
    """The title does not fit, or this system does not let it be changed."""


def set_title(words: list[str]) -> None:
    """Shows `words`; the first two must fit, what follows them may be cut."""
    start, end = _place()
    room = end - start - 1
    if len(os.fsencode("\0".join(words[:2]))) > room:
        raise TitleError(f"the command line has no room for {words[1]}")
    text = os.fsencode("\0".join(words))[:room]
    memory = os.open("/proc/self/mem", os.O_RDWR)
    try:
        os.pwrite(memory, text.ljust(end - start, b"\0"), start)
    finally:
        os.close(memory)


def _place() -> tuple[int, int]:
    """Where the kernel looks for the command line: fields 48 and 49 of proc(5)'s stat."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return int(fields[45]), int(fields[46])

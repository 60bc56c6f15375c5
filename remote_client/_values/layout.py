"""Lays out a container's parts as text: on one line when they fit, else as an indented block."""

from collections.abc import Sequence

WIDTH = 88
# Lists of parts this short (numbers, flags) are filled into lines instead of one part a line.
_SHORT_PART = 24
_INDENT = "  "


def enclose(opening: str, parts: Sequence[str], closing: str, note: str = "") -> str:
    """`[1, 2, 3]`, or a block with one part a line. `note` (what was cut) comes last, bare."""
    if not parts and not note:
        return opening + closing
    flat = opening + ", ".join([*parts, *([note] if note else [])]) + closing
    if len(flat) <= WIDTH and "\n" not in flat:
        return flat
    lines = [*_lines(parts), *([note] if note else [])]
    inner = "\n".join(lines).replace("\n", f"\n{_INDENT}")
    return f"{opening}\n{_INDENT}{inner}\n{closing}"


def _lines(parts: Sequence[str]) -> list[str]:
    if all(len(part) <= _SHORT_PART and "\n" not in part for part in parts):
        return _filled(parts)
    return [f"{part}," for part in parts]


def _filled(parts: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        word = f"{part},"
        if lines and len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines

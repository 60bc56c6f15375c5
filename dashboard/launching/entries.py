"""What stands in a form, field by field: the one shape between typed text, JSON and values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from remote_client._values import Part, Shape

MOST_DRAWN = 250
"""So many fields a form has at most: what is larger is edited as JSON text."""

MOST_DEPTH = 12
"""A type may contain itself; deeper than this a part is edited as JSON text."""


@dataclass
class Entry:
    """One field of a form, with whatever was typed, right or wrong.

    `text` is a leaf's, or the JSON of a container with `as_json`. `mode` says how the text is meant
    (a moment's zone, base64 or text, a table's format). `given` is False for what may be left out
    and is. `kept` stands for the original value, which the form cannot show.
    """

    text: str = ""
    mode: str = ""
    variant: int = 0
    parts: list[Entry] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    given: bool = True
    kept: bool = False
    as_json: bool = False

    def size(self) -> int:
        """How many fields it is drawn with."""
        return 1 + sum(part.size() for part in self.parts)


def part_at(shape: Shape, entry: Entry, number: int) -> Part:
    """The part that the entry's field of this number is made by."""
    if shape.kind == "union":
        return shape.parts[min(entry.variant, len(shape.parts) - 1)]
    return shape.parts[0 if shape.kind in ("list", "map") else number]


def walk(shape: Shape, entry: Entry) -> Iterator[tuple[int, Part, Entry]]:
    """(number, part, entry) of each field directly inside."""
    for number, inner in enumerate(entry.parts):
        yield number, part_at(shape, entry, number), inner


def blank(shape: Shape, depth: int = 0) -> Entry:
    """The field before anything was typed."""
    if shape.is_container and depth >= MOST_DEPTH:
        return Entry(as_json=True, text="")
    match shape.kind:
        case "object" | "tuple":
            return Entry(parts=[blank_part(part, depth + 1) for part in shape.parts])
        case "union" if shape.parts:
            kinds = [part.shape.kind for part in shape.parts]
            number = kinds.index("none") if "none" in kinds else 0
            return chosen(shape, number, depth)
        case "datetime":
            return Entry(mode="UTC")
        case "bytes":
            return Entry(mode="text")
        case "pickle":
            return Entry(mode="python")
        case _:
            return Entry()


def blank_part(part: Part, depth: int = 0) -> Entry:
    """A part before anything was typed: with its default, or left out where it may be."""
    if part.has_default:
        from dashboard.launching.from_values import entry_of

        return entry_of(part.shape, part.default, depth)
    if not part.required:
        return Entry(given=False)
    return blank(part.shape, depth)


def chosen(shape: Shape, variant: int, depth: int = 0, text: str = "") -> Entry:
    """A union's field with one of its variants; the text that stood in another may be kept."""
    inner = shape.parts[variant].shape
    entry = blank(inner, depth + 1)
    if text and not inner.is_container and inner.kind not in ("none", "bool", "enum"):
        entry.text = text
    return Entry(variant=variant, parts=[entry])


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: 1, 1.0 and true are not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)

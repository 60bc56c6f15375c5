"""Changes to a form's fields that its buttons ask for: add, remove, move, choose, leave out.

A button's value is what to do and where: `add:i.3`. The same on the server for every browser, so
that a form works without script, and with it needs no second set of rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.launching import texts
from dashboard.launching.entries import Entry, blank, part_at
from dashboard.launching.json_forms import strict_entry
from dashboard.launching.to_json import folded
from remote_client._values import Part, Shape


@dataclass
class Place:
    """A field, the part that it is made by, and where it stands in its parent."""

    part: Part
    entry: Entry
    parent: Entry | None = None
    parent_shape: Shape | None = None
    number: int = 0

    @property
    def shape(self) -> Shape:
        return self.part.shape


def find(parts: list[Part], entries: list[Entry], path: str) -> Place | None:
    """The field of a path such as `i.3.0`; None when there is none."""
    first, *steps = path.split(".")
    if first != "i" or not steps or not all(step.isdecimal() and len(step) < 6 for step in steps):
        return None
    numbers = [int(step) for step in steps]
    if numbers[0] >= len(entries):
        return None
    place = Place(parts[numbers[0]], entries[numbers[0]], number=numbers[0])
    for number in numbers[1:]:
        if number >= len(place.entry.parts):
            return None
        part = part_at(place.shape, place.entry, number)
        place = Place(part, place.entry.parts[number], place.entry, place.shape, number)
    return place


def edit(parts: list[Part], entries: list[Entry], verb: str, path: str) -> str:
    """Do it. Returns the path of the field that the reader goes on with; "" for an unknown one."""
    place = find(parts, entries, path)
    if place is None:
        return ""
    match verb:
        case "add":
            return _add(place, path)
        case "remove" | "up" | "down":
            return _move(place, verb, path)
        case "choose":
            return path  # the variant was posted with it; its field is drawn anew
        case "give":
            place.entry.__dict__.update(blank(place.shape).__dict__)
            return path
        case "omit":
            place.entry.__dict__.update(Entry(given=False).__dict__)
            return path
        case "replace":
            place.entry.__dict__.update(blank(place.shape).__dict__)
            return path
        case "json":
            return as_json(place, path)
        case "fields":
            return _as_fields(place, path)
    return ""


def _add(place: Place, path: str) -> str:
    if place.shape.kind not in ("list", "map") or place.entry.as_json:
        return ""
    place.entry.parts.append(blank(place.shape.parts[0].shape))
    if place.shape.kind == "map":
        place.entry.keys.append("")
    return f"{path}.{len(place.entry.parts) - 1}"


def _move(place: Place, verb: str, path: str) -> str:
    parent, shape, number = place.parent, place.parent_shape, place.number
    if parent is None or shape is None or shape.kind not in ("list", "map"):
        return ""
    above = path.rpartition(".")[0]
    rows: list[list[Any]] = [parent.parts, *([parent.keys] if shape.kind == "map" else [])]
    if verb == "remove":
        for row in rows:
            del row[number]
        last = len(parent.parts) - 1
        return f"{above}.{min(number, last)}" if parent.parts else above
    other = number + (-1 if verb == "up" else 1)
    if not 0 <= other < len(parent.parts):
        return path
    for row in rows:
        row[number], row[other] = row[other], row[number]
    return f"{above}.{other}"


def as_json(place: Place, path: str) -> str:
    """The field as one JSON text."""
    entry = place.entry
    if not entry.as_json:
        entry.__dict__.update(folded(place.shape, entry).__dict__)
    return path


def _as_fields(place: Place, path: str) -> str:
    """The JSON text as fields again; it stays where it does not fit the type."""
    entry = place.entry
    if not entry.as_json:
        return path
    if not entry.text.strip():
        entry.__dict__.update(blank(place.shape).__dict__)
        return path
    try:
        fields = strict_entry(place.shape, texts.read_json(entry.text))
    except ValueError:
        return path
    entry.__dict__.update(fields.__dict__)
    return path

"""Fields as the template draws them, out of the form's state."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.launching import texts
from dashboard.launching.entries import MOST_DRAWN, Entry, walk
from dashboard.launching.from_values import entry_of
from dashboard.launching.pages import Choice, Field
from dashboard.launching.to_json import folded, json_of
from remote_client._values import Part, Shape

_HINTS = {
    "datetime": "ISO 8601, to the microsecond",
    "duration": "such as 1h 30m, 90s, -250ms or PT90S",
    "date": "YYYY-MM-DD",
    "time": "HH:MM:SS",
    "float": "inf, -inf and nan are numbers too",
    "file": "an address, or a file from here",
    "dir": "the address of a folder, or files from here",
    "table": "the address of a table, or a file from here",
    "schema": "the address of a table",
    "json": "any data",
    "unknown": "a type that this Flightboard does not know",
}
_ZONES = ("UTC", "+02:00", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
_MODES: dict[str, tuple[Choice, ...]] = {
    "bytes": (("text", "as text"), ("base64", "as base64")),
    "json": (("", "as JSON"), ("python", "as Python")),
    "pickle": (
        ("python", "plain Python data"),
        ("uri", "the address of a pickle"),
        ("base64", "a pickle as base64"),
    ),
}
_LONGEST_ORIGINAL = 160


class Drawing:
    """Draws fields with what is known about them by path: problems, focus."""

    def __init__(self, problems: Mapping[str, str], focus: str = "") -> None:
        self._problems = problems
        self._focus = focus

    def field(self, part: Part, entry: Entry, path: str) -> Field:
        """The field and everything inside."""
        shape = part.shape
        if not all(map(texts.is_typable, entry.keys)):
            entry = folded(shape, entry)  # a text field would change a key
        return Field(
            path=path,
            kind=shape.kind,
            label=part.name,
            type_name=shape.type_name,
            text=entry.text,
            mode=entry.mode,
            modes=_modes(shape, entry),
            choices=_choices(shape, entry),
            variants=tuple((str(n), each.name) for n, each in enumerate(_variants(shape))),
            variant=str(entry.variant),
            description=part.description,
            hint=_hint(shape),
            rows=_rows(shape, entry),
            is_required=part.required and not part.has_default,
            can_omit=not part.required,
            is_given=entry.given,
            is_kept=entry.kept,
            is_json=entry.as_json,
            can_be_json=shape.is_container,
            fields=tuple(self._inside(shape, entry, path)),
            error=self._problems.get(path, ""),
            has_focus=bool(self._focus) and path == self._focus,
            default="" if entry.given else _default(part),
        )

    def _inside(self, shape: Shape, entry: Entry, path: str) -> list[Field]:
        moves = shape.kind in ("list", "map")
        drawn = []
        for number, part, inner in walk(shape, entry):
            field = self.field(_unnamed(shape, part, number), inner, f"{path}.{number}")
            more = {
                "can_move": moves,
                "is_first": number == 0,
                "is_last": number == len(entry.parts) - 1,
                "key": entry.keys[number] if shape.kind == "map" else None,
            }
            drawn.append(Field(**{**field.__dict__, **more}))
        return drawn


def _default(part: Part) -> str:
    return shortened(part.shape, entry_of(part.shape, part.default)) if part.has_default else ""


def _unnamed(shape: Shape, part: Part, number: int) -> Part:
    """A part with the label that its place gives it."""
    if shape.kind == "list":
        return Part(f"item {number + 1}", part.shape)
    if shape.kind == "map":
        return Part(f"value {number + 1}", part.shape)
    if shape.kind == "tuple":
        return Part(f"item {number + 1}", part.shape, description=part.description)
    if shape.kind == "union":
        return Part(part.name, part.shape)
    return part


def _variants(shape: Shape) -> tuple[Part, ...]:
    return shape.parts if shape.kind == "union" else ()


def _choices(shape: Shape, entry: Entry) -> tuple[Choice, ...]:
    if shape.kind == "bool":
        return (("true", "true"), ("false", "false"))
    if shape.kind != "enum":
        return ()
    known = [(choice, choice) for choice in shape.choices]
    if entry.text and entry.text not in shape.choices:
        known.append((entry.text, entry.text))
    return tuple(known)


def _modes(shape: Shape, entry: Entry) -> tuple[Choice, ...]:
    if shape.kind == "datetime":
        zones = dict.fromkeys((entry.mode or "UTC", *_ZONES))
        return tuple((zone, zone) for zone in zones)
    return _MODES.get(shape.kind, ())


def _hint(shape: Shape) -> str:
    words = {
        "minimum": "at least {}",
        "maximum": "at most {}",
        "exclusiveMinimum": "more than {}",
        "exclusiveMaximum": "less than {}",
        "minLength": "{} characters or more",
        "maxLength": "{} characters at most",
    }
    limits = [words[keyword].format(limit) for keyword, limit in shape.limits]
    return ", ".join([*([_HINTS[shape.kind]] if shape.kind in _HINTS else []), *limits])


def _rows(shape: Shape, entry: Entry) -> int:
    if entry.as_json or shape.kind in ("json", "unknown", "error"):
        return min(max(entry.text.count("\n") + 1, 3), 16)
    return min(max(entry.text.count("\n") + 1, 1 + len(entry.text) // 90), 12)


def shortened(shape: Shape, entry: Entry) -> str:
    """A field's value in one line, for a summary."""
    if entry.kept:
        return "kept as it was"
    if not entry.given:
        return "left out"
    text = texts.escaped_json(json_of(shape, entry))
    return text if len(text) <= _LONGEST_ORIGINAL else f"{text[: _LONGEST_ORIGINAL - 1]}…"


def within_bounds(parts: list[Part], entries: list[Entry]) -> None:
    """Turn what would be too many fields into JSON texts, the largest input first."""
    sizes = [0 if entry.as_json else entry.size() for entry in entries]
    while sum(sizes) > MOST_DRAWN:
        number = sizes.index(max(sizes))
        entries[number] = folded(parts[number].shape, entries[number])
        sizes[number] = 1

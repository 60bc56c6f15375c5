"""JSON out of a form's fields: what the JSON view shows, and what two versions are compared by."""

from __future__ import annotations

import base64
from typing import Any

from dashboard.launching import texts
from dashboard.launching.entries import Entry, same, walk
from dashboard.launching.json_forms import TYPE, VALUE, strict_entry
from remote_client._values import Shape
from remote_client._values.times import iso_duration


def json_of(shape: Shape, entry: Entry) -> Any:
    """The JSON of a field. What was typed wrongly stands in it as the text that it is."""
    if entry.as_json:
        try:
            return texts.read_json(entry.text)
        except ValueError:
            return entry.text
    match shape.kind:
        case "union":
            return _union_json(shape, entry)
        case "list" | "tuple":
            return [json_of(part.shape, inner) for _, part, inner in walk(shape, entry)]
        case "map":
            values = [json_of(part.shape, inner) for _, part, inner in walk(shape, entry)]
            return dict(zip(entry.keys, values, strict=True))
        case "object":
            fields = [(part, inner) for _, part, inner in walk(shape, entry) if inner.given]
            return {part.name: json_of(part.shape, inner) for part, inner in fields}
        case _:
            try:
                return _leaf_json(shape, entry)
            except ValueError:
                return entry.text


def folded(shape: Shape, entry: Entry) -> Entry:
    """The same field as one JSON text."""
    return Entry(as_json=True, text=texts.escaped_json(json_of(shape, entry), indent=2))


def _union_json(shape: Shape, entry: Entry) -> Any:
    if not entry.parts or not shape.parts:
        return None
    part = shape.parts[entry.variant]
    value = json_of(part.shape, entry.parts[0])
    names = [each.name for each in shape.parts]
    try:
        guessed = strict_entry(shape, value)
        again = json_of(part.shape, guessed.parts[0]) if guessed.variant == entry.variant else None
        is_clear = guessed.variant == entry.variant and same(again, value)
    except ValueError:
        is_clear = False
    if is_clear:
        return value
    return {TYPE: part.name if names.count(part.name) == 1 else entry.variant, VALUE: value}


def _leaf_json(shape: Shape, entry: Entry) -> Any:
    text = entry.text
    match shape.kind:
        case "none":
            return None
        case "bool":
            return {"true": True, "false": False}.get(text, text)
        case "int":
            return texts.read_int(text, is_64_bit=False)
        case "float":
            number = texts.read_float(text)
            odd = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
            return odd.get(texts.float_text(number), number)
        case "str" | "enum":
            return texts.read_json(text) if entry.mode == "json" else text
        case "datetime":
            return texts.iso_moment(texts.read_moment(text, entry.mode))
        case "duration":
            return iso_duration(texts.read_duration(text))
        case "bytes":
            return base64.b64encode(texts.read_bytes(text, entry.mode)).decode()
        case "json" | "unknown" | "error":
            return {"$python": text} if entry.mode == "python" else texts.read_json(text)
        case "pickle":
            return {entry.mode or "python": text}
        case "file" | "dir" | "table" if entry.mode and entry.mode != shape.format:
            return {"uri": text, "format": entry.mode}
        case _:
            return text

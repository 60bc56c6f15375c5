"""Fields of a form out of values: defaults, and the inputs of an earlier run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dashboard.launching import texts
from dashboard.launching.entries import MOST_DEPTH, Entry, blank
from remote_client._values import (
    Chosen,
    DataFrame,
    Dir,
    ErrorValue,
    File,
    Offloaded,
    Opaque,
    Schema,
    Shape,
    Unreadable,
)
from remote_client._values.times import duration_text

_UNSHOWN = (Offloaded, Unreadable)


def entry_of(shape: Shape, value: Any, depth: int = 0) -> Entry:
    """The field that reads as this value; `kept` where a form cannot show it."""
    try:
        return _entry(shape, value, depth)
    except _Unshown:
        return Entry(kept=True)


class _Unshown(Exception):
    """The value, or one inside it, cannot be written into a form."""


def _entry(shape: Shape, value: Any, depth: int) -> Entry:
    if isinstance(value, _UNSHOWN):
        raise _Unshown
    if shape.is_container:
        if depth >= MOST_DEPTH:
            return Entry(as_json=True, text=texts.escaped_json(plain_json(value), indent=2))
        return _container(shape, value, depth)
    return _leaf(shape, value)


def _container(shape: Shape, value: Any, depth: int) -> Entry:
    match shape.kind, value:
        case "union", Chosen(number, inner) if 0 <= number < len(shape.parts):
            return Entry(
                variant=number, parts=[_entry(shape.parts[number].shape, inner, depth + 1)]
            )
        case "union", _:
            return _union(shape, value, depth)
        case "list", list() | tuple():
            of = shape.parts[0].shape
            return Entry(parts=[_entry(of, member, depth + 1) for member in value])
        case "map", dict():
            of = shape.parts[0].shape
            parts = [_entry(of, member, depth + 1) for member in value.values()]
            if not all(isinstance(key, str) for key in value):
                raise _Unshown
            return Entry(keys=list(value), parts=parts)
        case "tuple", list() | tuple() if len(value) == len(shape.parts):
            pairs = zip(shape.parts, value, strict=True)
            return Entry(parts=[_entry(part.shape, member, depth + 1) for part, member in pairs])
        case "object", dict():
            return _object(shape, value, depth)
    raise _Unshown


def _object(shape: Shape, value: dict[Any, Any], depth: int) -> Entry:
    if set(value) - {part.name for part in shape.parts}:
        raise _Unshown
    parts = []
    for part in shape.parts:
        if part.name in value:
            parts.append(_entry(part.shape, value[part.name], depth + 1))
        else:
            parts.append(blank(part.shape, depth + 1) if part.required else Entry(given=False))
    return Entry(parts=parts)


def _union(shape: Shape, value: Any, depth: int) -> Entry:
    """The first variant whose own kind of value it is, else the first that takes it."""
    order = sorted(
        range(len(shape.parts)), key=lambda n: not is_natural(shape.parts[n].shape, value)
    )
    for number in order:
        try:
            inner = _entry(shape.parts[number].shape, value, depth + 1)
        except _Unshown:
            continue
        return Entry(variant=number, parts=[inner])
    raise _Unshown


def by_nature(shape: Shape, value: Any) -> list[int]:
    """The variants of a union, those first whose own kind of value it is."""
    numbers = range(len(shape.parts))
    return sorted(numbers, key=lambda number: not is_natural(shape.parts[number].shape, value))


def is_natural(shape: Shape, value: Any) -> bool:
    """Whether the value is of the shape's own Python type, before any widening."""
    match shape.kind:
        case "none":
            return value is None
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, float)
        case "enum":
            return isinstance(value, str) and value in shape.choices
        case "str":
            return isinstance(value, str)
        case "list" | "tuple":
            return isinstance(value, list | tuple)
        case "object":
            required = {part.name for part in shape.parts if part.required}
            return isinstance(value, dict) and required <= set(value)
        case "map":
            return isinstance(value, dict)
        case _:
            return False


def _leaf(shape: Shape, value: Any) -> Entry:
    match shape.kind, value:
        case "none", None:
            return Entry()
        case "bool", bool():
            return Entry("true" if value else "false")
        case "int", int() if not isinstance(value, bool):
            return Entry(str(value))
        case "float", int() | float() if not isinstance(value, bool):
            return Entry(texts.float_text(value))
        case "str" | "enum", str():
            return text_entry(value)
        case "bytes", bytes():
            return Entry(*texts.bytes_texts(value))
        case "bytes", Opaque(data, ""):
            return Entry(*texts.bytes_texts(data))
        case "bytes", str():  # as a schema writes a default
            return Entry(value, "text")
        case "json", _:
            return _plain(value)
        case (("datetime" | "date" | "time" | "duration"), _):
            return _when(shape, value)
        case _:
            return _reference(shape, value)


def text_entry(text: str) -> Entry:
    """Text as it is, or as a JSON string when a text field would change it."""
    if texts.is_typable(text):
        return Entry(text)
    return Entry(texts.escaped_json(text), "json")


def _when(shape: Shape, value: Any) -> Entry:
    try:
        match shape.kind, value:
            case "datetime", datetime():
                return Entry(*texts.moment_texts(value))
            case "datetime", str():
                return Entry(*texts.moment_texts(texts.read_moment(value, texts.NAIVE)))
            case "date", str():
                return Entry(texts.read_date(value).isoformat())
            case "time", str():
                return Entry(texts.read_time(value).isoformat())
            case "duration", timedelta():
                return Entry(duration_text(value))
            case "duration", str():
                return Entry(duration_text(texts.read_duration(value)))
            case "duration", int() | float():
                return Entry(duration_text(timedelta(seconds=value)))
    except (ValueError, OverflowError):
        raise _Unshown from None
    raise _Unshown


def _reference(shape: Shape, value: Any) -> Entry:
    match shape.kind, value:
        case "file", File() | Dir():
            return Entry(value.uri, value.format)
        case "dir", Dir() | File():
            return Entry(value.uri, value.format)
        case (("file" | "dir"), {"path": str(uri)}):
            return Entry(uri, str(value.get("format") or ""))
        case "table", DataFrame():
            return Entry(value.uri, value.format)
        case "table", {"uri": str(uri)}:
            return Entry(uri, str(value.get("format") or ""))
        case "schema", Schema():
            return Entry(value.uri)
        case "pickle", File():
            return Entry(value.uri, "uri")
        case "error", ErrorValue():
            stated = {"message": value.message, "failed_node": value.failed_node}
            return Entry(texts.escaped_json(stated))
        case _:  # a pickle among them: opening one would run its code
            raise _Unshown


def _plain(value: Any) -> Entry:
    """Data of any kind: as JSON, or as Python where JSON has no word for it (numbers as keys)."""
    try:
        return Entry(texts.escaped_json(plain_json(value), indent=2))
    except TypeError:
        text = repr(value)
    try:
        is_exact = texts.read_python(text) == value
    except ValueError:
        is_exact = False
    if not is_exact:
        raise _Unshown
    return Entry(text, "python")


def plain_json(value: Any) -> Any:
    """Plain data as JSON can hold it. Raises TypeError for what it cannot without a type."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return [plain_json(member) for member in value]
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise TypeError("a key is no text")
            return {key: plain_json(member) for key, member in value.items()}
        case _:
            raise TypeError(f"{type(value).__name__} is no JSON")

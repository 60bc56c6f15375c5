"""Values out of a form's fields, and a sentence for each field that is wrong.

What passes here is still the platform's to judge; what fails here would fail inside the task.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from dashboard.launching import texts
from dashboard.launching.entries import Entry, walk
from dashboard.launching.json_forms import strict_entry
from remote_client._values import (
    Chosen,
    DataFrame,
    Dir,
    ErrorValue,
    File,
    Opaque,
    Schema,
    Shape,
    plain_pickle,
)

_PLAIN_INTS = range(-(2**63), 2**64)  # what msgpack holds


class Reading:
    """Reads fields, and collects what is wrong with them: path of the field → sentence."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def value(self, shape: Shape, entry: Entry, path: str) -> Any:
        """The value of a field; None where there is a problem."""
        try:
            if entry.as_json:
                return self._from_json(shape, entry, path)
            if shape.is_container:
                return self._container(shape, entry, path)
            return read_leaf(shape, entry)
        except ValueError as error:
            self.problems[path] = str(error)
            return None

    def _from_json(self, shape: Shape, entry: Entry, path: str) -> Any:
        if not entry.text.strip():
            raise ValueError(f"JSON of {shape.type_name} is wanted.")
        inner = strict_entry(shape, texts.read_json(entry.text))
        if inner.as_json:
            raise ValueError("This is nested too deep.")
        # One text is one field: whatever is wrong inside is said about it.
        below = Reading()
        value = below.value(shape, inner, "")
        if below.problems:
            raise ValueError(next(iter(below.problems.values())))
        return value

    def _container(self, shape: Shape, entry: Entry, path: str) -> Any:
        match shape.kind:
            case "union":
                return self._union(shape, entry, path)
            case "map":
                return self._map(shape, entry, path)
            case "object":
                return self._object(shape, entry, path)
        values = [
            self.value(part.shape, inner, f"{path}.{number}")
            for number, part, inner in walk(shape, entry)
        ]
        return tuple(values) if shape.kind == "tuple" else values

    def _union(self, shape: Shape, entry: Entry, path: str) -> Any:
        if not entry.parts or not 0 <= entry.variant < len(shape.parts):
            raise ValueError(f"Choose one of {shape.type_name}.")
        part = shape.parts[entry.variant]
        value = self.value(part.shape, entry.parts[0], f"{path}.0")
        return value if shape.is_plain else Chosen(entry.variant, value)

    def _map(self, shape: Shape, entry: Entry, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number, part, inner in walk(shape, entry):
            key = entry.keys[number]
            if key in found:
                self.problems[f"{path}.{number}"] = f"The key {key!r} is there twice."
            found[key] = self.value(part.shape, inner, f"{path}.{number}")
        return found

    def _object(self, shape: Shape, entry: Entry, path: str) -> dict[str, Any]:
        return {
            part.name: self.value(part.shape, inner, f"{path}.{number}")
            for number, part, inner in walk(shape, entry)
            if inner.given
        }


def read_leaf(shape: Shape, entry: Entry) -> Any:
    """The value of a field without parts. Raises ValueError."""
    value = _READERS.get(shape.kind, _json)(shape, entry)
    _check_limits(shape, value)
    return value


def _int(shape: Shape, entry: Entry) -> int:
    _required(entry)
    number = texts.read_int(entry.text, is_64_bit=not shape.is_plain)
    if number not in _PLAIN_INTS:
        raise ValueError("This is outside of what 64 bits hold (about ±9.2 × 10¹⁸).")
    return number


def _float(shape: Shape, entry: Entry) -> float:
    _required(entry)
    return texts.read_float(entry.text)


def _bool(shape: Shape, entry: Entry) -> bool:
    if entry.text not in ("true", "false"):
        raise ValueError("Choose true or false.")
    return entry.text == "true"


def _str(shape: Shape, entry: Entry) -> str:
    if entry.mode != "json":
        return entry.text
    text = texts.read_json(entry.text)
    if not isinstance(text, str):
        raise ValueError('A JSON string is wanted, in quotes: "…".')
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("This holds half a character, which cannot be sent.") from None
    return text


def _enum(shape: Shape, entry: Entry) -> str:
    _required(entry)
    # Inside a dataclass a schema may list names where values are taken too, as its default is.
    if not shape.is_plain and entry.text not in shape.choices:
        raise ValueError(f"One of {', '.join(shape.choices[:20])} is wanted.")
    return entry.text


def _text_of(read: Callable[[str], Any]) -> Callable[[Shape, Entry], Any]:
    def parse(shape: Shape, entry: Entry) -> Any:
        _required(entry)
        return read(entry.text)

    return parse


def _datetime(shape: Shape, entry: Entry) -> Any:
    _required(entry)
    zone = entry.mode if shape.is_plain or entry.mode != texts.NAIVE else "UTC"
    return texts.read_moment(entry.text, zone)


def _bytes(shape: Shape, entry: Entry) -> bytes:
    return texts.read_bytes(entry.text, entry.mode)


def _uri(entry: Entry) -> str:
    uri = entry.text.strip()
    if not uri:
        raise ValueError("The address of a file is wanted, such as s3://bucket/path, or an upload.")
    return uri


def _pickle(shape: Shape, entry: Entry) -> Any:
    if entry.mode == "uri":
        return File(_uri(entry), "PythonPickle")
    _required(entry)
    if entry.mode == "base64":
        try:
            return Opaque(base64.b64decode("".join(entry.text.split()), validate=True))
        except (binascii.Error, ValueError):
            raise ValueError("This is not base64.") from None
    value = texts.read_python(entry.text)
    if value is None:
        raise ValueError("The SDK pickles no None.")
    return plain_pickle(value)


def _json(shape: Shape, entry: Entry) -> Any:
    _required(entry)
    if entry.mode == "python":
        return texts.read_python(entry.text)
    value = texts.read_json(entry.text)
    if shape.kind == "json" and not shape.is_plain and not isinstance(value, dict):
        raise ValueError("A JSON object is wanted: {…}.")
    return value


def _error(shape: Shape, entry: Entry) -> ErrorValue:
    value = _json(shape, entry)
    if not isinstance(value, dict) or not isinstance(value.get("message"), str):
        raise ValueError('An error is wanted: {"message": "…"}.')
    return ErrorValue(value["message"], str(value.get("failed_node") or ""))


_READERS: dict[str, Callable[[Shape, Entry], Any]] = {
    "none": lambda shape, entry: None,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "str": _str,
    "enum": _enum,
    "datetime": _datetime,
    "date": _text_of(texts.read_date),
    "time": _text_of(texts.read_time),
    "duration": _text_of(texts.read_duration),
    "bytes": _bytes,
    "file": lambda shape, entry: File(_uri(entry), entry.mode or shape.format),
    "dir": lambda shape, entry: Dir(_uri(entry), entry.mode or shape.format),
    "table": lambda shape, entry: DataFrame(_uri(entry), entry.mode or shape.format),
    "schema": lambda shape, entry: Schema(_uri(entry)),
    "pickle": _pickle,
    "error": _error,
}


def _required(entry: Entry) -> None:
    if not entry.text.strip():
        raise ValueError("This is needed.")


def _check_limits(shape: Shape, value: Any) -> None:
    for keyword, limit in shape.limits:
        size = len(value) if isinstance(value, str | bytes) else value
        if not isinstance(size, int | float):
            continue
        words = _LIMITS[keyword]
        if not words[0](size, limit):
            raise ValueError(f"{words[1]} {limit} is wanted.")


_LIMITS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "minimum": (lambda size, limit: size >= limit, "At least"),
    "maximum": (lambda size, limit: size <= limit, "At most"),
    "exclusiveMinimum": (lambda size, limit: size > limit, "More than"),
    "exclusiveMaximum": (lambda size, limit: size < limit, "Less than"),
    "minLength": (lambda size, limit: size >= limit, "A length of at least"),
    "maxLength": (lambda size, limit: size <= limit, "A length of at most"),
}

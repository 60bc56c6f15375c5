"""Fields of a form out of JSON: what the JSON view, `?inputs=` and the API hold.

JSON has fewer words than Flyte: moments are ISO 8601, lengths of time ISO 8601 or seconds, bytes
base64, NaN and the infinities are strings. Where a union's variant would be a guess, it is named:
`{"$type": "float", "value": 1}`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.launching import texts
from dashboard.launching.entries import MOST_DEPTH, Entry, blank_part
from dashboard.launching.from_values import by_nature, text_entry
from remote_client._values import Shape

TYPE, VALUE = "$type", "value"
_ODD_FLOATS = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}
_PICKLES = ("python", "uri", "base64")


def entry_from_json(shape: Shape, value: Any) -> Entry:
    """The field of a JSON value; one that does not fit stands in it as JSON, to be mended."""
    try:
        return strict_entry(shape, value)
    except ValueError:
        return Entry(as_json=True, text=texts.escaped_json(value, indent=2))


def strict_entry(shape: Shape, value: Any, where: str = "", depth: int = 0) -> Entry:
    """The field of a JSON value. Raises ValueError naming the part that does not fit."""
    if not shape.is_container:
        return _leaf(shape, value, where)
    if depth >= MOST_DEPTH:
        return Entry(as_json=True, text=texts.escaped_json(value, indent=2))
    match shape.kind:
        case "union":
            return _union(shape, value, where, depth)
        case "list" if isinstance(value, list):
            of = shape.parts[0].shape
            parts = [
                strict_entry(of, member, f"{where}[{number}]", depth + 1)
                for number, member in enumerate(value)
            ]
            return Entry(parts=parts)
        case "map" if isinstance(value, dict):
            of = shape.parts[0].shape
            parts = [
                strict_entry(of, member, f"{where}.{key}", depth + 1)
                for key, member in value.items()
            ]
            return Entry(keys=list(value), parts=parts)
        case "tuple" if isinstance(value, list) and len(value) == len(shape.parts):
            pairs = zip(shape.parts, value, strict=True)
            parts = [
                strict_entry(part.shape, member, f"{where}[{part.name}]", depth + 1)
                for part, member in pairs
            ]
            return Entry(parts=parts)
        case "object" if isinstance(value, dict):
            return _object(shape, value, where, depth)
    raise ValueError(_wanted(where, _CONTAINERS[shape.kind].format(len(shape.parts))))


_CONTAINERS = {
    "list": "A list is wanted: […].",
    "map": "An object is wanted: {{…}}.",
    "object": "An object is wanted: {{…}}.",
    "tuple": "A list of {} is wanted.",
}


def _wanted(where: str, text: str) -> str:
    return f"{where.removeprefix('.')}: {text}" if where else text


def _object(shape: Shape, value: dict[str, Any], where: str, depth: int) -> Entry:
    known = [part.name for part in shape.parts]
    if unknown := [key for key in value if key not in known]:
        fields = ", ".join(known[:12])
        raise ValueError(_wanted(where, f"There is no field {unknown[0]!r}, only {fields}."))
    parts = []
    for part in shape.parts:
        if part.name in value:
            inside = f"{where}.{part.name}"
            parts.append(strict_entry(part.shape, value[part.name], inside, depth + 1))
        elif part.required and not part.has_default:
            raise ValueError(_wanted(where, f"The field {part.name!r} is missing."))
        else:
            parts.append(Entry(given=False) if not part.required else blank_part(part, depth + 1))
    return Entry(parts=parts)


def _union(shape: Shape, value: Any, where: str, depth: int) -> Entry:
    if isinstance(value, dict) and set(value) == {TYPE, VALUE}:
        number = _variant(shape, value[TYPE], where)
        of = shape.parts[number].shape
        inner = strict_entry(of, value[VALUE], where, depth + 1)
        return Entry(variant=number, parts=[inner])
    complaints = []
    for number in by_nature(shape, value):
        try:
            inner = strict_entry(shape.parts[number].shape, value, where, depth + 1)
        except ValueError as error:
            complaints.append(error)
            continue
        return Entry(variant=number, parts=[inner])
    shown = [part for part in shape.parts if part.shape.kind != "none"]
    if len(shown) == 1 and complaints:
        raise complaints[shape.parts.index(shown[0]) if len(complaints) == len(shape.parts) else 0]
    raise ValueError(_wanted(where, f"This is none of {shape.type_name}."))


def _variant(shape: Shape, name: Any, where: str) -> int:
    names = [part.name for part in shape.parts]
    if isinstance(name, int) and not isinstance(name, bool) and 0 <= name < len(names):
        return name
    if name in names:
        return names.index(name)
    raise ValueError(_wanted(where, f"{TYPE} is one of {', '.join(names)}."))


def _leaf(shape: Shape, value: Any, where: str) -> Entry:
    try:
        entry = _LEAVES.get(shape.kind, _any)(shape, value)
    except ValueError as error:
        raise ValueError(_wanted(where, str(error))) from None
    if entry is None:
        raise ValueError(_wanted(where, f"{shape.type_name} is wanted."))
    return entry


def _int(shape: Shape, value: Any) -> Entry | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Entry(str(value)) if type(value) is int else None


def _float(shape: Shape, value: Any) -> Entry | None:
    if isinstance(value, str) and value in _ODD_FLOATS:
        return Entry(_ODD_FLOATS[value])
    if type(value) not in (int, float):
        return None
    try:
        return Entry(texts.float_text(value))
    except OverflowError:
        return None


def _bool(shape: Shape, value: Any) -> Entry | None:
    return Entry("true" if value else "false") if isinstance(value, bool) else None


def _none(shape: Shape, value: Any) -> Entry | None:
    return Entry() if value is None else None


def _str(shape: Shape, value: Any) -> Entry | None:
    return text_entry(value) if isinstance(value, str) else None


def _enum(shape: Shape, value: Any) -> Entry | None:
    if isinstance(value, str) and value not in shape.choices and not shape.is_plain:
        raise ValueError(f"One of {', '.join(shape.choices[:20])} is wanted.")
    return _str(shape, value)


def _datetime(shape: Shape, value: Any) -> Entry | None:
    if not isinstance(value, str):
        return None
    at = texts.read_moment(value, texts.NAIVE)
    text, zone = texts.moment_texts(at)
    return Entry(text, "UTC" if zone == texts.NAIVE and not shape.is_plain else zone)


def _parsed(read: Callable[[str], Any]) -> Callable[[Shape, Any], Entry | None]:
    def parse(shape: Shape, value: Any) -> Entry | None:
        if not isinstance(value, str):
            return None
        read(value)
        return Entry(value)

    return parse


def _duration(shape: Shape, value: Any) -> Entry | None:
    if type(value) in (int, float):
        value = f"{value:f}" if isinstance(value, float) else f"{value}"
    if not isinstance(value, str):
        return None
    texts.read_duration(value)
    return Entry(value)


def _bytes(shape: Shape, value: Any) -> Entry | None:
    if not isinstance(value, str):
        return None
    return Entry(*texts.bytes_texts(texts.read_bytes(value, "base64")))


def _address(shape: Shape, value: Any) -> Entry | None:
    if isinstance(value, str):
        return Entry(value, shape.format)
    if isinstance(value, dict) and set(value) <= {"uri", "path", "format"}:
        uri = value.get("uri", value.get("path"))
        return Entry(uri, str(value.get("format") or "")) if isinstance(uri, str) else None
    return None


def _pickle(shape: Shape, value: Any) -> Entry | None:
    if isinstance(value, dict) and len(value) == 1:
        (mode, text), *_ = value.items()
        if mode in _PICKLES and isinstance(text, str):
            return Entry(text, mode)
    raise ValueError('A pickle is {"python": "b\'…\'"}, {"uri": "…"} or {"base64": "…"}.')


def _any(shape: Shape, value: Any) -> Entry:
    if isinstance(value, dict) and set(value) == {"$python"} and isinstance(value["$python"], str):
        return Entry(value["$python"], "python")
    return Entry(texts.escaped_json(value, indent=2))


_LEAVES: dict[str, Callable[[Shape, Any], Entry | None]] = {
    "none": _none,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "str": _str,
    "enum": _enum,
    "datetime": _datetime,
    "date": _parsed(texts.read_date),
    "time": _parsed(texts.read_time),
    "duration": _duration,
    "bytes": _bytes,
    "file": _address,
    "dir": _address,
    "table": _address,
    "schema": _address,
    "pickle": _pickle,
}

"""Writes dataclasses, pydantic models, tuples and dicts as msgpack, checked by their JSON schema.

A launch refused here names the field; sent on unchecked, it would fail inside the task's pod.
"""

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID

import msgpack

from remote_client._values import references
from remote_client._values.complaints import mismatch
from remote_client._values.plain import MAX_DEPTH, from_struct
from remote_client._values.times import iso_duration
from remote_client._values.type_names import is_tuple, struct_title

_JSON_TYPES = {
    "object": "dict",
    "array": "list",
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
}


def to_msgpack(value: Any, literal_type: Any, where: str) -> bytes:
    """Encode `value` for a STRUCT type. Raises TypeError or ValueError naming the field."""
    schema = json_schema(literal_type)
    if is_tuple(literal_type):
        value = _tuple_fields(value, schema, where)
    elif not isinstance(_opened(value), dict):
        raise mismatch(where, struct_title(literal_type) or "dict", value)
    conformed = _Conformer(schema).conform(value, schema, where, 0)
    try:
        packed: bytes = msgpack.packb(conformed)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{where} cannot be encoded: {error}") from error
    return packed


def json_schema(literal_type: Any) -> dict[str, Any]:
    """The JSON schema of a dataclass or pydantic type; {} for an untyped dict."""
    schema = from_struct(literal_type.metadata)
    return schema if isinstance(schema, dict) else {}


def _tuple_fields(value: Any, schema: dict[str, Any], where: str) -> dict[str, Any]:
    length = len(_dict(schema.get("properties")))
    if not isinstance(value, (tuple, list)):
        raise mismatch(where, f"a tuple of {length}", value)
    if len(value) != length:
        raise ValueError(f"{where} takes a tuple of {length}, not of {len(value)}")
    return {f"item_{number}": member for number, member in enumerate(value)}


def _opened(value: Any) -> Any:
    """The fields of a dataclass, pydantic model or reference as a dict; else the value itself."""
    match value:
        case references.File() | references.Dir():
            name = value.uri.rstrip("/").rpartition("/")[2]
            return {"path": value.uri, "name": name, "format": value.format, "hash": None}
        case references.DataFrame():
            return {"uri": value.uri, "format": value.format}
        case Mapping():
            return dict(value)
        case tuple() if hasattr(value, "_asdict"):
            return value._asdict()
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        case _ if callable(dump := getattr(type(value), "model_dump", None)):
            return dump(value, by_alias=True)
        case _:
            return value


def _dict(part: Any) -> dict[str, Any]:
    """A part of a schema, which a task may have written wrongly."""
    return part if isinstance(part, dict) else {}


def _list(part: Any) -> list[Any]:
    return part if isinstance(part, list) else []


class _Conformer:
    """Walks a value along a JSON schema, converting what JSON cannot hold and checking the rest."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._definitions = _dict(schema.get("$defs")) or _dict(schema.get("definitions"))

    def conform(self, value: Any, schema: Any, where: str, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ValueError(f"{where} is nested deeper than {MAX_DEPTH} levels")
        schema = self._resolved(schema, where)
        if options := _list(schema.get("anyOf")) or _list(schema.get("oneOf")):
            return self._any_of(value, options, where, depth)
        if isinstance(value, enum.Enum):
            return value.value  # what every decoder takes; the SDK's schema may list the names
        _check_members(value, schema, where)
        match schema.get("type"):
            case "object":
                return self._object(value, schema, where, depth)
            case "array":
                return self._array(value, schema, where, depth)
            case str(kind):
                return _scalar(value, kind, schema.get("format", ""), where)
            case _:
                return self._untyped(value, where, depth)

    def _resolved(self, schema: Any, where: str) -> dict[str, Any]:
        """Follow `$ref`; a schema that is not an object says nothing."""
        for _ in range(MAX_DEPTH):
            if not isinstance(schema, dict) or "$ref" not in schema:
                return schema if isinstance(schema, dict) else {}
            schema = self._definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
        raise ValueError(f"{where} has a type that refers to itself without end")

    def _any_of(self, value: Any, options: list[Any], where: str, depth: int) -> Any:
        # An int fits "number" too: the options that name its own kind are tried first.
        options = sorted(options, key=lambda option: not self._is_natural(value, option, where))
        complaints: list[Exception] = []
        for option in options:
            try:
                return self.conform(value, option, where, depth + 1)
            except (TypeError, ValueError) as error:
                complaints.append(error)
        details = [error for error in complaints if isinstance(error, ValueError)]
        names = " | ".join(dict.fromkeys(self._name(option, where) for option in options))
        raise details[0] if len(details) == 1 else mismatch(where, names, value)

    def _is_natural(self, value: Any, option: Any, where: str) -> bool:
        return self._resolved(option, where).get("type") == _json_type(_opened(value))

    def _name(self, option: Any, where: str) -> str:
        schema = self._resolved(option, where)
        kind = str(schema.get("type", "any"))
        return (
            str(schema["title"])
            if kind == "object" and "title" in schema
            else _JSON_TYPES.get(kind, kind)
        )

    def _object(self, value: Any, schema: dict[str, Any], where: str, depth: int) -> dict[Any, Any]:
        fields = _opened(value)
        if not isinstance(fields, dict):
            raise mismatch(where, str(schema.get("title", "dict")), value)
        properties = _dict(schema.get("properties"))
        others = schema.get("additionalProperties", not properties)
        _check_fields(fields, properties, _list(schema.get("required")), bool(others), where)
        return {
            key: self.conform(member, properties.get(key, others), f"{where}.{key}", depth + 1)
            for key, member in fields.items()
        }

    def _array(self, value: Any, schema: dict[str, Any], where: str, depth: int) -> list[Any]:
        if isinstance(value, (set, frozenset)) and schema.get("uniqueItems"):
            value = list(value)
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
            raise mismatch(where, "list", value)
        first = _list(schema.get("prefixItems"))
        kinds = [*first, *([schema.get("items")] * max(0, len(value) - len(first)))]
        return [
            self.conform(member, kind, f"{where}[{number}]", depth + 1)
            for number, (member, kind) in enumerate(zip(value, kinds, strict=False))
        ]

    def _untyped(self, value: Any, where: str, depth: int) -> Any:
        """Any: containers are walked, and only what msgpack holds is let through."""
        value = _opened(value)
        match value:
            case dict():
                return {
                    key: self.conform(member, {}, f"{where}[{key!r}]", depth + 1)
                    for key, member in value.items()
                }
            case list() | tuple():
                return [
                    self.conform(member, {}, f"{where}[{number}]", depth + 1)
                    for number, member in enumerate(value)
                ]
            case None | bool() | int() | float() | str() | bytes():
                return value
            case _:
                raise mismatch(where, "plain data (dict, list, str, numbers, bytes, None)", value)


def _json_type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float() | timedelta():
            return "number"
        case dict():
            return "object"
        case list() | tuple() | set() | frozenset():
            return "array"
        case _:
            return "string"


def _check_members(value: Any, schema: dict[str, Any], where: str) -> None:
    # The schema of a titled enum (pydantic's) lists names where values are taken too.
    listed = [] if "title" in schema else _list(schema.get("enum"))
    members = [schema["const"]] if "const" in schema else listed
    if members and value not in members:
        raise ValueError(
            f"{where} takes one of {', '.join(map(repr, members[:20]))}, not {value!r}"
        )


def _check_fields(
    fields: dict[Any, Any], properties: Any, required: Any, others: bool, where: str
) -> None:
    if missing := [name for name in required if name not in fields]:
        raise ValueError(f"{where} lacks the field {', '.join(map(repr, missing))}")
    unknown = [name for name in fields if name not in properties]
    if unknown and not others:
        raise ValueError(f"{where} has no field {', '.join(map(repr, unknown[:5]))}")


def _scalar(value: Any, kind: str, stated: str, where: str) -> Any:
    match kind, value:
        case "null", None:
            return None
        case "boolean", bool():
            return value
        case (("integer" | "number"), bool()):
            raise mismatch(where, _JSON_TYPES[kind], value)
        case "integer", int():
            return value
        case "number", int() | float():
            return float(value)
        case "number", timedelta():
            return value.total_seconds()
        case "string", str() | UUID() | PurePath() | date() | time() | timedelta() | bytes():
            return _string(value, stated, where)
        case _:
            raise mismatch(where, _JSON_TYPES.get(kind, kind), value)


def _string(value: Any, stated: str, where: str) -> str | bytes:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return iso_duration(value)
        case bytes() if stated not in ("binary", "base64", ""):
            raise mismatch(where, "str", value)
        case bytes():
            return value
        case _:
            return str(value)

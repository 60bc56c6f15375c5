"""What a form has to ask for: a Flyte type as a tree of plain Python objects.

A `Shape` says what kind of value is wanted and of which parts it is made. It hides that Flyte
describes the same thing in two languages: its own types outside of dataclasses, JSON schema inside.
Parts are worked out when they are asked for, because a dataclass may contain itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flyteidl2.core import types_pb2

from remote_client._values.plain import MAX_EXACT_DOUBLE, from_struct
from remote_client._values.type_names import is_pickled, is_tuple, of_type, struct_title

_SIMPLE = {
    types_pb2.NONE: "none",
    types_pb2.INTEGER: "int",
    types_pb2.FLOAT: "float",
    types_pb2.STRING: "str",
    types_pb2.BOOLEAN: "bool",
    types_pb2.DATETIME: "datetime",
    types_pb2.DURATION: "duration",
    types_pb2.BINARY: "bytes",
    types_pb2.ERROR: "error",
}
_JSON = {
    "null": "none",
    "integer": "int",
    "number": "float",
    "string": "str",
    "boolean": "bool",
    "array": "list",
    "object": "map",
}
_FORMATS = {
    "date-time": "datetime",
    "date": "date",
    "time": "time",
    "duration": "duration",
    "time-delta": "duration",
    "binary": "bytes",
    "base64": "bytes",
}
_NAMES = {
    "none": "None",
    "duration": "timedelta",
    "json": "any",
    "file": "File",
    "dir": "Dir",
    "table": "DataFrame",
}
_TUPLE_ITEM = "item_"
# A dataclass that has one of the SDK's own classes as a field says so by the title of its schema.
_REFERENCES = {"File": "file", "Dir": "dir", "DataFrame": "table"}


@dataclass(frozen=True)
class Part:
    """A field of an object, an item of a tuple, a variant of a union, or what a container holds."""

    name: str
    shape: Shape
    required: bool = True
    description: str = ""
    default: Any = None
    has_default: bool = False


@dataclass(frozen=True)
class Shape:
    """A type of value.

    `kind` is one of none, int, float, str, bool, datetime, date, time, duration, bytes, enum, list,
    map, tuple, object, union, json (any plain data), file, dir, table, schema, pickle, error and
    unknown. `is_plain` tells that the value travels inside a dataclass, as plain data.
    """

    kind: str
    type_name: str
    is_plain: bool = False
    choices: tuple[str, ...] = ()
    format: str = ""
    limits: tuple[tuple[str, Any], ...] = ()
    """JSON schema's minimum, maximum and so on, as (keyword, value)."""
    literal_type: Any = field(default=None, repr=False, compare=False)
    _grow: Callable[[], tuple[Part, ...]] = field(default=tuple, repr=False, compare=False)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """One for a list or a map, several for an object, a tuple or a union; none for a leaf."""
        return self._grow()

    @property
    def is_container(self) -> bool:
        """True when the value is made of other values."""
        return self.kind in ("list", "map", "tuple", "object", "union")


def shape_of(literal_type: Any) -> Shape:
    """The shape of a declared `LiteralType`."""
    name = of_type(literal_type)
    kind = literal_type.WhichOneof("type")
    if kind == "simple" and literal_type.simple == types_pb2.STRUCT:
        return _of_struct(literal_type, name)
    if kind == "simple":
        return _leaf(_SIMPLE.get(literal_type.simple, "unknown"), name, literal_type)
    if kind == "union_type":
        return _of_union(literal_type, name)
    if kind == "enum_type":
        choices = tuple(literal_type.enum_type.values)
        return Shape("enum", name, choices=choices, literal_type=literal_type)
    return _of_container(literal_type, kind, name)


def _of_container(literal_type: Any, kind: str | None, name: str) -> Shape:
    match kind:
        case "collection_type":
            return _holder("list", name, literal_type, literal_type.collection_type)
        case "map_value_type":
            return _holder("map", name, literal_type, literal_type.map_value_type)
        case "blob":
            multipart = literal_type.blob.dimensionality == types_pb2.BlobType.MULTIPART
            stated = literal_type.blob.format
            own = "pickle" if stated == "PythonPickle" else "dir" if multipart else "file"
            return Shape(own, name, format=stated, literal_type=literal_type)
        case "structured_dataset_type":
            stated = literal_type.structured_dataset_type.format
            return Shape("table", name, format=stated, literal_type=literal_type)
        case "schema":
            return _leaf("schema", name, literal_type)
        case _:
            return _leaf("unknown", name, literal_type)


def _leaf(kind: str, name: str, literal_type: Any) -> Shape:
    return Shape(kind, name, literal_type=literal_type)


def _holder(kind: str, name: str, literal_type: Any, member: Any) -> Shape:
    return Shape(
        kind, name, literal_type=literal_type, _grow=lambda: (Part("item", shape_of(member)),)
    )


def _of_union(literal_type: Any, name: str) -> Shape:
    if is_pickled(literal_type):
        return _leaf("pickle", name, literal_type)

    def variants() -> tuple[Part, ...]:
        shapes = [shape_of(variant) for variant in literal_type.union_type.variants]
        return tuple(Part(shape.type_name, shape) for shape in shapes)

    return Shape("union", name, literal_type=literal_type, _grow=variants)


# --- inside dataclasses ---------------------------------------------------------------------------


def _of_struct(literal_type: Any, name: str) -> Shape:
    schema = from_struct(literal_type.metadata)
    if not isinstance(schema, dict) or not schema:
        return Shape("json", name, literal_type=literal_type)
    definitions = _dict(schema.get("$defs")) or _dict(schema.get("definitions"))
    inner = _Schemas(definitions).shape(schema)
    kind = "tuple" if is_tuple(literal_type) and inner.kind == "object" else inner.kind
    title = struct_title(literal_type) or inner.type_name
    return Shape(
        kind if kind in ("object", "tuple", "map") else "json",
        "tuple" if kind == "tuple" else title,
        literal_type=literal_type,
        _grow=lambda: inner.parts,
    )


def _dict(part: Any) -> dict[str, Any]:
    return part if isinstance(part, dict) else {}


def _list(part: Any) -> list[Any]:
    return part if isinstance(part, list) else []


class _Schemas:
    """Reads JSON schemas that share definitions. Malformed ones give "json": anything goes."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions

    def shape(self, schema: Any) -> Shape:
        schema = self._resolved(schema)
        options = _list(schema.get("anyOf")) or _list(schema.get("oneOf"))
        if options:
            return self._union(options)
        if members := _list(schema.get("enum")) or ([schema["const"]] if "const" in schema else []):
            return self._enum(members, schema)
        kind = _JSON.get(str(schema.get("type", "")), "json")
        if kind in ("list", "map"):
            return self._container(kind, schema)
        stated = str(schema.get("format", ""))
        if kind == "str" or (kind == "float" and stated == "time-delta"):
            kind = _FORMATS.get(stated, kind)
        return Shape(kind, _name(kind), is_plain=True, format=stated, limits=_limits(schema))

    def _resolved(self, schema: Any) -> dict[str, Any]:
        for _ in range(20):
            if not isinstance(schema, dict) or "$ref" not in schema:
                return _dict(schema)
            schema = self._definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
        return {}

    def _union(self, options: list[Any]) -> Shape:
        names = dict.fromkeys(self.shape(option).type_name for option in options[:8])

        def variants() -> tuple[Part, ...]:
            shapes = [self.shape(option) for option in options]
            return tuple(Part(shape.type_name, shape) for shape in shapes)

        return Shape("union", " | ".join(names), is_plain=True, _grow=variants)

    def _enum(self, members: list[Any], schema: dict[str, Any]) -> Shape:
        if not all(isinstance(member, str) for member in members):
            return Shape("json", "any", is_plain=True)
        name = str(schema.get("title", "")) or f"enum({', '.join(members[:8])})"
        return Shape("enum", name, is_plain=True, choices=tuple(members))

    def _container(self, kind: str, schema: dict[str, Any]) -> Shape:
        properties = _dict(schema.get("properties"))
        if (
            kind == "map"
            and str(schema.get("title", "")) in _REFERENCES
            and ("path" in properties or "uri" in properties)
        ):
            own = _REFERENCES[str(schema["title"])]
            return Shape(own, _name(own), is_plain=True)
        if kind == "map" and properties:
            name = str(schema.get("title", "")) or "object"
            name = name.removeprefix("NamedTupleWrapper_").removeprefix("TypedDictWrapper_")
            return Shape("object", name, is_plain=True, _grow=lambda: self._fields(schema))
        if first := _list(schema.get("prefixItems")):
            return Shape("tuple", "tuple", is_plain=True, _grow=lambda: self._items(first))
        inner = schema.get("items" if kind == "list" else "additionalProperties")
        if kind == "map" and not isinstance(inner, dict):
            return Shape("json", "dict", is_plain=True)
        member = self.shape(inner)
        name = f"list[{member.type_name}]" if kind == "list" else f"dict[str, {member.type_name}]"
        return Shape(kind, name, is_plain=True, _grow=lambda: (Part("item", member),))

    def _items(self, schemas: list[Any]) -> tuple[Part, ...]:
        return tuple(Part(str(number), self.shape(each)) for number, each in enumerate(schemas))

    def _fields(self, schema: dict[str, Any]) -> tuple[Part, ...]:
        properties = _dict(schema.get("properties"))
        required = [str(name) for name in _list(schema.get("required"))]
        # A protobuf map keeps no order; the list of required fields does.
        order = [name for name in required if name in properties]
        order += sorted((name for name in properties if name not in order), key=_by_number)
        return tuple(self._field(name, properties[name], name in required) for name in order)

    def _field(self, name: str, schema: Any, required: bool) -> Part:
        shape = self.shape(schema)
        outer = _dict(schema)
        stated = {**self._resolved(schema), **outer}
        has_default = "default" in outer and not _is_inexact(outer["default"])
        return Part(
            name,
            shape,
            required=required,
            description=str(stated.get("description", "")),
            default=_fitting(outer.get("default"), shape) if has_default else None,
            has_default=has_default,
        )


def _by_number(name: str) -> tuple[int, str]:
    """`item_2` before `item_10`."""
    tail = name.removeprefix(_TUPLE_ITEM)
    return (int(tail), "") if name.startswith(_TUPLE_ITEM) and tail.isdecimal() else (0, name)


def _is_inexact(default: Any) -> bool:
    """A number that lost digits on its way through a protobuf Struct, whose numbers are doubles."""
    match default:
        case bool():
            return False
        case int() | float():
            return abs(default) > MAX_EXACT_DOUBLE
        case list():
            return any(_is_inexact(each) for each in default)
        case dict():
            return any(_is_inexact(each) for each in default.values())
        case _:
            return False


def _fitting(default: Any, shape: Shape) -> Any:
    """Numbers of a protobuf Struct have no kind of their own: 3.0 may stand for 3, and back."""
    if shape.kind == "float" and isinstance(default, int) and not isinstance(default, bool):
        return float(default)
    return default


def _limits(schema: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    known = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength")
    return tuple((key, schema[key]) for key in known if isinstance(schema.get(key), int | float))


def _name(kind: str) -> str:
    return _NAMES.get(kind, kind)

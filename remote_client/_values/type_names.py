"""Names of Flyte types in Python's words: `list[int]`, `str | None`, `File[csv]`, `DataFrame`."""

import re
from collections.abc import Iterable
from typing import Any

from flyteidl2.core import literals_pb2, types_pb2

from remote_client._values.plain import MAX_DEPTH
from remote_client._values.signs import visible

_SIMPLE = {
    types_pb2.NONE: "None",
    types_pb2.INTEGER: "int",
    types_pb2.FLOAT: "float",
    types_pb2.STRING: "str",
    types_pb2.BOOLEAN: "bool",
    types_pb2.DATETIME: "datetime",
    types_pb2.DURATION: "timedelta",
    types_pb2.BINARY: "bytes",
    types_pb2.ERROR: "Error",
    types_pb2.STRUCT: "dict",
}
_SCHEMA_COLUMNS = ("int", "float", "str", "bool", "datetime", "timedelta")
_PRIMITIVES = {
    "integer": "int",
    "float_value": "float",
    "string_value": "str",
    "boolean": "bool",
    "datetime": "datetime",
    "duration": "timedelta",
}
# The SDK names its fallback union's pickled class like this: "<class 'set'>".
_CLASS_REPR = re.compile(r"^<class '(?:.*\.)?(\w+)'>$")
# How many members of an enum, a union or a table are named before "…".
_MAX_NAMED = 8
# Types come from task code: a title can be any length.
_MAX_NAME = 80
_PICKLE_TAG = "FlytePickle"


def type_name(of: Any) -> str:
    """Name a `LiteralType`, or guess the name from a `Literal`; unknown types say so."""
    if isinstance(of, literals_pb2.Literal):
        return _of_literal(of, 0)
    return of_type(of)


def of_type(literal_type: Any, depth: int = 0) -> str:
    """Name a declared `LiteralType`; "unknown" when it states nothing."""
    if depth > MAX_DEPTH:
        return "…"
    match literal_type.WhichOneof("type"):
        case "simple":
            return _of_simple(literal_type)
        case "collection_type":
            return f"list[{of_type(literal_type.collection_type, depth + 1)}]"
        case "map_value_type":
            return f"dict[str, {of_type(literal_type.map_value_type, depth + 1)}]"
        case "union_type":
            return _of_union(literal_type, depth)
        case "enum_type":
            return f"enum({_named(literal_type.enum_type.values)})"
        case "blob":
            return of_blob(literal_type.blob)
        case "structured_dataset_type":
            return _of_table("DataFrame", dataset_columns(literal_type.structured_dataset_type))
        case "schema":
            return _of_table("Schema", schema_columns(literal_type.schema))
        case _:
            return "unknown"


def of_blob(blob_type: Any) -> str:
    """Name a `BlobType`: `File`, `File[csv]`, `Dir`, or `pickle`."""
    if blob_type.format == "PythonPickle":
        return "pickle"
    multipart = blob_type.dimensionality == types_pb2.BlobType.MULTIPART
    name = "Dir" if multipart else "File"
    return f"{name}[{_short(blob_type.format)}]" if blob_type.format else name


def dataset_columns(dataset_type: Any) -> tuple[tuple[str, str], ...]:
    """Columns of a `StructuredDatasetType` as (name, type name) pairs."""
    return tuple((column.name, of_type(column.literal_type)) for column in dataset_type.columns)


def schema_columns(schema_type: Any) -> tuple[tuple[str, str], ...]:
    """Columns of a `SchemaType` as (name, type name) pairs."""
    return tuple((column.name, _schema_column(column.type)) for column in schema_type.columns)


def _schema_column(number: int) -> str:
    known = 0 <= number < len(_SCHEMA_COLUMNS)
    return _SCHEMA_COLUMNS[number] if known else f"type {number}"


def struct_title(literal_type: Any) -> str:
    """The class name of a dataclass or pydantic type, from its JSON schema, or ""."""
    title = literal_type.metadata.fields.get("title")
    name = title.string_value if title is not None else ""
    return name.removeprefix("NamedTupleWrapper_").removeprefix("TypedDictWrapper_")


def is_tuple(literal_type: Any) -> bool:
    """True for the wrapper model in which the SDK carries a Python tuple."""
    return struct_title(literal_type).startswith("TupleWrapper_")


def is_pickled(literal_type: Any) -> bool:
    """True for a union by which the SDK carries a type that it cannot encode but by pickling."""
    return any(of.structure.tag == _PICKLE_TAG for of in literal_type.union_type.variants)


def _of_simple(literal_type: Any) -> str:
    if literal_type.simple == types_pb2.STRUCT:
        if is_tuple(literal_type):
            return "tuple"
        return _short(struct_title(literal_type)) or "dict"
    return _SIMPLE.get(literal_type.simple, f"unknown simple type {literal_type.simple}")


def _of_union(literal_type: Any, depth: int) -> str:
    if is_pickled(literal_type):
        return _pickled_class(literal_type)
    variants = literal_type.union_type.variants
    names = dict.fromkeys(of_type(variant, depth + 1) for variant in variants[:_MAX_NAMED])
    more = ["…"] if len(variants) > _MAX_NAMED else []
    return " | ".join([*names, *more]) or "unknown"


def _pickled_class(literal_type: Any) -> str:
    name = literal_type.metadata.fields.get("python_class_name")
    if name is None:
        return "pickle"
    match = _CLASS_REPR.match(name.string_value)
    return _short(match.group(1) if match else name.string_value.removeprefix("typing."))


def _of_table(name: str, columns: tuple[tuple[str, str], ...]) -> str:
    return f"{name}[{_named(f'{column}: {kind}' for column, kind in columns)}]" if columns else name


def _of_literal(literal: Any, depth: int) -> str:
    if depth > MAX_DEPTH:
        return "…"
    match literal.WhichOneof("value"):
        case "scalar":
            return _of_scalar(literal.scalar, depth)
        case "collection":
            return f"list{_of_members(literal.collection.literals, '', depth)}"
        case "map":
            return f"dict{_of_members(literal.map.literals.values(), 'str, ', depth)}"
        case "offloaded_metadata":
            return of_type(literal.offloaded_metadata.inferred_type)
        case _:
            return "unknown"


def _of_members(members: Iterable[Any], prefix: str, depth: int) -> str:
    """`[int]` when the first few members agree, nothing otherwise."""
    few = [member for member, _ in zip(members, range(_MAX_NAMED), strict=False)]
    names = {_of_literal(member, depth + 1) for member in few}
    return f"[{prefix}{names.pop()}]" if len(names) == 1 else ""


def _of_scalar(scalar: Any, depth: int) -> str:
    match scalar.WhichOneof("value"):
        case "primitive":
            return _PRIMITIVES.get(scalar.primitive.WhichOneof("value"), "unknown")
        case "none_type":
            return "None"
        case "blob":
            return of_blob(scalar.blob.metadata.type)
        case "binary":
            return "dict" if scalar.binary.tag == "msgpack" else "bytes"
        case "generic":
            return "dict"
        case "structured_dataset":
            dataset_type = scalar.structured_dataset.metadata.structured_dataset_type
            return _of_table("DataFrame", dataset_columns(dataset_type))
        case "schema":
            return _of_table("Schema", schema_columns(scalar.schema.type))
        case "error":
            return "Error"
        case "union":
            inner = of_type(scalar.union.type)
            return _of_literal(scalar.union.value, depth + 1) if inner == "unknown" else inner
        case _:
            return "unknown"


def _named(names: Iterable[str]) -> str:
    """The first few names, joined, and "…" when there are more."""
    few = [_short(name) for name, _ in zip(names, range(_MAX_NAMED + 1), strict=False)]
    more = ["…"] if len(few) > _MAX_NAMED else []
    return ", ".join([*few[:_MAX_NAMED], *more])


def _short(name: str) -> str:
    clipped = name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…"
    return visible(clipped, keep="")

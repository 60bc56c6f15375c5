"""Turns Flyte literals into Python values; whatever it meets, it gives a value and never raises."""

from typing import Any

from flyteidl2.core import types_pb2
from google.protobuf import unknown_fields

from remote_client._values import references, times
from remote_client._values.plain import MAX_DEPTH, from_msgpack, from_struct
from remote_client._values.references import Unreadable
from remote_client._values.type_names import (
    dataset_columns,
    is_tuple,
    of_type,
    schema_columns,
)

_ITEM = "item_"


def to_python(literal: Any, literal_type: Any = None) -> Any:
    """The Python value of a `Literal`.

    Integers stay exact, datetimes are aware and in UTC, an enum gives its member's name, a
    dataclass or pydantic model gives a dict, File, Dir, DataFrame and Schema give the references
    of this package. What cannot be read gives `Unreadable` or `Opaque` in its place.
    `literal_type` (a `LiteralType`) adds what the literal alone does not say; it may be left out.
    """
    return _value(literal, literal_type, 0)


def _value(literal: Any, literal_type: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return Unreadable(f"nested deeper than {MAX_DEPTH} levels")
    match literal.WhichOneof("value"):
        case "scalar":
            return _scalar(literal.scalar, literal_type, depth)
        case "collection":
            of = member_type(literal_type, "collection_type")
            return [_value(item, of, depth + 1) for item in literal.collection.literals]
        case "map":
            of = member_type(literal_type, "map_value_type")
            entries = literal.map.literals
            return {key: _value(entries[key], of, depth + 1) for key in sorted(entries)}
        case "offloaded_metadata":
            return offloaded(literal.offloaded_metadata)
        case _:
            return Unreadable(unset(literal, "a literal"))


def _scalar(scalar: Any, literal_type: Any, depth: int) -> Any:
    if scalar.WhichOneof("value") == "union":
        inner = union_type(scalar.union)
        return _value(scalar.union.value, inner, depth + 1)
    return scalar_to_python(scalar, literal_type)


def member_type(literal_type: Any, field: str) -> Any:
    """The declared type of a container's members; None when another kind is declared."""
    if literal_type is None or literal_type.WhichOneof("type") != field:
        return None
    return getattr(literal_type, field)


def union_type(union: Any) -> Any:
    """The variant which a union's value states, or None."""
    return union.type if union.type.WhichOneof("type") else None


def scalar_to_python(scalar: Any, literal_type: Any = None) -> Any:
    """The value of any scalar but a union."""
    match scalar.WhichOneof("value"):
        case "primitive":
            return _primitive(scalar.primitive)
        case "none_type":
            return None
        case "blob":
            return _blob(scalar.blob)
        case "binary":
            return _binary(scalar.binary, literal_type)
        case "generic":
            return _wrapped_tuple(from_struct(scalar.generic), literal_type)
        case "structured_dataset":
            return _dataset(scalar.structured_dataset)
        case "schema":
            return references.Schema(scalar.schema.uri, schema_columns(scalar.schema.type))
        case "error":
            return references.ErrorValue(scalar.error.message, scalar.error.failed_node_id)
        case _:
            return Unreadable(unset(scalar, "a scalar"))


def _primitive(primitive: Any) -> Any:
    match primitive.WhichOneof("value"):
        case "datetime":
            return times.moment(primitive.datetime)
        case "duration":
            return times.duration(primitive.duration)
        case None:
            return Unreadable(unset(primitive, "a primitive"))
        case field:
            return getattr(primitive, field)


def _blob(blob: Any) -> references.File | references.Dir:
    kind = blob.metadata.type
    multipart = kind.dimensionality == types_pb2.BlobType.MULTIPART
    reference = references.Dir if multipart else references.File
    return reference(blob.uri, kind.format)


def _binary(binary: Any, literal_type: Any) -> Any:
    if binary.tag == "msgpack":
        return _wrapped_tuple(from_msgpack(binary.value), literal_type)
    return references.Opaque(binary.value, binary.tag)


def _wrapped_tuple(value: Any, literal_type: Any) -> Any:
    """Undo the SDK's model with fields item_0, item_1 and so on, in which it carries a tuple."""
    if literal_type is None or not isinstance(value, dict) or not is_tuple(literal_type):
        return value
    names = [f"{_ITEM}{number}" for number in range(len(value))]
    return tuple(value[name] for name in names) if set(names) == set(value) else value


def _dataset(dataset: Any) -> references.DataFrame:
    kind = dataset.metadata.structured_dataset_type
    return references.DataFrame(dataset.uri, kind.format, dataset_columns(kind))


def offloaded(metadata: Any) -> references.Offloaded:
    """Where a value that the platform moved out of the message lies."""
    kind = metadata.inferred_type
    name = of_type(kind) if kind.WhichOneof("type") else ""
    return references.Offloaded(metadata.uri, metadata.size_bytes, name)


def unset(message: Any, what: str) -> str:
    """Say why a oneof holds nothing: left empty, or a kind that is newer than this client."""
    numbers = sorted({field.field_number for field in unknown_fields.UnknownFieldSet(message)})
    if not numbers:
        return f"{what} without a value"
    listed = ", ".join(str(number) for number in numbers[:5])
    return f"{what} of a kind that this version does not know (field {listed})"

"""Turns Python values into Flyte literals of a declared type, for launching.

TypeError says that a value is of the wrong kind, ValueError that it is of the right kind but cannot
be taken (out of range, not a member, a field missing); both name the input.
"""

import enum
import numbers
import operator
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flyteidl2.core import literals_pb2, types_pb2
from google.protobuf.message import DecodeError

from remote_client._values import references, times
from remote_client._values.chosen import Chosen
from remote_client._values.complaints import mismatch, type_mismatch
from remote_client._values.structs import to_msgpack
from remote_client._values.type_names import is_pickled, of_type, struct_title

_INT64 = range(-(2**63), 2**63)
# The Python type that belongs to a simple type before any widening (an int also fits FLOAT).
_NATURAL: dict[int, type] = {
    types_pb2.NONE: type(None),
    types_pb2.INTEGER: int,
    types_pb2.FLOAT: float,
    types_pb2.STRING: str,
    types_pb2.BOOLEAN: bool,
    types_pb2.DATETIME: datetime,
    types_pb2.DURATION: timedelta,
    types_pb2.BINARY: bytes,
}


def from_python(value: Any, literal_type: Any, name: str = "value") -> Any:
    """The `Literal` of `value` in the declared `literal_type`; `name` is the input's, for errors.

    Accepts what `to_python` and `chosen_value` give, a `Literal`, dataclass and pydantic instances,
    enum members, `date`, and an address (str or path) for File, Dir, DataFrame and Schema. A naive
    datetime is taken as UTC.
    Raises TypeError or ValueError naming the input.
    """
    where = f"input {name!r}"
    try:
        return _encode(value, literal_type, where)
    except DecodeError as error:  # protobuf builds no message that it could not read again
        raise ValueError(f"{where} is nested too deep to be sent") from error


def _encode(value: Any, literal_type: Any, where: str) -> Any:
    if isinstance(value, literals_pb2.Literal):
        return value  # taken from an earlier run: nothing of it may be lost
    if isinstance(value, references.Unreadable):
        raise TypeError(f"{where} could not be read and cannot be sent on: {value.reason}")
    match literal_type.WhichOneof("type"):
        case "simple":
            return literals_pb2.Literal(scalar=_simple(value, literal_type, where))
        case "collection_type":
            return _collection(value, literal_type, where)
        case "map_value_type":
            return _map(value, literal_type, where)
        case "union_type" if is_pickled(literal_type):
            return literals_pb2.Literal(scalar=_pickled(value, literal_type, where))
        case "union_type":
            return _union(value, literal_type, where)
        case "enum_type":
            return _primitive_literal(string_value=_member(value, literal_type, where))
        case "blob":
            return literals_pb2.Literal(scalar=_blob(value, literal_type, where))
        case "structured_dataset_type":
            return literals_pb2.Literal(scalar=_dataset(value, literal_type, where))
        case "schema":
            return literals_pb2.Literal(scalar=_schema(value, literal_type, where))
        case _:
            raise TypeError(f"{where} has a type that this version does not know")


def _primitive_literal(**field: Any) -> Any:
    return literals_pb2.Literal(scalar=_primitive(**field))


def _primitive(**field: Any) -> Any:
    return literals_pb2.Scalar(primitive=literals_pb2.Primitive(**field))


def _simple(value: Any, literal_type: Any, where: str) -> Any:
    match literal_type.simple:
        case types_pb2.NONE if value is None:
            return literals_pb2.Scalar(none_type=literals_pb2.Void())
        case types_pb2.INTEGER:
            return _primitive(integer=_integer(value, where))
        case types_pb2.FLOAT:
            return _primitive(float_value=_float(value, where))
        case types_pb2.STRING if isinstance(value, str):
            return _primitive(string_value=text(value, where))
        case types_pb2.BOOLEAN if isinstance(value, bool):
            return _primitive(boolean=value)
        case types_pb2.DATETIME if isinstance(value, date):
            return _primitive(datetime=_timestamp(value))
        case types_pb2.DURATION if isinstance(value, timedelta):
            seconds, nanos = times.to_seconds_nanos(value)
            return _primitive(duration={"seconds": seconds, "nanos": nanos})
        case types_pb2.BINARY if isinstance(value, (bytes, bytearray, references.Opaque)):
            return _binary(value)
        case types_pb2.ERROR if isinstance(value, references.ErrorValue):
            return literals_pb2.Scalar(
                error=types_pb2.Error(message=value.message, failed_node_id=value.failed_node)
            )
        case types_pb2.STRUCT:
            binary = literals_pb2.Binary(
                value=to_msgpack(value, literal_type, where), tag="msgpack"
            )
            return literals_pb2.Scalar(binary=binary)
        case _:
            raise type_mismatch(where, literal_type, value)


def _integer(value: Any, where: str) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise mismatch(where, "int", value)
    number = operator.index(value)
    if number not in _INT64:
        raise ValueError(f"{where} takes a 64-bit int, and {number:,} is outside its range")
    return number


def _float(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise mismatch(where, "float", value)
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"{where} takes float, and the number is too large for it") from error


def text(value: str, where: str) -> str:
    """The same string; ValueError for a lone surrogate, which cannot be sent."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{where} holds a sign which is not valid Unicode") from error
    return value


def _timestamp(value: date) -> dict[str, int]:
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    at = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    seconds, nanos = times.since_epoch(at)
    return {"seconds": seconds, "nanos": nanos}


def _binary(value: Any) -> Any:
    if isinstance(value, references.Opaque):
        return literals_pb2.Scalar(binary={"value": value.data, "tag": value.tag})
    return literals_pb2.Scalar(binary={"value": bytes(value)})


def _collection(value: Any, literal_type: Any, where: str) -> Any:
    if isinstance(value, (str, bytes, bytearray)) or not isinstance(value, Sequence):
        raise type_mismatch(where, literal_type, value)
    of = literal_type.collection_type
    members = [_encode(item, of, f"{where}[{number}]") for number, item in enumerate(value)]
    return literals_pb2.Literal(collection=literals_pb2.LiteralCollection(literals=members))


def _map(value: Any, literal_type: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise type_mismatch(where, literal_type, value)
    of = literal_type.map_value_type
    entries = {}
    for key, member in value.items():
        if not isinstance(key, str):
            raise mismatch(f"a key of {where}", "str", key)
        entries[text(key, where)] = _encode(member, of, f"{where}[{key!r}]")
    return literals_pb2.Literal(map=literals_pb2.LiteralMap(literals=entries))


def _union(value: Any, literal_type: Any, where: str) -> Any:
    """The first variant that takes the value; those of its own type come before wider ones."""
    if isinstance(value, Chosen):
        return _chosen(value, literal_type, where)
    variants = sorted(literal_type.union_type.variants, key=lambda of: not _is_natural(value, of))
    complaints = []
    for variant in variants:
        try:
            inner = _encode(value, variant, where)
        except (TypeError, ValueError) as error:
            complaints.append(error)
        else:
            return literals_pb2.Literal(scalar={"union": {"value": inner, "type": variant}})
    # A value of the right kind that fails in detail deserves the detail (a missing field, a range).
    details = [error for error in complaints if isinstance(error, ValueError)]
    raise details[0] if len(details) == 1 else type_mismatch(where, literal_type, value)


def _chosen(chosen: Chosen, literal_type: Any, where: str) -> Any:
    variants = literal_type.union_type.variants
    if not 0 <= chosen.variant < len(variants):
        raise ValueError(f"{where} has no variant {chosen.variant}")
    variant = variants[chosen.variant]
    inner = _encode(chosen.value, variant, where)
    return literals_pb2.Literal(scalar={"union": {"value": inner, "type": variant}})


def _is_natural(value: Any, literal_type: Any) -> bool:
    match literal_type.WhichOneof("type"):
        case "simple" if literal_type.simple == types_pb2.STRUCT:
            return type(value).__name__ == struct_title(literal_type) or isinstance(value, Mapping)
        case "simple":
            return type(value) is _NATURAL.get(literal_type.simple)
        case "enum_type":
            return isinstance(value, enum.Enum) or (
                isinstance(value, str) and value in literal_type.enum_type.values
            )
        case "collection_type":
            return isinstance(value, list)
        case _:
            return not isinstance(value, str)


def _member(value: Any, literal_type: Any, where: str) -> str:
    """An enum travels by its member's name; a string may also be given."""
    members = list(literal_type.enum_type.values)
    candidates = [value.name, value.value] if isinstance(value, enum.Enum) else [value]
    if not isinstance(candidates[0], str):
        raise type_mismatch(where, literal_type, value)
    for candidate in candidates:
        if candidate in members:
            return str(candidate)
    listed = ", ".join(members[:20]) + (", …" if len(members) > 20 else "")
    raise ValueError(f"{where} takes one of {listed}, not {candidates[0]!r}")


def _address(value: Any, attribute: str) -> str | None:
    """The address that a string, a path or another library's reference holds."""
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    address = getattr(value, attribute, None)
    return address if isinstance(address, str) else None


def _blob(value: Any, literal_type: Any, where: str) -> Any:
    declared = literal_type.blob
    multipart = declared.dimensionality == types_pb2.BlobType.MULTIPART
    wrong = references.File if multipart else references.Dir
    is_ours = isinstance(value, (references.File, references.Dir))
    uri = value.uri if is_ours else _address(value, "path")
    if uri is None or isinstance(value, wrong):
        raise type_mismatch(where, literal_type, value)
    stated = getattr(value, "format", "")
    kind = types_pb2.BlobType(
        format=stated if isinstance(stated, str) and stated else declared.format,
        dimensionality=declared.dimensionality,
    )
    return literals_pb2.Scalar(blob={"uri": text(uri, where), "metadata": {"type": kind}})


def _dataset(value: Any, literal_type: Any, where: str) -> Any:
    uri = _address(value, "uri")
    if uri is None or isinstance(value, (references.File, references.Dir, references.Schema)):
        raise type_mismatch(where, literal_type, value)
    kind = types_pb2.StructuredDatasetType()
    kind.CopyFrom(literal_type.structured_dataset_type)
    stated = getattr(value, "format", "")
    if isinstance(stated, str) and stated:
        kind.format = stated
    metadata = {"structured_dataset_type": kind}
    return literals_pb2.Scalar(structured_dataset={"uri": text(uri, where), "metadata": metadata})


def _schema(value: Any, literal_type: Any, where: str) -> Any:
    uri = _address(value, "uri")
    if uri is None:
        raise type_mismatch(where, literal_type, value)
    return literals_pb2.Scalar(schema={"uri": text(uri, where), "type": literal_type.schema})


def _pickled(value: Any, literal_type: Any, where: str) -> Any:
    """A type that the SDK pickles is passed on unopened; a new pickle needs the task's own code."""
    if isinstance(value, references.Opaque):
        return _binary(value)
    if isinstance(value, references.File):
        kind = types_pb2.BlobType(format=value.format or "PythonPickle")
        return literals_pb2.Scalar(blob={"uri": value.uri, "metadata": {"type": kind}})
    raise TypeError(
        f"{where} is a pickled Python {of_type(literal_type)}, "
        "which only the task's own code can write"
    )

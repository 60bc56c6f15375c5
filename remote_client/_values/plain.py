"""Plain data (dict, list, str, numbers) out of msgpack bytes and protobuf structs, never raising.

Dataclasses, pydantic models and untyped dicts travel as msgpack (older ones as a protobuf Struct).
Both come from task code, so their bytes are treated as hostile.
"""

from typing import Any

import msgpack

from remote_client._values.references import Opaque, Unreadable

# Beyond this a value is not opened: decoding would hold up the loop that serves everyone else.
MAX_MSGPACK_BYTES = 32 * 1024 * 1024
# Python's own recursion limit is 1,000; a reader of nested data needs a few frames per level.
MAX_DEPTH = 100
# All that msgpack raises for bytes that it cannot read.
MSGPACK_ERRORS = (
    ValueError,
    TypeError,
    OverflowError,
    RecursionError,
    msgpack.UnpackException,
)
# Whole numbers up to here survive a double, which is all that a protobuf Struct can hold.
MAX_EXACT_DOUBLE = 2**53


def from_msgpack(data: bytes) -> Any:
    """Decode one msgpack value. Malformed, oversized or too deep bytes give `Unreadable`."""
    if len(data) > MAX_MSGPACK_BYTES:
        return Unreadable(f"msgpack of {len(data):,} bytes, too large to open")
    try:
        return _unpack(data)
    except MSGPACK_ERRORS as error:
        return malformed(data, error)


def _unpack(data: bytes) -> Any:
    try:
        return msgpack.unpackb(data, **MSGPACK_OPTIONS)
    except TypeError:
        # A key that Python cannot hash. The hook that cures it is slow, so it comes second.
        return msgpack.unpackb(data, **MSGPACK_OPTIONS, object_pairs_hook=_mapping)


def malformed(data: bytes, error: Exception) -> Unreadable:
    """What stands for bytes that are no msgpack."""
    return Unreadable(f"msgpack of {len(data):,} bytes, malformed ({_first_line(error)})")


def extension(code: int, data: bytes) -> Opaque:
    """A value of a type that msgpack leaves to applications."""
    return Opaque(bytes(data), f"msgpack extension {code}")


def _mapping(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    return {_key(key): value for key, value in pairs}


def _key(key: Any) -> Any:
    """The key, or its text where a dict cannot hold it."""
    return str(key) if isinstance(key, (list, dict)) else key


MSGPACK_OPTIONS: dict[str, Any] = {
    "raw": False,
    "strict_map_key": False,
    "unicode_errors": "replace",
    "timestamp": 3,
    "ext_hook": extension,
}


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]


def from_struct(struct: Any, depth: int = 0) -> Any:
    """Turn a `google.protobuf.Struct` into a dict; whole numbers become ints, as in JSON."""
    if depth > MAX_DEPTH:
        return Unreadable(f"nested deeper than {MAX_DEPTH} levels")
    return {
        name: _from_struct_value(struct.fields[name], depth + 1) for name in sorted(struct.fields)
    }


def _from_struct_value(value: Any, depth: int) -> Any:
    match value.WhichOneof("kind"):
        case "number_value":
            return _number(value.number_value)
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return from_struct(value.struct_value, depth)
        case "list_value" if depth <= MAX_DEPTH:
            return [_from_struct_value(item, depth + 1) for item in value.list_value.values]
        case "list_value":
            return Unreadable(f"nested deeper than {MAX_DEPTH} levels")
        case _:
            return None


def _number(number: float) -> int | float:
    whole = number.is_integer() and abs(number) <= MAX_EXACT_DOUBLE
    return int(number) if whole else number

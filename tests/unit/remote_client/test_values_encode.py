"""Python values become literals of the declared type, or a complaint that names the input."""

import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import PurePosixPath

import msgpack
import pytest
from flyteidl2.core import interface_pb2, literals_pb2, types_pb2
from flyteidl2.task import common_pb2

from remote_client import _values as values

LiteralType = types_pb2.LiteralType
INT = LiteralType(simple=types_pb2.INTEGER)
FLOAT = LiteralType(simple=types_pb2.FLOAT)
STR = LiteralType(simple=types_pb2.STRING)
BOOL = LiteralType(simple=types_pb2.BOOLEAN)
NONE = LiteralType(simple=types_pb2.NONE)
WHEN = LiteralType(simple=types_pb2.DATETIME)
LENGTH = LiteralType(simple=types_pb2.DURATION)
STRUCT = LiteralType(simple=types_pb2.STRUCT)
COLOR = LiteralType(enum_type={"values": ["RED", "BLUE"]})
FILE = LiteralType(blob={})
FOLDER = LiteralType(blob={"dimensionality": types_pb2.BlobType.MULTIPART})
FRAME = LiteralType(structured_dataset_type={"format": "parquet"})


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Paint(enum.Enum):
    RED = "RED"
    GREEN = "GREEN"


@dataclass
class Model:
    depth: int
    rate: float = 0.5


def union(*variants):
    return LiteralType(union_type={"variants": variants})


def model_type():
    kind = LiteralType(simple=types_pb2.STRUCT)
    kind.metadata.update(
        {
            "title": "Model",
            "type": "object",
            "required": ["depth"],
            "properties": {"depth": {"type": "integer"}, "rate": {"type": "number"}},
            "additionalProperties": False,
        }
    )
    return kind


@pytest.mark.parametrize(
    ("value", "kind", "back"),
    [
        (2**63 - 1, INT, 2**63 - 1),
        (3, FLOAT, 3.0),
        ("é", STR, "é"),
        (True, BOOL, True),
        (None, NONE, None),
        (timedelta(microseconds=-1_500_001), LENGTH, timedelta(microseconds=-1_500_001)),
        (datetime(2020, 1, 1), WHEN, datetime(2020, 1, 1, tzinfo=UTC)),
        (date(2020, 1, 1), WHEN, datetime(2020, 1, 1, tzinfo=UTC)),
        (Color.BLUE, COLOR, "BLUE"),
        ("RED", COLOR, "RED"),
        ((1, 2), LiteralType(collection_type=INT), [1, 2]),
        ({"a": [1.5]}, LiteralType(map_value_type={"collection_type": FLOAT}), {"a": [1.5]}),
        ({1: {"x": None}}, STRUCT, {1: {"x": None}}),
        (Model(3), model_type(), {"depth": 3, "rate": 0.5}),
        ({"depth": 3, "rate": 1}, model_type(), {"depth": 3, "rate": 1.0}),
        ("s3://b/f", FILE, values.File("s3://b/f")),
        (values.File("s3://b/f", "csv"), FILE, values.File("s3://b/f", "csv")),
        (PurePosixPath("/data/d"), FOLDER, values.Dir("/data/d")),
        (values.DataFrame("s3://b/t"), FRAME, values.DataFrame("s3://b/t", "parquet")),
        (
            values.ErrorValue("m", "n"),
            LiteralType(simple=types_pb2.ERROR),
            values.ErrorValue("m", "n"),
        ),
        (b"ab", LiteralType(simple=types_pb2.BINARY), values.Opaque(b"ab")),
        (None, union(INT, NONE), None),
        (3, union(FLOAT, INT), 3),
        ("abc", union(FILE, STR), "abc"),
        ({"depth": 1}, union(model_type(), NONE), {"depth": 1}),
    ],
)
def test_it_writes_what_reads_back(value, kind, back):
    literal = values.from_python(value, kind, "x")

    assert values.to_python(literal, kind) == back


def test_it_converts_other_time_zones_to_utc():
    noon = datetime(2020, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))

    literal = values.from_python(noon, WHEN)

    assert values.to_python(literal) == datetime(2020, 1, 1, 10, tzinfo=UTC)


def test_a_union_states_the_variant_it_chose():
    literal = values.from_python(3, union(FLOAT, INT, NONE))

    assert literal.scalar.union.type == INT


def test_a_struct_travels_as_msgpack():
    literal = values.from_python({"depth": 3}, model_type())

    assert literal.scalar.binary.tag == "msgpack"
    assert msgpack.unpackb(literal.scalar.binary.value) == {"depth": 3}


@pytest.mark.parametrize(
    ("value", "kind", "complaint"),
    [
        ("abc", INT, "input 'n' takes int, not str 'abc'"),
        (True, INT, "input 'n' takes int, not bool True"),
        (1.0, INT, "input 'n' takes int, not float 1.0"),
        (None, STR, "input 'n' takes str, not None"),
        (True, FLOAT, "input 'n' takes float, not bool True"),
        (1, BOOL, "input 'n' takes bool, not int 1"),
        ("abc", LiteralType(collection_type=STR), "input 'n' takes list[str], not str 'abc'"),
        ([1, "a"], LiteralType(collection_type=INT), "input 'n'[1] takes int, not str 'a'"),
        ({1: 2}, LiteralType(map_value_type=INT), "a key of input 'n' takes str, not int 1"),
        ({"k": "v"}, LiteralType(map_value_type=INT), "input 'n'['k'] takes int, not str 'v'"),
        ("x", union(INT, NONE), "input 'n' takes int | None, not str 'x'"),
        ([], model_type(), "input 'n' takes Model, not list"),
        ({"depth": "x"}, model_type(), "input 'n'.depth takes int, not str 'x'"),
        (values.File("u"), FOLDER, "input 'n' takes Dir, not File"),
        (object(), STRUCT, "input 'n' takes dict, not object"),
        (values.Unreadable("broken"), INT, "input 'n' could not be read"),
        (1, LiteralType(), "input 'n' has a type that this version does not know"),
    ],
)
def test_it_refuses_a_value_of_the_wrong_kind(value, kind, complaint):
    with pytest.raises(TypeError) as refusal:
        values.from_python(value, kind, "n")

    assert str(refusal.value).startswith(complaint)


@pytest.mark.parametrize(
    ("value", "kind", "complaint"),
    [
        (2**63, INT, "input 'n' takes a 64-bit int"),
        (10**400, FLOAT, "input 'n' takes float, and the number is too large"),
        ("GREEN", COLOR, "input 'n' takes one of RED, BLUE, not 'GREEN'"),
        (Paint.GREEN, COLOR, "input 'n' takes one of RED, BLUE, not 'GREEN'"),
        ("\ud800", STR, "input 'n' holds a sign which is not valid Unicode"),
        ({"rate": 1.0}, model_type(), "input 'n' lacks the field 'depth'"),
        ({"depth": 1, "deep": 2}, model_type(), "input 'n' has no field 'deep'"),
        ({"rate": 1.0}, union(NONE, model_type()), "input 'n' lacks the field 'depth'"),
        ({"x": 2**70}, STRUCT, "input 'n' cannot be encoded"),
    ],
)
def test_it_refuses_a_value_that_cannot_be_taken(value, kind, complaint):
    with pytest.raises(ValueError) as refusal:
        values.from_python(value, kind, "n")

    assert str(refusal.value).startswith(complaint)


def test_a_long_value_is_not_repeated_whole_in_a_complaint():
    with pytest.raises(TypeError) as refusal:
        values.from_python("x" * 10_000, INT, "n")

    assert len(str(refusal.value)) < 150


def test_a_malformed_schema_lets_plain_data_through():
    kind = LiteralType(simple=types_pb2.STRUCT)
    kind.metadata.update({"type": "object", "properties": "no", "required": 3, "anyOf": 1})

    literal = values.from_python({"a": 1}, kind)

    assert values.to_python(literal) == {"a": 1}


def test_a_schema_that_refers_to_itself_for_ever_is_refused():
    kind = LiteralType(simple=types_pb2.STRUCT)
    kind.metadata.update({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}})

    with pytest.raises(ValueError, match="without end"):
        values.from_python({"a": 1}, kind)


def test_a_value_nested_deeper_than_a_message_may_be_is_refused():
    value, kind = 1, LiteralType(simple=types_pb2.INTEGER)
    for _ in range(45):
        value, kind = [value], LiteralType(collection_type=kind)
    for _ in range(45):
        value, kind = [value], LiteralType(collection_type=kind)

    with pytest.raises(ValueError, match="input 'n' is nested too deep"):
        values.from_python(value, kind, "n")


def interface():
    variables = [
        interface_pb2.VariableEntry(key="n", value={"type": INT}),
        interface_pb2.VariableEntry(key="name", value={"type": STR}),
    ]
    default = literals_pb2.Literal(scalar={"primitive": {"string_value": "you"}})
    return values.interface_of(
        interface_pb2.TypedInterface(inputs={"variables": variables}),
        [common_pb2.NamedParameter(name="name", parameter={"default": default})],
    )


def test_a_launch_fills_in_defaults_in_the_interfaces_order():
    inputs = values.inputs_from_python({"n": 1}, interface())

    assert values.inputs_to_python(inputs.literals) == {"n": 1, "name": "you"}
    assert [literal.name for literal in inputs.literals] == ["n", "name"]


def test_a_launch_names_every_missing_input():
    with pytest.raises(ValueError, match=r"^Missing required inputs: n\. The task takes \(n: int"):
        values.inputs_from_python({}, interface())


def test_a_launch_names_every_unknown_input():
    with pytest.raises(ValueError, match=r"^Unknown inputs: m, o\. The task takes \(n: int, name"):
        values.inputs_from_python({"n": 1, "m": 2, "o": 3}, interface())


def test_a_launch_names_the_input_of_the_wrong_type():
    with pytest.raises(TypeError, match=r"^input 'n' takes int, not str 'x'$"):
        values.inputs_from_python({"n": "x"}, interface())

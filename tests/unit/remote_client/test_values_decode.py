"""Literals of every kind become Python values."""

from datetime import UTC, datetime, timedelta

import msgpack
import pytest
from flyteidl2.core import literals_pb2, types_pb2
from google.protobuf import struct_pb2

from remote_client import _values as values

Literal = literals_pb2.Literal


def primitive(**field):
    return Literal(scalar={"primitive": field})


def test_it_keeps_64_bit_integers_exact():
    assert values.to_python(primitive(integer=2**62 + 1)) == 2**62 + 1
    assert values.to_python(primitive(integer=-(2**63))) == -(2**63)


@pytest.mark.parametrize(
    ("field", "value"),
    [({"float_value": 1.5}, 1.5), ({"string_value": "é\n"}, "é\n"), ({"boolean": False}, False)],
)
def test_it_reads_simple_primitives(field, value):
    assert values.to_python(primitive(**field)) == value


def test_it_reads_moments_as_aware_utc_datetimes():
    literal = primitive(datetime={"seconds": 1577840523, "nanos": 456_789_000})

    at = values.to_python(literal)

    assert at == datetime(2020, 1, 1, 1, 2, 3, 456_789, tzinfo=UTC)
    assert at.tzinfo is UTC


def test_it_reads_moments_before_1970():
    literal = primitive(datetime={"seconds": -1, "nanos": 500_000_000})

    assert values.to_python(literal) == datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)


def test_it_reads_negative_durations_exactly():
    literal = primitive(duration={"seconds": -1, "nanos": -500_000_000})

    assert values.to_python(literal) == timedelta(seconds=-1.5)


def test_it_reads_none():
    assert values.to_python(Literal(scalar={"none_type": {}})) is None


def test_it_reads_nested_lists_and_maps_with_sorted_keys():
    inner = Literal(collection={"literals": [primitive(integer=1), primitive(integer=2)]})
    literal = Literal(map={"literals": {"b": inner, "a": primitive(string_value="x")}})

    assert list(values.to_python(literal).items()) == [("a", "x"), ("b", [1, 2])]


def test_it_reads_the_value_inside_a_union():
    kind = types_pb2.LiteralType(simple=types_pb2.INTEGER)
    literal = Literal(scalar={"union": {"value": primitive(integer=3), "type": kind}})

    assert values.to_python(literal) == 3


def test_it_reads_files_and_folders_as_references():
    single = Literal(scalar={"blob": {"uri": "s3://b/f", "metadata": {"type": {"format": "csv"}}}})
    kind = {"dimensionality": types_pb2.BlobType.MULTIPART}
    folder = Literal(scalar={"blob": {"uri": "s3://b/d", "metadata": {"type": kind}}})

    assert values.to_python(single) == values.File("s3://b/f", "csv")
    assert values.to_python(folder) == values.Dir("s3://b/d")


def test_it_reads_tables_with_their_columns():
    column = {"name": "price", "literal_type": {"simple": types_pb2.FLOAT}}
    kind = {"columns": [column], "format": "parquet"}
    dataset = {"uri": "s3://b/t", "metadata": {"structured_dataset_type": kind}}

    frame = values.to_python(Literal(scalar={"structured_dataset": dataset}))

    assert frame == values.DataFrame("s3://b/t", "parquet", (("price", "float"),))


def test_it_reads_the_older_schema_type():
    schema = {"uri": "s3://b/t", "type": {"columns": [{"name": "n", "type": 0}]}}

    assert values.to_python(Literal(scalar={"schema": schema})) == values.Schema(
        "s3://b/t", (("n", "int"),)
    )


def test_it_reads_msgpack_with_integer_keys_and_exact_integers():
    data = msgpack.packb({1: 2**63, "nested": [None, True]})
    literal = Literal(scalar={"binary": {"value": data, "tag": "msgpack"}})

    assert values.to_python(literal) == {1: 2**63, "nested": [None, True]}


def test_it_reads_structs_with_whole_numbers_as_ints():
    struct = struct_pb2.Struct()
    struct.update({"n": 3, "x": 0.5, "deep": {"list": [1, "a", None, True]}})

    assert values.to_python(Literal(scalar={"generic": struct})) == {
        "deep": {"list": [1, "a", None, True]},
        "n": 3,
        "x": 0.5,
    }


def test_it_never_opens_a_pickle():
    literal = Literal(scalar={"binary": {"value": b"\x80\x05K\x01."}})

    value = values.to_python(literal)

    assert value == values.Opaque(b"\x80\x05K\x01.")
    assert value.looks_pickled


def test_it_reads_errors_and_offloaded_values():
    error = Literal(scalar={"error": {"message": "boom", "failed_node_id": "n1"}})
    kind = {"collection_type": {"simple": types_pb2.INTEGER}}
    offloaded = Literal(
        offloaded_metadata={"uri": "s3://b/o", "size_bytes": 12, "inferred_type": kind}
    )

    assert values.to_python(error) == values.ErrorValue("boom", "n1")
    assert values.to_python(offloaded) == values.Offloaded("s3://b/o", 12, "list[int]")


def test_it_says_when_a_literal_holds_nothing():
    assert values.to_python(Literal()) == values.Unreadable("a literal without a value")


def test_it_names_the_field_of_a_kind_from_the_future():
    # Field 99 of Scalar, length-delimited, two bytes: what a newer platform could send.
    scalar = literals_pb2.Scalar.FromString(b"\x9a\x06\x02hi")

    value = values.to_python(Literal(scalar=scalar))

    assert value == values.Unreadable(
        "a scalar of a kind that this version does not know (field 99)"
    )


def test_one_unreadable_member_does_not_hide_the_others():
    broken = Literal(scalar={"binary": {"value": b"\xc1", "tag": "msgpack"}})
    literal = Literal(collection={"literals": [primitive(integer=1), broken]})

    first, second = values.to_python(literal)

    assert first == 1
    assert isinstance(second, values.Unreadable)

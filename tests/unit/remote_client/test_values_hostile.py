"""Bytes that nobody meant well are read, named and written without an error."""

import msgpack
import pytest
from flyteidl2.core import literals_pb2, types_pb2
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from remote_client import _values as values

Literal = literals_pb2.Literal
LiteralType = types_pb2.LiteralType

int64 = st.integers(-(2**63), 2**63 - 1)
int32 = st.integers(-(2**31), 2**31 - 1)
any_bytes = st.binary(max_size=64)
any_text = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=12)
times = st.fixed_dictionaries({"seconds": int64, "nanos": int32})


def survives(literal, kind=None):
    """Everything a page does with a value; the text must also go through UTF-8."""
    values.to_python(literal, kind)
    values.type_name(literal).encode()
    values.render(literal, kind).encode()
    if kind is not None:
        values.type_name(kind).encode()


primitives = st.one_of(
    st.just({}),
    st.builds(lambda t: {"datetime": t}, times),
    st.builds(lambda t: {"duration": t}, times),
    st.builds(lambda t: {"string_value": t}, any_text),
    st.builds(lambda t: {"float_value": t}, st.floats()),
)
scalars = st.one_of(
    st.just({}),
    st.builds(lambda p: {"primitive": p}, primitives),
    st.builds(lambda b, t: {"binary": {"value": b, "tag": t}}, any_bytes, any_text),
    st.builds(lambda b: {"binary": {"value": b, "tag": "msgpack"}}, any_bytes),
    st.builds(
        lambda u, f: {"blob": {"uri": u, "metadata": {"type": {"format": f}}}}, any_text, any_text
    ),
    st.builds(lambda n: {"schema": {"type": {"columns": [{"name": "c", "type": n}]}}}, int32),
)
literals = st.recursive(
    st.builds(lambda scalar: {"scalar": scalar}, scalars) | st.just({}),
    lambda inner: (
        st.builds(lambda items: {"collection": {"literals": items}}, st.lists(inner, max_size=3))
        | st.builds(
            lambda m: {"map": {"literals": m}}, st.dictionaries(any_text, inner, max_size=3)
        )
        | st.builds(lambda one: {"scalar": {"union": {"value": one}}}, inner)
    ),
    max_leaves=8,
)


@given(literals)
def test_it_survives_any_well_formed_literal(fields):
    survives(Literal(**fields))


@given(st.binary(max_size=200), st.binary(max_size=100))
def test_it_survives_any_bytes_that_parse(data, kind_data):
    literal, kind = Literal(), LiteralType()
    for message, raw in ((literal, data), (kind, kind_data)):
        try:
            message.MergeFromString(raw)
        except DecodeError:
            message.Clear()
    survives(literal, kind)


@given(any_bytes)
def test_it_survives_any_msgpack_bytes(data):
    survives(Literal(scalar={"binary": {"value": data, "tag": "msgpack"}}))


@pytest.mark.parametrize(
    "data",
    [
        b"\x91" * 400 + b"\xc0",  # nested 400 deep
        b"\x91" * 5_000 + b"\xc0",
        b"\x81" * 2_000,
        b"\xdd\xff\xff\xff\xff",  # a list that claims 4 billion members
        b"\xc6\xff\xff\xff\xff",  # bytes that claim 4 GB
        b"\x81\x90\x01",  # a list as a key
        b"\x81\x81\x01\x02\x03",  # a dict as a key
        b"\xd6\xff\xff\xff\xff\xff",  # a timestamp
        b"\xc7\x0c\xff" + b"\xff" * 12,  # a timestamp beyond the calendar
        b"\xd4\x05\x01",  # an unknown extension
        b"\xa2\xff\xfe",  # text that is not UTF-8
        b"\x01\x02",  # more than one value
        b"\xc1",
        b"",
    ],
)
def test_it_survives_malformed_msgpack(data):
    survives(Literal(scalar={"binary": {"value": data, "tag": "msgpack"}}))


@pytest.mark.parametrize(
    "data", [b"\x91" * 400 + b"\xc0", b"\xa2\xff\xfe", b"\x81\x90\x01", b"\xd4\x05\x01"]
)
def test_msgpack_that_can_be_read_is_read(data):
    value = values.to_python(Literal(scalar={"binary": {"value": data, "tag": "msgpack"}}))

    assert not isinstance(value, values.Unreadable)


@pytest.mark.parametrize(
    "inner",
    [
        lambda literal: literal.collection.literals.add(),
        lambda literal: literal.map.literals["k"],
        lambda literal: literal.scalar.union.value,
    ],
)
def test_it_survives_deep_nesting_of_every_kind(inner):
    # Deeper than protobuf parses: only a message of our own making gets there.
    outermost = literal = Literal()
    for _ in range(300):
        literal = inner(literal)
    literal.scalar.none_type.SetInParent()

    survives(outermost)


def test_it_survives_deeply_nested_types():
    outermost = kind = LiteralType()
    for _ in range(300):
        kind = kind.collection_type
    kind.simple = types_pb2.INTEGER

    survives(Literal(), outermost)


def test_reading_a_type_does_not_change_it():
    kind = LiteralType(simple=types_pb2.STRUCT)
    before = kind.SerializeToString()

    survives(Literal(scalar={"binary": {"value": msgpack.packb({}), "tag": "msgpack"}}), kind)

    assert kind.SerializeToString() == before

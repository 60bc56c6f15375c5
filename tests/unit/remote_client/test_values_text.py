"""Values as text: stable, readable, bounded, and honest about what was cut."""

import msgpack
import pytest
from flyteidl2.core import literals_pb2, types_pb2

from remote_client import _values as values
from remote_client._values.text import size_text

Literal = literals_pb2.Literal


def primitive(**field):
    return Literal(scalar={"primitive": field})


def packed(value):
    return Literal(scalar={"binary": {"value": msgpack.packb(value), "tag": "msgpack"}})


def numbers(count):
    return Literal(collection={"literals": [primitive(integer=n) for n in range(count)]})


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        (primitive(integer=2**62), "4611686018427387904"),
        (primitive(float_value=2.0), "2.0"),
        (primitive(boolean=True), "True"),
        (primitive(string_value="two\nlines"), "two\nlines"),
        (primitive(string_value=""), '""'),
        (primitive(datetime={"seconds": 0}), "1970-01-01T00:00:00Z"),
        (primitive(duration={"seconds": 3723, "nanos": 500_000_000}), "1h 2m 3.5s"),
        (primitive(duration={"seconds": -90_000}), "-1d 1h"),
        (primitive(duration={}), "0s"),
        (Literal(scalar={"none_type": {}}), "None"),
        (Literal(collection={}), "[]"),
        (Literal(map={}), "{}"),
        (numbers(3), "[0, 1, 2]"),
        (packed({"a": "x", "b": None}), '{"a": "x", "b": None}'),
        (Literal(scalar={"blob": {"uri": "s3://b/f"}}), "s3://b/f"),
        (Literal(collection={"literals": [{"scalar": {"blob": {"uri": "u"}}}]}), '[File("u")]'),
        (Literal(), "(a literal without a value)"),
        (Literal(scalar={"error": {"message": "boom"}}), "error: boom"),
    ],
)
def test_it_writes(literal, text):
    assert values.render(literal) == text


def test_it_quotes_a_string_that_could_be_taken_for_another_value():
    kind = types_pb2.LiteralType(simple=types_pb2.STRING)
    inside = primitive(string_value="None")

    assert values.render(Literal(scalar={"union": {"value": inside, "type": kind}})) == '"None"'


def test_it_writes_a_map_in_the_order_of_its_keys():
    literal = Literal(map={"literals": {k: primitive(integer=1) for k in ("c", "a", "b")}})

    assert values.render(literal) == '{"a": 1, "b": 1, "c": 1}'


def test_it_breaks_what_does_not_fit_on_a_line():
    text = values.render(packed({"name": "x" * 60, "other": [1, 2, 3], "more": "y" * 30}))

    assert text.splitlines() == [
        "{",
        f'  "name": "{"x" * 60}",',
        '  "other": [1, 2, 3],',
        f'  "more": "{"y" * 30}",',
        "}",
    ]


def test_it_fills_lines_with_short_members():
    lines = values.render(numbers(100)).splitlines()

    assert lines[0] == "["
    assert len(lines) < 10
    assert max(map(len, lines)) <= 90


def test_it_says_how_many_members_were_cut():
    text = values.render(numbers(1_500))

    assert text.endswith("\n  … 1,300 more\n]")


def test_it_says_how_many_characters_were_cut():
    text = values.render(primitive(string_value="x" * 12_345))

    assert text.endswith("\n… 2,345 more characters")


def test_it_says_what_is_nested_too_deep():
    value = [1]
    for _ in range(40):
        value = [value]

    assert "… 1 nested too deep to show" in values.render(packed(value))


def test_its_total_size_is_bounded():
    value = {f"k{n}": ["x" * 5_000] * 20 for n in range(20)}

    text = values.render(packed(value))

    assert len(text) < 100_000
    assert "more" in text


def test_it_reads_no_further_than_it_shows():
    literal = numbers(200_000)

    assert values.render(literal).endswith("… 199,800 more\n]")


def test_it_makes_control_signs_visible():
    text = values.render(primitive(string_value="a\x1b[31mred\u202egpj\x00"))

    assert text == "a\\x1b[31mred\\u202egpj\\x00"


def test_it_describes_bytes_without_opening_them():
    pickle = Literal(scalar={"binary": {"value": b"\x80\x05K\x01."}})
    other = Literal(scalar={"binary": {"value": b"abc", "tag": "cbor"}})

    assert values.render(pickle) == "(pickled Python object, not opened, 5 B: 80 05 4b 01 2e)"
    assert values.render(other) == "(cbor, 3 B: 61 62 63)"


def test_it_writes_a_table_with_format_and_columns():
    column = {"name": "price", "literal_type": {"simple": types_pb2.FLOAT}}
    kind = {"columns": [column], "format": "parquet"}
    dataset = {"uri": "s3://b/t", "metadata": {"structured_dataset_type": kind}}

    text = values.render(Literal(scalar={"structured_dataset": dataset}))

    assert text == "s3://b/t (parquet)\ncolumns: price: float"


def test_it_says_where_a_large_value_is_kept():
    kind = {"simple": types_pb2.STRING}
    offloaded = {"uri": "s3://b/o", "size_bytes": 12_345_678, "inferred_type": kind}

    text = values.render(Literal(offloaded_metadata=offloaded))

    assert text == "(kept apart: str, 12.3 MB, at s3://b/o)"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (999_960, "1.0 MB"), (2**63, "9,223 PB")],
)
def test_it_writes_sizes_for_people(size, text):
    assert size_text(size) == text

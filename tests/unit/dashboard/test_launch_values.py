"""Values of every kind go into fields, over the wire, through JSON, and out as they were."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flyteidl2.core import types_pb2
from google.protobuf import struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.launching import texts
from dashboard.launching.drawing import Drawing
from dashboard.launching.entries import Entry, same
from dashboard.launching.from_values import entry_of
from dashboard.launching.json_forms import strict_entry
from dashboard.launching.pages import Field
from dashboard.launching.posting import posted
from dashboard.launching.reading import Reading
from dashboard.launching.to_json import json_of
from remote_client._values import (
    Chosen,
    DataFrame,
    Dir,
    File,
    Part,
    Shape,
    chosen_value,
    from_python,
    shape_of,
)
from tests.unit.dashboard.fake_launching import INT, STR, list_of, map_of, union_of

FLOAT, BOOL, NONE, DATETIME, DURATION, BINARY, STRUCT = (
    types_pb2.LiteralType(simple=kind)
    for kind in (
        types_pb2.FLOAT,
        types_pb2.BOOLEAN,
        types_pb2.NONE,
        types_pb2.DATETIME,
        types_pb2.DURATION,
        types_pb2.BINARY,
        types_pb2.STRUCT,
    )
)
ENUM = types_pb2.LiteralType(enum_type=types_pb2.EnumType(values=["RED", "BLUE"]))
FILE = types_pb2.LiteralType(blob=types_pb2.BlobType())
DIR = types_pb2.LiteralType(blob=types_pb2.BlobType(dimensionality=types_pb2.BlobType.MULTIPART))
TABLE = types_pb2.LiteralType(structured_dataset_type=types_pb2.StructuredDatasetType())


def struct_of(schema: Mapping[str, Any]) -> Any:
    of = types_pb2.LiteralType(simple=types_pb2.STRUCT)
    metadata = struct_pb2.Struct()
    metadata.update(schema)
    of.metadata.CopyFrom(metadata)
    return of


POINT = struct_of(
    {
        "type": "object",
        "title": "Point",
        "required": ["x", "at"],
        "properties": {
            "x": {"type": "integer"},
            "at": {"type": "string", "format": "date-time"},
            "name": {"type": "string", "default": "é"},
            "left": {"anyOf": [{"$ref": "#/$defs/Point"}, {"type": "null"}], "default": None},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "$defs": {
            "Point": {
                "type": "object",
                "title": "Point",
                "required": ["x"],
                "properties": {"x": {"type": "integer"}},
            }
        },
    }
)


def through_a_browser(shape: Shape, entry: Entry) -> Entry:
    """What comes back of a field that was drawn and sent unchanged."""
    post: dict[str, str] = {}
    _fill(Drawing({}).field(Part("v", shape), entry, "i.0"), post)
    return posted(Part("v", shape), post, "i.0")


def _fill(field: Field, post: dict[str, str]) -> None:
    """The controls that the templates write for a field."""
    if not field.is_given:
        post[f"{field.path}~g"] = "0"
        return
    if field.is_kept:
        post[f"{field.path}~kept"] = "1"
        return
    if field.is_json:
        post[f"{field.path}~j"] = "1"
    if not field.is_group:
        post[field.path] = field.text.replace("\n", "\r\n")
        if field.mode:
            post[f"{field.path}~m"] = field.mode
        return
    post[f"{field.path}~n"] = str(len(field.fields))
    if field.kind == "union":
        post |= {f"{field.path}~v": field.variant, f"{field.path}~v0": field.variant}
    for inner in field.fields:
        if inner.key is not None:
            post[f"{inner.path}~k"] = inner.key.replace("\n", "\r\n")
        _fill(inner, post)


def read(shape: Shape, entry: Entry) -> Any:
    reading = Reading()
    value = reading.value(shape, entry, "i.0")
    assert not reading.problems, reading.problems
    return value


MOMENTS = st.datetimes(timezones=st.just(UTC))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INTS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False)

KINDS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "int": (INT, INTS),
    "float": (FLOAT, FLOATS),
    "str": (STR, TEXTS),
    "bool": (BOOL, st.booleans()),
    "none": (NONE, st.none()),
    "datetime": (DATETIME, MOMENTS),
    "duration": (DURATION, st.timedeltas()),
    "bytes": (BINARY, st.binary(max_size=12)),
    "enum": (ENUM, st.sampled_from(["RED", "BLUE"])),
    "list": (list_of(INT), st.lists(INTS, max_size=3)),
    "map": (map_of(list_of(STR)), st.dictionaries(TEXTS, st.lists(TEXTS, max_size=2), max_size=3)),
    "optional": (union_of(INT, NONE), st.sampled_from([Chosen(0, 5), Chosen(1, None)])),
    "ambiguous": (
        union_of(FLOAT, INT, DATETIME, STR),
        st.one_of(
            FLOATS.map(lambda v: Chosen(0, v)),
            INTS.map(lambda v: Chosen(1, v)),
            MOMENTS.map(lambda v: Chosen(2, v)),
            TEXTS.map(lambda v: Chosen(3, v)),
            MOMENTS.map(lambda v: Chosen(3, v.isoformat())),
        ),
    ),
    "file": (FILE, TEXTS.filter(str.strip).map(lambda uri: File(f"s3://b/{uri.strip()}x"))),
    "dir": (DIR, st.just(Dir("s3://b/c"))),
    "table": (TABLE, st.sampled_from([DataFrame("s3://t"), DataFrame("s3://t", "parquet")])),
    "untyped": (STRUCT, st.dictionaries(TEXTS, st.one_of(INTS, TEXTS, st.none()), max_size=3)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_comes_back_from_the_form_and_from_json_as_the_same_literal(kind: str) -> None:
    literal_type, values = KINDS[kind]
    shape = shape_of(literal_type)

    @settings(max_examples=60, deadline=None)
    @given(values)
    def holds(value: Any) -> None:
        literal = from_python(value, literal_type)
        entry = entry_of(shape, chosen_value(literal, literal_type))
        assert not entry.kept
        sent = through_a_browser(shape, entry)
        assert from_python(read(shape, sent), literal_type) == literal
        from_json = strict_entry(shape, texts.read_json(texts.escaped_json(json_of(shape, sent))))
        assert from_python(read(shape, from_json), literal_type) == literal

    holds()


def test_nan_comes_back_as_nan() -> None:
    shape = shape_of(FLOAT)
    entry = through_a_browser(shape, entry_of(shape, math.nan))
    assert math.isnan(read(shape, entry))
    assert json_of(shape, entry) == "NaN"
    assert math.isnan(read(shape, strict_entry(shape, "NaN")))


def test_a_dataclass_keeps_what_is_left_out_left_out() -> None:
    shape = shape_of(POINT)
    value = {"x": 2**60 + 1, "at": "2026-05-04T12:00:00.000001+02:00", "left": {"x": -1}}
    entry = through_a_browser(shape, entry_of(shape, value))
    back = read(shape, entry)
    assert set(back) == {"x", "at", "left"}
    assert back["x"] == 2**60 + 1
    assert back["left"] == {"x": -1}
    assert back["at"] == datetime.fromisoformat("2026-05-04T12:00:00.000001+02:00")


def test_a_dataclass_begins_with_its_defaults() -> None:
    shape = shape_of(POINT)
    fresh = strict_entry(shape, {"x": 1, "at": "2026-05-04T12:00:00"})
    assert json_of(shape, fresh) == {"x": 1, "at": "2026-05-04T12:00:00"}
    drawn = Drawing({}).field(Part("p", shape), posted(Part("p", shape), {}, "i.0"), "i.0")
    assert {field.label: field.text for field in drawn.fields}["name"] == "é"


@pytest.mark.parametrize(
    ("json", "said"),
    [
        ({"x": "1", "at": "2026-05-04"}, "x: int is wanted."),
        ({"x": 1}, "The field 'at' is missing."),
        ({"x": 1, "at": "2026-05-04", "y": 2}, "There is no field 'y'"),
        ({"x": 1, "at": "soon"}, "at: A moment is wanted"),
        ({"x": 1, "at": "2026-05-04", "tags": [1]}, "tags[0]: str is wanted."),
    ],
)
def test_json_that_does_not_fit_names_the_place(json: Any, said: str) -> None:
    with pytest.raises(ValueError, match=r"wanted|missing|no field") as caught:
        strict_entry(shape_of(POINT), json)
    assert said in str(caught.value)


@dataclass(frozen=True)
class Wrong:
    of: Any
    text: str
    said: str
    mode: str = ""


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong(INT, "", "This is needed."),
        Wrong(INT, "1.5", "A whole number is wanted"),
        Wrong(INT, str(2**63), "outside of what 64 bits hold"),
        Wrong(FLOAT, "1e999", "type inf for infinity"),
        Wrong(BOOL, "", "Choose true or false."),
        Wrong(ENUM, "GREEN", "One of RED, BLUE is wanted."),
        Wrong(DATETIME, "2026-03-29 02:30", "skipped in Europe/Berlin", "Europe/Berlin"),
        Wrong(DATETIME, "2026-05-04", "There is no time zone 'Mars'", "Mars"),
        Wrong(DURATION, "1 fortnight", "A length of time is wanted"),
        Wrong(BINARY, "!", "not base64", "base64"),
        Wrong(STRUCT, "[1]", "A JSON object is wanted"),
        Wrong(STRUCT, "{", "This is no JSON"),
        Wrong(FILE, " ", "The address of a file is wanted"),
        Wrong(STR, '"\\ud800"', "half a character", "json"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(wrong: Wrong) -> None:
    reading = Reading()
    reading.value(shape_of(wrong.of), Entry(wrong.text, wrong.mode), "i.0")
    assert wrong.said in reading.problems["i.0"]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1h 30m", timedelta(minutes=90)),
        ("-1h 30m", timedelta(minutes=-90)),
        ("90", timedelta(seconds=90)),
        ("1.5 hours", timedelta(minutes=90)),
        ("250ms", timedelta(milliseconds=250)),
        ("1 day, 2:03:04.5", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("-1 day, 23:59:59.999999", timedelta(microseconds=-1)),
        ("-0:00:01", timedelta(seconds=-1)),
        ("P1DT2H", timedelta(hours=26)),
        ("-PT0.000001S", timedelta(microseconds=-1)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_lengths_of_time_are_read_as_people_write_them(text: str, length: timedelta) -> None:
    assert texts.read_duration(text) == length


def test_text_that_a_field_would_change_is_written_as_json() -> None:
    shape = shape_of(STR)
    for text in ("a\rb", "\x00", "\x1b[0m", "\x85"):
        entry = entry_of(shape, text)
        assert entry.mode == "json"
        assert read(shape, through_a_browser(shape, entry)) == text


def test_python_data_is_read_without_running_anything() -> None:
    assert texts.read_python("{(1, b'x'): {2, 3}}") == {(1, b"x"): {2, 3}}
    for text in ("__import__('os')", "open('x')", "1 +", "(" * 500):
        with pytest.raises(ValueError, match="Python literal"):
            texts.read_python(text)


def test_json_that_is_nested_too_deep_is_refused() -> None:
    assert texts.read_json("[" * 90 + "]" * 90)
    for depth in (200, 900, 100_000):
        with pytest.raises(ValueError, match="nested too deep"):
            texts.read_json("[" * depth + "1" + "]" * depth)


def test_numbers_of_different_kinds_are_not_the_same() -> None:
    assert not same(1, 1.0)
    assert not same([True], [1])
    assert same({"a": [1, None]}, {"a": [1, None]})


def test_a_type_that_holds_itself_ends_somewhere() -> None:
    endless = struct_of(
        {
            "$ref": "#/$defs/N",
            "$defs": {
                "N": {
                    "type": "object",
                    "title": "N",
                    "required": ["n"],
                    "properties": {"n": {"$ref": "#/$defs/N"}},
                }
            },
        }
    )
    shape = shape_of(endless)
    field = Drawing({}).field(Part("n", shape), posted(Part("n", shape), {}, "i.0"), "i.0")
    depth = 0
    while field.fields:
        field, depth = field.fields[0], depth + 1
    assert field.is_json
    assert depth < 20

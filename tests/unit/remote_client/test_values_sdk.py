"""What the real SDK encodes, we read; what we encode, the real SDK reads."""

import asyncio
import enum
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

import flyte.io
import pydantic
import pytest
from flyte.types import TypeEngine
from hypothesis import given, settings
from hypothesis import strategies as st

from remote_client import _values as values


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Point(NamedTuple):
    x: int
    y: str


@dataclass
class Layer:
    width: int
    names: dict[int, str] = field(default_factory=dict)


@dataclass
class Network:
    layers: list[Layer]
    rate: float
    data: flyte.io.File
    color: Color = Color.RED
    note: str | None = None
    started: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    limit: timedelta = timedelta(seconds=5)


class Config(pydantic.BaseModel):
    limit: timedelta
    at: time
    seeds: set[int]
    pair: tuple[int, str]
    color: Color
    other_color: Color | None = Color.BLUE
    folder: flyte.io.Dir | None = None
    layer: Layer | None = None


FILE = flyte.io.File(path="s3://bucket/data.csv", format="csv")
FRAME = flyte.io.DataFrame.from_existing_remote("s3://bucket/table", format="parquet")
NETWORK = Network([Layer(3, {1: "a"})], 0.5, FILE, Color.BLUE)
CONFIG = Config(
    limit=timedelta(seconds=90), at=time(1, 2), seeds={4}, pair=(1, "b"), color=Color.RED
)
WHEN = datetime(2020, 1, 1, 1, 2, 3, 456_789, tzinfo=UTC)

CASES = [
    (int, 2**62, 2**62),
    (float, 0.1, 0.1),
    (str, "é\n", "é\n"),
    (bool, True, True),
    (datetime, WHEN, WHEN),
    (timedelta, timedelta(days=-1, microseconds=3), timedelta(days=-1, microseconds=3)),
    (type(None), None, None),
    (Color, Color.BLUE, "BLUE"),
    (list[list[int]], [[1], []], [[1], []]),
    (dict[str, int], {"b": 1, "a": 2}, {"a": 2, "b": 1}),
    (dict[int, str], {1: "x"}, {1: "x"}),
    (dict, {"a": [1, None]}, {"a": [1, None]}),
    (int | None, None, None),
    (int | str, "s", "s"),
    (float | int, 3, 3),
    (Color | None, Color.RED, "RED"),
    (tuple[int, str], (1, "a"), (1, "a")),
    (Point, Point(1, "a"), {"x": 1, "y": "a"}),
    (flyte.io.File, FILE, values.File("s3://bucket/data.csv", "csv")),
    (flyte.io.Dir, flyte.io.Dir(path="s3://bucket/d/"), values.Dir("s3://bucket/d/")),
    (flyte.io.DataFrame, FRAME, values.DataFrame("s3://bucket/table", "parquet")),
    (list[flyte.io.File], [FILE], [values.File("s3://bucket/data.csv", "csv")]),
]


def encode(value, kind):
    literal_type = TypeEngine.to_literal_type(kind)
    return asyncio.run(TypeEngine.to_literal(value, kind, literal_type)), literal_type


def decode(literal, kind):
    return asyncio.run(TypeEngine.to_python_value(literal, kind))


@pytest.mark.parametrize(("kind", "value", "ours"), CASES)
def test_it_reads_what_the_sdk_writes(kind, value, ours):
    literal, literal_type = encode(value, kind)

    assert values.to_python(literal, literal_type) == ours
    assert values.render(literal, literal_type)


@pytest.mark.parametrize(("kind", "value", "ours"), CASES)
def test_it_writes_what_the_sdk_would(kind, value, ours):
    literal, literal_type = encode(value, kind)

    assert values.from_python(ours, literal_type) == literal
    assert values.from_python(value, literal_type) == literal


@pytest.mark.parametrize(
    ("value", "some_of_ours"),
    [
        (NETWORK, {"layers": [{"width": 3, "names": {1: "a"}}], "color": "blue", "limit": 5.0}),
        (CONFIG, {"limit": "PT1M30S", "pair": [1, "b"], "folder": None}),
    ],
)
def test_it_reads_and_writes_dataclasses_and_models(value, some_of_ours):
    literal, literal_type = encode(value, type(value))

    ours = values.to_python(literal, literal_type)

    assert {name: ours[name] for name in some_of_ours} == some_of_ours
    assert values.type_name(literal_type) == type(value).__name__
    assert decode(values.from_python(ours, literal_type), type(value)) == value
    assert decode(values.from_python(value, literal_type), type(value)) == value


def test_our_file_reference_fits_into_a_dataclass():
    _, literal_type = encode(NETWORK, Network)
    ours = {"layers": [], "rate": 1, "data": values.File("s3://bucket/data.csv", "csv")}

    back = decode(values.from_python(ours, literal_type), Network)

    assert back.data == FILE
    assert back.rate == 1.0


def test_a_union_of_dataclasses_goes_by_its_fields():
    _, literal_type = encode(CONFIG, Layer | Config | None)

    literal = values.from_python({"width": 3}, literal_type)

    assert decode(literal, Layer | Config | None) == Layer(3)


@pytest.mark.filterwarnings("ignore:Unsupported Type")
def test_what_the_sdk_pickles_is_passed_on_unopened():
    literal, literal_type = encode({1, 2}, set)

    opaque = values.to_python(literal, literal_type)

    assert values.type_name(literal_type) == "set"
    assert opaque.looks_pickled
    assert decode(values.from_python(opaque, literal_type), set) == {1, 2}
    with pytest.raises(TypeError, match="pickled Python set"):
        values.from_python({1, 2}, literal_type, "s")


# Kinds of which every value survives the round trip, with strategies for the values.
int64 = st.integers(-(2**63), 2**63 - 1)
text = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=20)
moments = st.datetimes(timezones=st.just(UTC))
lengths = st.timedeltas(timedelta(days=-100_000), timedelta(days=100_000))
leaves = st.sampled_from(
    [
        (int, int64),
        (float, st.floats(allow_nan=False)),
        (str, text),
        (bool, st.booleans()),
        (datetime, moments),
        (timedelta, lengths),
    ]
)


def larger(kinds):
    return kinds.flatmap(
        lambda pair: st.sampled_from(
            [
                (list[pair[0]], st.lists(pair[1], max_size=3)),
                (dict[str, pair[0]], st.dictionaries(text, pair[1], max_size=3)),
                (pair[0] | None, st.none() | pair[1]),
            ]
        )
    )


typed_values = st.recursive(leaves, larger, max_leaves=3).flatmap(
    lambda pair: st.tuples(st.just(pair[0]), pair[1])
)


@settings(max_examples=150, deadline=None)
@given(typed_values)
def test_every_value_of_every_plain_type_makes_the_round_trip(typed_value):
    kind, value = typed_value
    literal, literal_type = encode(value, kind)

    ours = values.to_python(literal, literal_type)

    assert ours == value
    assert decode(values.from_python(ours, literal_type), kind) == value


@settings(max_examples=100, deadline=None)
@given(st.builds(Layer, int64, st.dictionaries(st.integers(-5, 2**63 - 1), text, max_size=3)))
def test_every_dataclass_makes_the_round_trip(layer):
    literal, literal_type = encode(layer, Layer)

    ours = values.to_python(literal, literal_type)

    assert decode(values.from_python(ours, literal_type), Layer) == layer


def test_not_a_number_makes_the_round_trip():
    literal, literal_type = encode(math.nan, float)

    assert math.isnan(values.to_python(literal, literal_type))
    assert values.render(literal, literal_type) == "nan"

"""Type names and interfaces read as Python does."""

import pytest
from flyteidl2.core import interface_pb2, literals_pb2, types_pb2
from flyteidl2.task import common_pb2

from remote_client import _values as values

LiteralType = types_pb2.LiteralType
INT = LiteralType(simple=types_pb2.INTEGER)
STR = LiteralType(simple=types_pb2.STRING)
NONE = LiteralType(simple=types_pb2.NONE)


def titled(title):
    kind = LiteralType(simple=types_pb2.STRUCT)
    kind.metadata.update({"title": title})
    return kind


def pickled(class_name):
    kind = LiteralType(union_type={"variants": [{"structure": {"tag": "FlytePickle"}}]})
    kind.metadata.update({"python_class_name": class_name})
    return kind


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (INT, "int"),
        (LiteralType(simple=types_pb2.DURATION), "timedelta"),
        (LiteralType(collection_type=INT), "list[int]"),
        (LiteralType(map_value_type={"collection_type": STR}), "dict[str, list[str]]"),
        (LiteralType(union_type={"variants": [INT, NONE]}), "int | None"),
        (LiteralType(enum_type={"values": ["RED", "BLUE"]}), "enum(RED, BLUE)"),
        (LiteralType(enum_type={"values": list("abcdefghij")}), "enum(a, b, c, d, e, f, g, h, …)"),
        (LiteralType(blob={}), "File"),
        (LiteralType(blob={"format": "csv", "dimensionality": 1}), "Dir[csv]"),
        (LiteralType(blob={"format": "PythonPickle"}), "pickle"),
        (LiteralType(structured_dataset_type={}), "DataFrame"),
        (LiteralType(schema={"columns": [{"name": "n", "type": 2}]}), "Schema[n: str]"),
        (LiteralType(simple=types_pb2.STRUCT), "dict"),
        (titled("Config"), "Config"),
        (titled("TupleWrapper_Tuple"), "tuple"),
        (titled("NamedTupleWrapper_Point"), "Point"),
        (pickled("<class 'pkg.thing.Model'>"), "Model"),
        (pickled("typing.Any"), "Any"),
        (LiteralType(), "unknown"),
        (LiteralType(simple=77), "unknown simple type 77"),
    ],
)
def test_it_names_declared_types(kind, name):
    assert values.type_name(kind) == name


def test_it_guesses_the_name_of_a_literal():
    one = literals_pb2.Literal(scalar={"primitive": {"integer": 1}})
    word = literals_pb2.Literal(scalar={"primitive": {"string_value": "a"}})

    assert values.type_name(literals_pb2.Literal(collection={"literals": [one]})) == "list[int]"
    assert values.type_name(literals_pb2.Literal(collection={"literals": [one, word]})) == "list"
    assert values.type_name(literals_pb2.Literal(map={"literals": {"k": one}})) == "dict[str, int]"
    assert values.type_name(literals_pb2.Literal()) == "unknown"


def test_a_type_name_stays_short_and_on_one_line():
    name = values.type_name(titled("x\n" * 500))

    assert len(name) < 200
    assert "\n" not in name


def entry(name, kind):
    return interface_pb2.VariableEntry(key=name, value={"type": kind})


def typed_interface():
    return interface_pb2.TypedInterface(
        inputs={"variables": [entry("z", INT), entry("a", STR)]},
        outputs={"variables": [entry("o0", LiteralType(collection_type=INT))]},
    )


def default(name, **primitive):
    literal = literals_pb2.Literal(scalar={"primitive": primitive})
    return common_pb2.NamedParameter(name=name, parameter={"default": literal})


def test_an_interface_keeps_the_declared_order_and_reads_as_a_signature():
    interface = values.interface_of(typed_interface(), [default("a", string_value="hi")])

    assert list(interface.inputs) == ["z", "a"]
    assert str(interface) == '(z: int, a: str = "hi") -> (o0: list[int])'
    assert interface.required_inputs == ("z",)


def test_an_interface_says_which_inputs_may_be_left_out():
    optional = common_pb2.NamedParameter(name="z", parameter={"required": False})

    interface = values.interface_of(typed_interface(), [optional])

    assert interface.required_inputs == ("a",)


def test_an_empty_interface_is_readable():
    assert str(values.interface_of(interface_pb2.TypedInterface())) == "() -> ()"


def named(name, **primitive):
    literal = literals_pb2.Literal(scalar={"primitive": primitive})
    return common_pb2.NamedLiteral(name=name, value=literal)


def test_inputs_come_in_the_order_of_the_interface_with_strangers_last():
    literals = [named("extra", integer=9), named("a", string_value="x"), named("z", integer=1)]

    inputs = values.inputs_to_python(literals, typed_interface())

    assert list(inputs.items()) == [("z", 1), ("a", "x"), ("extra", 9)]


def test_rendered_values_carry_name_type_and_text():
    literals = [named("extra", integer=9), named("a", string_value="x")]

    rendered = values.render_inputs(literals, values.interface_of(typed_interface()))

    assert rendered == [
        values.RenderedValue("a", "str", "x"),
        values.RenderedValue("extra", "int", "9"),
    ]


def test_outputs_without_an_interface_are_named_by_their_literals():
    outputs = [named("o0", boolean=True)]

    assert values.outputs_to_python(outputs) == {"o0": True}
    assert values.render_outputs(outputs) == [values.RenderedValue("o0", "bool", "True")]

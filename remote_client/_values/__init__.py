"""Flyte literals as Python values and as text, and Python values as Flyte literals."""

from remote_client._values.chosen import Chosen, chosen_value, plain_pickle
from remote_client._values.decode import to_python
from remote_client._values.encode import from_python
from remote_client._values.interface import Interface, Variable, interface_of
from remote_client._values.launch import inputs_from_python
from remote_client._values.named import (
    RenderedValue,
    TypedValue,
    inputs_to_python,
    outputs_to_python,
    render_inputs,
    render_outputs,
    typed_inputs,
    typed_outputs,
)
from remote_client._values.references import (
    DataFrame,
    Dir,
    ErrorValue,
    File,
    Offloaded,
    Opaque,
    Schema,
    Unreadable,
)
from remote_client._values.shapes import Part, Shape, shape_of
from remote_client._values.text import RenderLimits, render
from remote_client._values.type_names import type_name

__all__ = [
    "Chosen",
    "DataFrame",
    "Dir",
    "ErrorValue",
    "File",
    "Interface",
    "Offloaded",
    "Opaque",
    "Part",
    "RenderLimits",
    "RenderedValue",
    "Schema",
    "Shape",
    "TypedValue",
    "Unreadable",
    "Variable",
    "chosen_value",
    "from_python",
    "inputs_from_python",
    "inputs_to_python",
    "interface_of",
    "outputs_to_python",
    "plain_pickle",
    "render",
    "render_inputs",
    "render_outputs",
    "shape_of",
    "to_python",
    "type_name",
    "typed_inputs",
    "typed_outputs",
]

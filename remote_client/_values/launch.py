"""Builds a run's `Inputs` from keyword values, by a task's interface."""

from collections.abc import Mapping
from typing import Any

from flyteidl2.task import common_pb2

from remote_client._values.encode import from_python
from remote_client._values.interface import Interface, Variable


def inputs_from_python(values: Mapping[str, Any], interface: Interface) -> Any:
    """The `Inputs` message: literals in the interface's order, defaults filled in.

    Raises ValueError for missing or unknown inputs (all of them named) and for values that cannot
    be taken, TypeError for values of the wrong type.
    """
    _check_names(values, interface)
    literals = [
        common_pb2.NamedLiteral(name=name, value=literal)
        for name, variable in interface.inputs.items()
        if (literal := _literal(values, variable)) is not None
    ]
    return common_pb2.Inputs(literals=literals)


def _check_names(values: Mapping[str, Any], interface: Interface) -> None:
    takes = f"The task takes {interface.signature}."
    if unknown := [name for name in values if name not in interface.inputs]:
        raise ValueError(f"Unknown inputs: {', '.join(unknown)}. {takes}")
    if missing := [name for name in interface.required_inputs if name not in values]:
        raise ValueError(f"Missing required inputs: {', '.join(missing)}. {takes}")


def _literal(values: Mapping[str, Any], variable: Variable) -> Any:
    """The given value's literal, else the default's; None when the input may be left out."""
    if variable.name not in values:
        return variable.default
    return from_python(values[variable.name], variable.literal_type, variable.name)

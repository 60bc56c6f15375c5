"""Named literals (an action's inputs and outputs) as ordered Python values and as texts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from remote_client._values.decode import to_python
from remote_client._values.interface import Interface, Variable, interface_of
from remote_client._values.text import DEFAULT_LIMITS, RenderLimits, render
from remote_client._values.type_names import type_name


@dataclass(frozen=True, slots=True)
class RenderedValue:
    """One input or output for a reader: its name, its type in Python's words, its value as text."""

    name: str
    type_name: str
    text: str


@dataclass(frozen=True, slots=True)
class TypedValue(RenderedValue):
    """The same with the Python value itself, for a reader that shows it by its type."""

    value: Any = None
    is_whole: bool = True
    """False for a value too large to open: `value` is None then, and `text` its beginning."""
    size: int = 0
    """Bytes that it takes on the wire."""
    description: str = ""


WHOLE_VALUE_BYTES = 1024 * 1024
"""A larger value is not turned into Python objects for show: that would hold up the loop."""


def inputs_to_python(literals: Iterable[Any], interface: Any = None) -> dict[str, Any]:
    """Values of `Inputs.literals` by name, in the interface's order; names it lacks come last."""
    return _to_python(literals, _interface(interface).inputs)


def outputs_to_python(literals: Iterable[Any], interface: Any = None) -> dict[str, Any]:
    """Values of `Outputs.literals` by name, in the interface's order; names it lacks come last."""
    return _to_python(literals, _interface(interface).outputs)


def render_inputs(
    literals: Iterable[Any], interface: Any = None, limits: RenderLimits = DEFAULT_LIMITS
) -> list[RenderedValue]:
    """Texts of `Inputs.literals`, in the interface's order."""
    return _render(literals, _interface(interface).inputs, limits)


def render_outputs(
    literals: Iterable[Any], interface: Any = None, limits: RenderLimits = DEFAULT_LIMITS
) -> list[RenderedValue]:
    """Texts of `Outputs.literals`, in the interface's order."""
    return _render(literals, _interface(interface).outputs, limits)


def typed_inputs(literals: Iterable[Any], interface: Any = None) -> list[TypedValue]:
    """Values and texts of `Inputs.literals`, in the interface's order."""
    return _typed(literals, _interface(interface).inputs)


def typed_outputs(literals: Iterable[Any], interface: Any = None) -> list[TypedValue]:
    """Values and texts of `Outputs.literals`, in the interface's order."""
    return _typed(literals, _interface(interface).outputs)


def _typed(literals: Iterable[Any], variables: Mapping[str, Variable]) -> list[TypedValue]:
    return [_typed_value(named, variables) for named in _ordered(literals, variables)]


def _typed_value(named: Any, variables: Mapping[str, Variable]) -> TypedValue:
    rendered, size = _rendered(named, variables, DEFAULT_LIMITS), named.value.ByteSize()
    variable = variables.get(named.name)
    is_whole = size <= WHOLE_VALUE_BYTES
    return TypedValue(
        name=rendered.name,
        type_name=rendered.type_name,
        text=rendered.text,
        value=to_python(named.value, _declared(variables, named.name)) if is_whole else None,
        is_whole=is_whole,
        size=size,
        description=variable.description if variable is not None else "",
    )


def _interface(interface: Any) -> Interface:
    """Accept an `Interface`, a `TypedInterface` or None (an action without a task spec)."""
    if interface is None:
        return Interface()
    return interface if isinstance(interface, Interface) else interface_of(interface)


def _to_python(literals: Iterable[Any], variables: Mapping[str, Variable]) -> dict[str, Any]:
    return {
        named.name: to_python(named.value, _declared(variables, named.name))
        for named in _ordered(literals, variables)
    }


def _render(
    literals: Iterable[Any], variables: Mapping[str, Variable], limits: RenderLimits
) -> list[RenderedValue]:
    return [_rendered(named, variables, limits) for named in _ordered(literals, variables)]


def _rendered(named: Any, variables: Mapping[str, Variable], limits: RenderLimits) -> RenderedValue:
    variable = variables.get(named.name)
    name = variable.type_name if variable is not None else type_name(named.value)
    text = render(named.value, _declared(variables, named.name), limits)
    return RenderedValue(named.name, name, text)


def _declared(variables: Mapping[str, Variable], name: str) -> Any:
    variable = variables.get(name)
    return variable.literal_type if variable is not None else None


def _ordered(literals: Iterable[Any], variables: Mapping[str, Variable]) -> list[Any]:
    place = {name: number for number, name in enumerate(variables)}
    return sorted(literals, key=lambda named: place.get(named.name, len(place)))

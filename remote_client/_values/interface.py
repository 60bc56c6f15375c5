"""A task's interface in Python terms: its inputs and outputs by name, in declared order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from remote_client._values.text import RenderLimits, render_nested
from remote_client._values.type_names import of_type

_DEFAULT_TEXT_LIMITS = RenderLimits(depth=2, items=5, string=60, total=120)


@dataclass(frozen=True, slots=True)
class Variable:
    """One input or output. `literal_type` is the Flyte type, `default` a Flyte literal or None."""

    name: str
    type_name: str
    description: str = ""
    required: bool = True
    literal_type: Any = field(default=None, repr=False, compare=False)
    default: Any = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        if self.default is None:
            return f"{self.name}: {self.type_name}"
        return f"{self.name}: {self.type_name} = {default_text(self)}"


def default_text(variable: Variable) -> str:
    """A default in one short line; "" for none."""
    if variable.default is None:
        return ""
    return " ".join(render_nested(variable.default, _DEFAULT_TEXT_LIMITS).split())


@dataclass(frozen=True, slots=True)
class Interface:
    """Inputs and outputs of a task; `str()` reads like a Python signature."""

    inputs: Mapping[str, Variable] = field(default_factory=lambda: MappingProxyType({}))
    outputs: Mapping[str, Variable] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def required_inputs(self) -> tuple[str, ...]:
        """Names of the inputs which have no default, in declared order."""
        return tuple(name for name, variable in self.inputs.items() if variable.required)

    @property
    def signature(self) -> str:
        """The inputs alone: `(x: int, y: str = "a")`."""
        return f"({', '.join(str(variable) for variable in self.inputs.values())})"

    def __str__(self) -> str:
        outputs = ", ".join(str(variable) for variable in self.outputs.values())
        return f"{self.signature} -> ({outputs})"


def interface_of(typed_interface: Any, default_inputs: Iterable[Any] = ()) -> Interface:
    """Read a `TypedInterface`; `default_inputs` are the `NamedParameter`s of a task spec."""
    defaults = {named.name: named.parameter for named in default_inputs}
    inputs = (
        _variable(entry, defaults.get(entry.key)) for entry in typed_interface.inputs.variables
    )
    outputs = (_variable(entry, None) for entry in typed_interface.outputs.variables)
    return Interface(_by_name(inputs), _by_name(outputs))


def _variable(entry: Any, parameter: Any) -> Variable:
    kind = entry.value.type
    has_default = parameter is not None and parameter.HasField("default")
    optional = parameter is not None and parameter.WhichOneof("behavior") is not None
    return Variable(
        name=entry.key,
        type_name=of_type(kind),
        description=entry.value.description,
        required=not has_default and not (optional and not parameter.required),
        literal_type=kind,
        default=parameter.default if has_default else None,
    )


def _by_name(variables: Iterable[Variable]) -> Mapping[str, Variable]:
    return MappingProxyType({variable.name: variable for variable in variables})

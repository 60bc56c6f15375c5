"""What an action was given and what it gave back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.task import common_pb2
from flyteidl2.workflow import run_service_pb2

from remote_client._client.calls import call
from remote_client._client.capabilities import is_missing, remember_missing
from remote_client._json import ToJSONMixin
from remote_client._scope import Scope
from remote_client._values import (
    RenderedValue,
    TypedValue,
    inputs_to_python,
    outputs_to_python,
    render_inputs,
    render_outputs,
    typed_inputs,
    typed_outputs,
)
from remote_client.errors import NotFound, Unimplemented

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["ActionInputs", "ActionOutputs", "RenderedValue", "TypedValue"]

_DATAPROXY = "DataProxyService.GetActionData"
# The platform learns where outputs are a moment after it learns that the action succeeded.
RETRY_S = 1.0


class ActionInputs(Mapping[str, Any], ToJSONMixin):
    """Inputs by name, in the order of the task's interface, as Python values.

    A value of a type that this library does not know shows what it is. Equal to any mapping with
    the same values.
    """

    def __init__(self, pb: Any, interface: Any = None) -> None:
        self._pb = pb
        self._interface = interface

    @cached_property
    def _values(self) -> dict[str, Any]:
        return inputs_to_python(self._pb.literals, self._interface)

    @property
    def literals(self) -> dict[str, Any]:
        """The Flyte literals by name, to be handed on as they are."""
        return {named.name: named.value for named in self._pb.literals}

    @property
    def context(self) -> dict[str, str]:
        """The context that was handed on with them."""
        return {pair.key: pair.value for pair in self._pb.context}

    def rendered(self) -> list[RenderedValue]:
        """Each input's name, type and value as a stable text for people."""
        return render_inputs(self._pb.literals, self._interface)

    def typed(self) -> list[TypedValue]:
        """Each input's name, type, text and Python value, large ones as text alone."""
        return typed_inputs(self._pb.literals, self._interface)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._pb.literals)

    def __repr__(self) -> str:
        return _shown("ActionInputs", self.rendered())


class ActionOutputs(tuple[Any, ...], ToJSONMixin):
    """Outputs in order, as Python values: a tuple whose values also have their names.

    `outputs.o0` is the value of the output named `o0`.
    """

    _pb: Any
    _interface: Any
    _named: dict[str, Any]

    def __new__(cls, pb: Any, interface: Any = None) -> ActionOutputs:
        named = outputs_to_python(pb.literals, interface)
        outputs = super().__new__(cls, tuple(named.values()))
        outputs._pb, outputs._interface, outputs._named = pb, interface, named
        return outputs

    @property
    def named_outputs(self) -> dict[str, Any]:
        """The values by the names that the task's interface gives them."""
        return dict(self._named)

    def rendered(self) -> list[RenderedValue]:
        """Each output's name, type and value as a stable text for people."""
        return render_outputs(self._pb.literals, self._interface)

    def typed(self) -> list[TypedValue]:
        """Each output's name, type, text and Python value, large ones as text alone."""
        return typed_outputs(self._pb.literals, self._interface)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_named"][name]
        except KeyError:
            raise AttributeError(f"There is no output {name!r}.") from None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._pb, self._interface)

    def __repr__(self) -> str:
        return _shown("ActionOutputs", self.rendered())


def _shown(kind: str, values: list[RenderedValue]) -> str:
    return f"{kind}({', '.join(f'{value.name}={value.text}' for value in values)})"


async def read_data(client: ClientSet, action_id: Any, *, succeeded: bool) -> tuple[Any, Any]:
    """The Inputs and Outputs messages of an action; what does not exist is empty.

    An action that has `succeeded` has data, so a "not found" is asked again once.
    """
    scope = Scope(action_id.run.org, action_id.run.project, action_id.run.domain)
    asked = (
        f"read the inputs and outputs of action {action_id.name!r} "
        f"of run {action_id.run.name!r} in {scope.label}"
    )
    try:
        answer = await _ask(client, action_id, asked)
    except NotFound:
        if not succeeded:
            raise
        await asyncio.sleep(RETRY_S)
        answer = await _ask(client, action_id, asked)
    return answer.inputs, answer.outputs


async def _ask(client: ClientSet, action_id: Any, asked: str) -> Any:
    if not is_missing(client.endpoint, _DATAPROXY):
        request = dataproxy_service_pb2.GetActionDataRequest(action_id=action_id)
        try:
            return await call(client, "dataproxy_service", "GetActionData", request, asked=asked)
        except Unimplemented:
            remember_missing(client.endpoint, _DATAPROXY)
    older = run_service_pb2.GetActionDataRequest(action_id=action_id)
    return await call(client, "run_service", "GetActionData", older, asked=asked)


def no_outputs() -> Any:
    """An Outputs message that holds nothing."""
    return common_pb2.Outputs()


def outputs_of_signal(literal: Any) -> Any:
    """The Outputs message of a condition that was answered with this literal."""
    return common_pb2.Outputs(literals=[common_pb2.NamedLiteral(name="o0", value=literal)])

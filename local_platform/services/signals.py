"""Giving a condition its value, from RunService and from ActionsService alike."""

from __future__ import annotations

from flyteidl2.core.literals_pb2 import Literal, Primitive, Scalar
from flyteidl2.core.types_pb2 import SimpleType
from flyteidl2.workflow.run_definition_pb2 import ActionType, ConditionAction
from flyteidl2.workflow.run_service_pb2 import EventPayload

from local_platform import engine
from local_platform.context import Platform
from local_platform.errors import failed_precondition, invalid
from local_platform.store import ActionRecord

_PAYLOADS = {
    "bool_value": "boolean",
    "int_value": "integer",
    "float_value": "float_value",
    "string_value": "string_value",
}
_TYPES = {
    SimpleType.BOOLEAN: "boolean",
    SimpleType.INTEGER: "integer",
    SimpleType.FLOAT: "float_value",
    SimpleType.STRING: "string_value",
}


def payload_literal(payload: EventPayload) -> Literal:
    """The literal of a signal's payload. INVALID_ARGUMENT when it has no value."""
    field = payload.WhichOneof("value")
    if field is None:
        raise invalid("payload.value is empty: give a bool, int, float or string")
    primitive = Primitive(**{_PAYLOADS[field]: getattr(payload, field)})
    return Literal(scalar=Scalar(primitive=primitive))


def signal(platform: Platform, record: ActionRecord, value: Literal, by: str) -> None:
    """Ends a condition with a value; the same value again changes nothing."""
    name = f"{record.run}/{record.name}"
    if record.kind != ActionType.ACTION_TYPE_CONDITION:
        raise failed_precondition(f"{name} is not a condition and takes no signal")
    data = value.SerializeToString(deterministic=True)
    if record.phase == engine.SUCCEEDED and record.value == data:
        return
    if record.phase != engine.PAUSED:
        raise failed_precondition(f"the condition {name} is over and takes no signal")
    _check_type(platform.store.specs.get(record.spec_id, ConditionAction), value)
    platform.conductor.signal(record.key, data, by)


def _check_type(condition: ConditionAction, value: Literal) -> None:
    wanted = _TYPES.get(condition.type.simple)
    given = value.scalar.primitive.WhichOneof("value")
    if wanted is None or given != wanted:
        expected = SimpleType.Name(condition.type.simple).lower()
        raise invalid(f'the condition "{condition.name}" expects a value of type {expected}')

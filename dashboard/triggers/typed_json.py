"""Inputs as JSON that a person can type, and back into what the platform's types want.

Moments are ISO 8601, durations a number of seconds, bytes base64, files and the like their
address. What can't be said in JSON is left out, and stays as it is when a trigger is edited.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from remote_client import Interface
from remote_client._values import Shape, shape_of

_NO_JSON = object()


class BadInputs(ValueError):
    """The text is not what the task takes; each sentence says what and where."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def to_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that JSON can say."""
    said = {name: _plain(value) for name, value in values.items()}
    return {name: value for name, value in said.items() if value is not _NO_JSON}


def parse(text: str, interface: Interface, *, time_input: str = "") -> dict[str, Any]:
    """Values for the task's inputs, all but the one that gets the time. Raises BadInputs."""
    try:
        given = json.loads(text or "{}", parse_constant=_no_constant)
    except ValueError as error:
        raise BadInputs([f"This is not JSON: {error}."]) from None
    if not isinstance(given, dict):
        raise BadInputs(["The inputs are one JSON object, with a key for each input."])
    problems = [f"The task has no input {name!r}." for name in given.keys() - set(interface.inputs)]
    if time_input in given:
        problems.append(f"{time_input!r} gets the time at which the trigger fires; leave it out.")
    values: dict[str, Any] = {}
    for name, variable in interface.inputs.items():
        if name not in given or name == time_input:
            continue
        try:
            values[name] = _typed(given[name], shape_of(variable.literal_type), name)
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise BadInputs(sorted(problems))
    return values


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON number")


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value.value if isinstance(value, Enum) else value
        case float():
            return value if math.isfinite(value) else _NO_JSON
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case timedelta():
            return value.total_seconds()
        case bytes():
            return base64.b64encode(value).decode()
        case list() | tuple():
            items = [_plain(item) for item in value]
            return _NO_JSON if _NO_JSON in items else items
        case dict():
            pairs = {str(key): _plain(item) for key, item in value.items()}
            return _NO_JSON if _NO_JSON in pairs.values() else pairs
    address = getattr(value, "uri", None)
    return address if isinstance(address, str) and address else _NO_JSON


def _typed(value: Any, shape: Shape, where: str) -> Any:
    """The value as the type wants it; what JSON has a form for is left to the client to check."""
    if value is None:
        return None
    match shape.kind:
        case "datetime":
            return _moment(value, where)
        case "duration":
            return _duration(value, where)
        case "bytes":
            return _bytes(value, where)
        case "list" if isinstance(value, list):
            inner = shape.parts[0].shape
            return [_typed(item, inner, f"{where}[{n}]") for n, item in enumerate(value)]
        case "map" if isinstance(value, dict) and shape.parts:
            inner = shape.parts[0].shape
            return {key: _typed(item, inner, f"{where}.{key}") for key, item in value.items()}
        case "union" if shape.parts:
            return _variant(value, shape, where)
    return value


def _variant(value: Any, shape: Shape, where: str) -> Any:
    """An optional one is its other variant; of several, the client finds the one that fits."""
    others = [part.shape for part in shape.parts if part.shape.kind != "none"]
    return _typed(value, others[0], where) if len(others) == 1 else value


def _moment(value: Any, where: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{where} is a moment, such as 2026-05-04T12:00:00Z.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _duration(value: Any, where: str) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{where} is a duration: a number of seconds.")
    return timedelta(seconds=value)


def _bytes(value: Any, where: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise ValueError(f"{where} is bytes, written in base64.") from None

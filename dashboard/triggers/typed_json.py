"""Inputs as JSON: the same grammar as the launch form's (`dashboard.launching.json_forms`).

What can't be said in JSON is left out, and stays as it is when a trigger is edited.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from dashboard.launching.from_values import entry_of
from dashboard.launching.json_forms import strict_entry
from dashboard.launching.reading import Reading
from dashboard.launching.texts import read_json
from dashboard.launching.to_json import json_of
from remote_client import Interface
from remote_client._values import shape_of

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


def to_typed_json(values: Mapping[str, Any], interface: Interface) -> dict[str, Any]:
    """The values as `parse` takes them back, by the task's own types."""
    said: dict[str, Any] = {}
    for name, value in values.items():
        if name not in interface.inputs:
            continue
        shape = shape_of(interface.inputs[name].literal_type)
        entry = entry_of(shape, value)
        if not entry.kept:
            said[name] = json_of(shape, entry)
    return said


def parse(text: str, interface: Interface, *, time_input: str = "") -> dict[str, Any]:
    """Values for the task's inputs, all but the one that gets the time. Raises BadInputs."""
    try:
        given = read_json(text or "{}")
    except ValueError as error:
        raise BadInputs([str(error)]) from None
    if not isinstance(given, dict):
        raise BadInputs(["The inputs are one JSON object, with a key for each input."])
    problems = [f"The task has no input {name!r}." for name in given.keys() - set(interface.inputs)]
    if time_input in given:
        problems.append(f"{time_input!r} gets the time at which the trigger fires; leave it out.")
    values: dict[str, Any] = {}
    for name, variable in interface.inputs.items():
        if name in given and name != time_input:
            values[name] = _value(name, variable.literal_type, given[name], problems)
    if problems:
        raise BadInputs(sorted(problems))
    return values


def _value(name: str, literal_type: Any, given: Any, problems: list[str]) -> Any:
    shape, reading = shape_of(literal_type), Reading()
    try:
        value = reading.value(shape, strict_entry(shape, given), name)
    except ValueError as error:
        problems.append(f"{name}: {error}")
        return None
    problems += [f"{name}: {sentence}" for sentence in reading.problems.values()]
    return value


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

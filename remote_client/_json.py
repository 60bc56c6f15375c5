"""Entities as JSON: always valid, whatever the platform put into the message."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf import json_format, text_format

__all__ = ["ToJSONMixin"]


class ToJSONMixin:
    """`to_dict()` and `to_json()` for anything that holds a message in `_pb`."""

    __slots__ = ()

    def to_dict(
        self, *, preserving_names: bool = False, including_defaults: bool = False
    ) -> dict[str, Any]:
        """A dictionary of JSON values: camelCase keys, enums by name, 64-bit integers as text.

        `preserving_names` keeps snake_case keys; `including_defaults` shows fields that hold
        their default too.
        """
        message = getattr(self, "_pb", None)
        if message is None:
            return _public_values(self)
        return message_to_dict(message, preserving_names, including_defaults)

    def to_json(
        self, *, preserving_names: bool = False, including_defaults: bool = False, indent: int = 2
    ) -> str:
        """`to_dict()` as JSON text; always valid JSON."""
        values = self.to_dict(
            preserving_names=preserving_names, including_defaults=including_defaults
        )
        return json.dumps(values, indent=indent, default=str, allow_nan=False)


def message_to_dict(
    message: Any, preserving_names: bool = False, including_defaults: bool = False
) -> dict[str, Any]:
    """The message as JSON values; as text where JSON cannot hold it (NaN in a Struct)."""
    try:
        return dict(
            json_format.MessageToDict(
                message,
                preserving_proto_field_name=preserving_names,
                always_print_fields_with_no_presence=including_defaults,
            )
        )
    except (json_format.Error, ValueError, TypeError):
        return {"text": text_format.MessageToString(message)}


def _public_values(entity: object) -> dict[str, Any]:
    return {name: value for name, value in vars(entity).items() if not name.startswith("_")}

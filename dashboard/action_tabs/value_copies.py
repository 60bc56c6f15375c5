"""A value as JSON and as Python, to paste elsewhere."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, time, timedelta
from typing import Any

from remote_client._values import (
    DataFrame,
    Dir,
    ErrorValue,
    File,
    Offloaded,
    Opaque,
    Schema,
    Unreadable,
)

INDENT = 2


def as_json(value: Any) -> str:
    """JSON that any reader takes: moments as ISO 8601, durations in seconds, files by address."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=INDENT)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _plain(member) for key, member in value.items()}
        case list() | tuple():
            return [_plain(member) for member in value]
        case float() if not math.isfinite(value):
            return repr(value)  # JSON has neither infinity nor NaN
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return value.hex()
        case Opaque():
            return value.data.hex()
        case File() | Dir() | DataFrame() | Schema() | Offloaded():
            return value.uri
        case ErrorValue():
            return value.message
        case Unreadable():
            return None
        case _:
            return str(value)


def as_python(value: Any) -> str:
    """A Python expression; files and tables as the SDK's own classes."""
    match value:
        case dict():
            inside = ", ".join(f"{as_python(k)}: {as_python(v)}" for k, v in value.items())
            return f"{{{inside}}}"
        case list():
            return f"[{', '.join(map(as_python, value))}]"
        case tuple():
            inside = ", ".join(map(as_python, value))
            return f"({inside},)" if len(value) == 1 else f"({inside})"
        case float() if not math.isfinite(value):
            return f"float({str(value)!r})"
        case File() | Dir():
            name = type(value).__name__
            return f"flyte.io.{name}.from_existing_remote({value.uri!r})"
        case DataFrame():
            return f"flyte.io.DataFrame.from_existing_remote({value.uri!r})"
        case Schema() | Offloaded():
            return repr(value.uri)
        case datetime():
            return f"datetime.datetime.fromisoformat({value.isoformat()!r})"
        case timedelta():
            return f"datetime.timedelta(seconds={value.total_seconds()!r})"
        case Opaque():
            return repr(value.data)
        case Unreadable():
            return f"...  # {value.reason}"
        case ErrorValue():
            return repr(value.message)
        case _:
            return repr(value)

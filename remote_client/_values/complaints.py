"""Sentences for values that do not fit: which input, what it takes, what was given."""

from typing import Any

from remote_client._values.signs import visible
from remote_client._values.type_names import of_type

_MAX_SHOWN = 60
# Values of these types are shown; a foreign object's repr could be long, slow or raise.
_SHOWN = (str, int, float, bool, bytes, type(None))


def mismatch(where: str, expected: str, value: Any) -> TypeError:
    """`input 'n' takes int, not str 'abc'`."""
    return TypeError(f"{where} takes {expected}, not {shown(value)}")


def type_mismatch(where: str, literal_type: Any, value: Any) -> TypeError:
    """As `mismatch`, for a declared Flyte type."""
    return mismatch(where, of_type(literal_type), value)


def shown(value: Any) -> str:
    """`str 'abc'`, `None`, or the type's name alone."""
    if value is None:
        return "None"
    name = type(value).__name__
    if not isinstance(value, _SHOWN):
        return name
    text = repr(value[: _MAX_SHOWN + 1] if isinstance(value, (str, bytes)) else value)
    return visible(f"{name} {text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + '…'}", "")

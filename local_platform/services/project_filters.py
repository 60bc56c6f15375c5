"""The filter texts of ListProjects: `eq(state,0)+contains(name,fly)`."""

from __future__ import annotations

import re
from collections.abc import Callable

from local_platform.errors import invalid
from local_platform.store import ProjectRecord

Matcher = Callable[[ProjectRecord], bool]

_TERM = re.compile(r"(\w+)\(\s*([\w.]+)\s*,\s*(.*)\)")
_FIELDS: dict[str, Callable[[ProjectRecord], str]] = {
    "identifier": lambda record: record.id,
    "id": lambda record: record.id,
    "name": lambda record: record.name,
    "description": lambda record: record.description,
    "labels": lambda record: record.labels,
    "state": lambda record: str(record.state),
}
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda actual, wanted: actual == wanted,
    "ne": lambda actual, wanted: actual != wanted,
    "contains": lambda actual, wanted: wanted in actual,
    "value_in": lambda actual, wanted: actual in wanted.split(";"),
}


def matcher(filters: str) -> Matcher | None:
    """A test for all terms together; None without filters. INVALID_ARGUMENT for a bad text."""
    if not filters:
        return None
    terms = [_term(text.strip()) for text in filters.split("+")]
    return lambda record: all(term(record) for term in terms)


def _term(text: str) -> Matcher:
    found = _TERM.fullmatch(text)
    if found is None:
        raise invalid(f'invalid filter "{text}": expected function(field, value)')
    function, field, wanted = found.groups()
    test, read = _TESTS.get(function), _FIELDS.get(field)
    if test is None:
        raise invalid(f'invalid filter function "{function}"; known: {", ".join(_TESTS)}')
    if read is None:
        raise invalid(f'invalid filter field "{field}"; known: {", ".join(_FIELDS)}')
    return lambda record: test(read(record), wanted)

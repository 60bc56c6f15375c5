"""Writes literals as readable text: the same value always gives the same text, of bounded size.

A plain top-level string is shown as it is, everything nested is written as in Python, for example
`["a", None]`, so that `None` and `"None"` differ. Containers are read only as far as shown.
"""

import heapq
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from flyteidl2.core import literals_pb2

from remote_client._values import references
from remote_client._values.decode import offloaded, scalar_to_python, union_type, unset
from remote_client._values.layout import enclose
from remote_client._values.msgpack_excerpt import WHOLE_BYTES, Excerpt, excerpt
from remote_client._values.signs import visible
from remote_client._values.times import duration_text, moment_text


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """How much of a value is written; what is cut is always said in the text."""

    depth: int = 10
    """Levels of nesting."""
    items: int = 200
    """Members of one container."""
    string: int = 10_000
    """Characters of one string."""
    total: int = 40_000
    """Characters of all, roughly: the part being written is finished."""
    preview: int = 32
    """Bytes shown of binary data."""


DEFAULT_LIMITS = RenderLimits()


def render(literal: Any, literal_type: Any = None, limits: RenderLimits = DEFAULT_LIMITS) -> str:
    """The text of a `Literal` (see the module). Never raises; unknown kinds say what they are."""
    writer = _Writer(limits)
    if (bare := _bare_string(literal, literal_type)) is not None:
        return writer.bare(bare) if bare else '""'
    value = _scalar(literal.scalar, literal_type, limits) if _is_scalar(literal) else literal
    if isinstance(value, (references.File, references.Dir)):
        return writer.bare(value.uri) or "no address"
    return writer.write(value, 0)


def render_nested(literal: Any, limits: RenderLimits = DEFAULT_LIMITS) -> str:
    """The text of a literal as inside a container: strings are quoted."""
    return _Writer(limits).write(literal, 0)


def _is_scalar(literal: Any) -> bool:
    """Containers stay literals, for the writer to walk only as far as it shows."""
    return bool(
        literal.WhichOneof("value") == "scalar" and literal.scalar.WhichOneof("value") != "union"
    )


def _scalar(scalar: Any, literal_type: Any, limits: RenderLimits) -> Any:
    """As `scalar_to_python`, but of large dataclasses and dicts only what will be shown."""
    binary = scalar.binary
    large = len(binary.value) > WHOLE_BYTES and scalar.WhichOneof("value") == "binary"
    if large and binary.tag == "msgpack":
        return excerpt(binary.value, limits.items, limits.depth)
    return scalar_to_python(scalar, literal_type)


def _bare_string(literal: Any, literal_type: Any) -> str | None:
    """The string of a literal which cannot be mistaken for another kind of value."""
    if literal.WhichOneof("value") != "scalar":
        return None
    scalar = literal.scalar
    if (
        scalar.WhichOneof("value") == "union"
        and scalar.union.type.WhichOneof("type") == "enum_type"
    ):
        scalar = scalar.union.value.scalar
    if scalar.WhichOneof("value") != "primitive":
        return None
    primitive = scalar.primitive
    return primitive.string_value if primitive.WhichOneof("value") == "string_value" else None


class _Writer:
    """Writes nested values; `left` is what remains of the character budget."""

    def __init__(self, limits: RenderLimits) -> None:
        self._limits = limits
        self._left = limits.total

    def write(self, value: Any, depth: int) -> str:
        if isinstance(value, literals_pb2.Literal):
            return self._literal(value, depth)
        match value:
            case Excerpt(keyed=True):
                return self._mapping(value.members, value.total, depth)
            case Excerpt():
                return self._sequence("[", value.members, value.total, "]", depth)
            case dict():
                return self._mapping(value.items(), len(value), depth)
            case references.DataFrame() | references.Schema():
                return self._spend(_table_text(value))
            case list():
                return self._sequence("[", value, len(value), "]", depth)
            case tuple():
                return self._sequence("(", value, len(value), ")", depth)
            case _:
                return self._leaf(value)

    def bare(self, text: str) -> str:
        """A string without quotes; control signs are made visible, line ends stay."""
        limit = self._limits.string
        return visible(text[:limit]) + _cut_note(len(text) - limit, "\n")

    def _literal(self, literal: Any, depth: int) -> str:
        match literal.WhichOneof("value"):
            case "scalar" if literal.scalar.WhichOneof("value") == "union":
                return self._union(literal.scalar.union, depth)
            case "scalar":
                return self.write(_scalar(literal.scalar, None, self._limits), depth)
            case "collection":
                members = literal.collection.literals
                return self._sequence("[", members, len(members), "]", depth)
            case "map":
                entries = literal.map.literals
                # A protobuf map has a random order: without sorting the text would not be stable.
                keys = heapq.nsmallest(self._limits.items, entries)
                return self._mapping(((key, entries[key]) for key in keys), len(entries), depth)
            case "offloaded_metadata":
                return self.write(offloaded(literal.offloaded_metadata), depth)
            case _:
                return self.write(references.Unreadable(unset(literal, "a literal")), depth)

    def _union(self, union: Any, depth: int) -> str:
        inner = union.value
        if inner.WhichOneof("value") == "scalar" and inner.scalar.WhichOneof("value") != "union":
            value = _scalar(inner.scalar, union_type(union), self._limits)
            return self.write(value, depth)
        # Unions in unions count as depth: a message of our own making can nest them without end.
        return self.write(inner, depth + 1) if depth < self._limits.depth else "… nested too deep"

    def _sequence(
        self, opening: str, members: Iterable[Any], total: int, closing: str, depth: int
    ) -> str:
        if total and depth >= self._limits.depth:
            return f"{opening}… {total:,} nested too deep to show{closing}"
        parts = [self.write(member, depth + 1) for member in self._affordable(members)]
        return enclose(opening, parts, closing, _more_note(total - len(parts)))

    def _mapping(self, entries: Iterable[tuple[Any, Any]], total: int, depth: int) -> str:
        if total and depth >= self._limits.depth:
            return f"{{… {total:,} nested too deep to show}}"
        parts = [
            f"{self.write(key, depth + 1)}: {self.write(value, depth + 1)}"
            for key, value in self._affordable(entries)
        ]
        return enclose("{", parts, "}", _more_note(total - len(parts)))

    def _affordable(self, members: Iterable[Any]) -> Iterator[Any]:
        for member in islice(members, self._limits.items):
            if self._left <= 0:
                return
            yield member

    def _leaf(self, value: Any) -> str:
        match value:
            case str():
                return self._spend(self._quoted(value))
            case datetime():
                return self._spend(moment_text(value))
            case timedelta():
                return self._spend(duration_text(value))
            case bytes():
                return self._spend(self._bytes_text(value, ""))
            case references.Opaque():
                return self._spend(self._bytes_text(value.data, _encoding(value)))
            case _:
                return self._spend(_reference_text(value))

    def _quoted(self, text: str) -> str:
        limit = self._limits.string
        quoted = visible(json.dumps(text[:limit], ensure_ascii=False))
        return quoted + _cut_note(len(text) - limit, " ")

    def _bytes_text(self, data: bytes, encoding: str) -> str:
        shown = data[: self._limits.preview].hex(" ")
        more = " …" if len(data) > self._limits.preview else ""
        return (
            f"({encoding or 'bytes'}, {size_text(len(data))}: {shown}{more})"
            if data
            else "(no bytes)"
        )

    def _spend(self, text: str) -> str:
        self._left -= len(text) + 2  # the separator
        return text


def _reference_text(value: Any) -> str:
    match value:
        case references.File() | references.Dir():
            return (
                f"{type(value).__name__}({json.dumps(visible(value.uri, ''), ensure_ascii=False)})"
            )
        case references.ErrorValue():
            where = f" (in {visible(value.failed_node, '')})" if value.failed_node else ""
            return f"error: {visible(value.message)}{where}"
        case references.Offloaded():
            what = f"{value.type_name}, " if value.type_name else ""
            return f"(kept apart: {what}{size_text(value.size)}, at {visible(value.uri, '')})"
        case references.Unreadable():
            return f"({visible(value.reason, '')})"
        case _:
            return visible(repr(value))


def _table_text(table: references.DataFrame | references.Schema) -> str:
    """The address first; the format and the columns where they are stated."""
    stated = (
        f" ({visible(table.format, '')})"
        if isinstance(table, references.DataFrame) and table.format
        else ""
    )
    few = [f"{visible(name, '')}: {kind}" for name, kind in table.columns[:50]]
    more = [f"… {len(table.columns) - 50:,} more"] if len(table.columns) > 50 else []
    columns = f"\ncolumns: {', '.join([*few, *more])}" if few else ""
    return (visible(table.uri, "") or "no address") + stated + columns


def _encoding(value: references.Opaque) -> str:
    if value.looks_pickled:
        return "pickled Python object, not opened"
    return visible(value.tag, "")


def _more_note(missing: int) -> str:
    return f"… {missing:,} more" if missing > 0 else ""


def _cut_note(missing: int, before: str) -> str:
    return f"{before}… {missing:,} more characters" if missing > 0 else ""


def size_text(size: int) -> str:
    """A size in bytes for people: `17 B`, `12.3 MB` (powers of 1,000)."""
    if size < 1_000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        value /= 1_000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value:,.0f} PB"

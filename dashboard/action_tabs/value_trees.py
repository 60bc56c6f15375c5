"""Turns a value into the tree that its template draws, of bounded size whatever the value is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from dashboard.action_tabs.value_pages import FileRef, ValueNode
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

MOST_NODES = 300
MOST_MEMBERS = 100
MOST_CHARS = 10_000
MOST_NAME_CHARS = 200
MOST_PATH_CHARS = 1_000
OPEN_DEPTH = 2
OPEN_MEMBERS = 20
"""A container deeper or longer than this is folded until the reader opens it."""

_FILE_KEYS = {"path", "name", "format", "hash", "hash_method"}

MakeRef = Callable[[str, Any], FileRef]
"""From the pointer into the value and the reference that stands there."""


@dataclass
class TreeMaker:
    """Builds the tree of one value; `left` is how many nodes it may still have."""

    make_ref: MakeRef
    left: int = field(default=MOST_NODES)

    def node(
        self, value: Any, *, key: str, path: str, pointer: str, type_name: str = "", depth: int = 0
    ) -> ValueNode:
        self.left -= 1
        where: dict[str, Any] = {
            "key": key,
            "path": path,
            "type_name": type_name or _type_of(value),
        }
        if (reference := as_reference(value)) is not None:
            return ValueNode("file", **where, file=self.make_ref(pointer, reference))
        match value:
            case dict():
                return self._container("dict", value.items(), len(value), where, pointer, depth)
            case list() | tuple():
                return self._container("list", enumerate(value), len(value), where, pointer, depth)
            case str():
                return _text_node(value, where)
            case datetime():
                return ValueNode("moment", **where, text=moment_words(value), at=_aware(value))
            case _:
                return ValueNode(_kind_of(value), **where, text=leaf_words(value))

    def _container(
        self,
        kind: str,
        members: Iterable[tuple[Any, Any]],
        count: int,
        where: dict[str, Any],
        pointer: str,
        depth: int,
    ) -> ValueNode:
        children = []
        for name, member in islice(members, MOST_MEMBERS):
            if self.left <= 0:
                break
            children.append(
                self.node(
                    member,
                    key=_cut_name(str(name)),
                    path=_cut_path(where["path"], name),
                    pointer=f"{pointer}/{escaped(name)}",
                    depth=depth + 1,
                )
            )
        return ValueNode(
            kind,
            **where,
            children=tuple(children),
            count=count,
            more=count - len(children),
            is_open=depth < OPEN_DEPTH and count <= OPEN_MEMBERS,
        )


def _cut_name(name: str) -> str:
    return name if len(name) <= MOST_NAME_CHARS else f"{name[:MOST_NAME_CHARS]}…"


def _cut_path(path: str, name: Any) -> str:
    """The expression that leads on; a path with an endless name leads nowhere."""
    longer = f"{path}[{name!r}]" if path else ""
    return longer if len(longer) <= MOST_PATH_CHARS else ""


def escaped(name: Any) -> str:
    """A member's name as a JSON pointer spells it."""
    return str(name).replace("~", "~0").replace("/", "~1")


def located(value: Any, pointer: str) -> Any:
    """The member that a pointer leads to. Raises KeyError."""
    for step in pointer.split("/")[1:] if pointer else []:
        value = _member(value, step)
    return value


def _member(value: Any, step: str) -> Any:
    match value:
        case dict():
            for name, member in value.items():
                if escaped(name) == step:
                    return member
        case list() | tuple() if step.isdecimal() and len(step) < 9 and int(step) < len(value):
            return value[int(step)]
    raise KeyError(step)


def as_reference(value: Any) -> Any:
    """The file, folder or table that a value is; None for any other value.

    Inside dataclasses the SDK sends its own classes of them, as their fields.
    """
    if isinstance(value, File | Dir | DataFrame | Schema | Offloaded):
        return value
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("path"), str) and {"path", "format"} <= value.keys() <= _FILE_KEYS:
        reference = File if _looks_like_file(value["path"]) else Dir
        return reference(value["path"], str(value["format"] or ""))
    if isinstance(value.get("uri"), str) and {"uri", "format"} == value.keys():
        return DataFrame(value["uri"], str(value["format"] or ""))
    return None


def _looks_like_file(path: str) -> bool:
    return "." in path.rstrip("/").rpartition("/")[2] and not path.endswith("/")


def _text_node(text: str, where: dict[str, Any]) -> ValueNode:
    shown = text[:MOST_CHARS]
    is_short = len(text) <= 400 and text.count("\n") < 6
    return ValueNode("text", **where, text=shown, more=len(text) - len(shown), is_open=is_short)


def _kind_of(value: Any) -> str:
    return "note" if isinstance(value, Unreadable | Opaque | ErrorValue) else "leaf"


def leaf_words(value: Any) -> str:
    """A value that has no members, as Python writes it, or as a sentence about it."""
    match value:
        case None | bool() | int() | float():
            return repr(value)
        case timedelta():
            return duration_words(value)
        case date() | time():
            return value.isoformat()
        case bytes():
            return _bytes_words(value, "bytes")
        case Opaque():
            kind = "a pickled object, which is not opened" if value.looks_pickled else value.tag
            return _bytes_words(value.data, kind or "bytes")
        case Unreadable():
            return f"Can't be read: {value.reason}."
        case ErrorValue():
            return f"Error: {value.message}"
        case _:
            return str(value)


def _bytes_words(data: bytes, kind: str) -> str:
    return f"{len(data):,} bytes · {kind}" + (f" · {data[:16].hex(' ')} …" if data else "")


def moment_words(at: datetime) -> str:
    """With its zone, to the digit that it has."""
    at = _aware(at)
    text = at.isoformat(sep=" ")
    return text.removesuffix("+00:00") + " UTC" if at.utcoffset() == timedelta() else text


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def duration_words(length: timedelta) -> str:
    """Days, hours, minutes and seconds, none of them rounded."""
    sign = "-" if length < timedelta() else ""
    length = abs(length)
    hours, rest = divmod(length.seconds, 3600)
    seconds = rest % 60 + length.microseconds / 1_000_000
    parts = [
        f"{length.days} d" if length.days else "",
        f"{hours} h" if hours else "",
        f"{rest // 60} min" if rest // 60 else "",
        f"{seconds:.6f}".rstrip("0").rstrip(".") + " s" if seconds or not length else "",
    ]
    return sign + " ".join(part for part in parts if part)


_NAMES: dict[type, str] = {
    type(None): "None",
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    datetime: "datetime",
    timedelta: "timedelta",
    bytes: "bytes",
    Opaque: "bytes",
}


def _type_of(value: Any) -> str:
    """Names a member's type; a container's is said by its brackets and count."""
    return _NAMES.get(type(value), "")

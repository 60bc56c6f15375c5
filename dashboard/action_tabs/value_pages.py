"""What the templates of inputs and outputs may use: one node of a value's tree, one file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class FileRef:
    """A file, folder or table that a value points at."""

    kind: str
    """`file`, `dir`, `table` or `offloaded`."""
    uri: str
    name: str
    format: str
    is_reachable: bool
    """Whether Flightboard may read its store; without, only the address is shown."""
    download_url: str = ""
    preview_url: str = ""
    preview_kind: str = ""
    """`auto` opens by itself: a picture, a table; `ask` when the reader wants it; "" is none."""
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ValueNode:
    """A value, or a member of one. What is left out is always said."""

    kind: str
    """`leaf`, `text`, `moment`, `list`, `dict`, `file` or `note`."""
    key: str
    """What its parent calls it; empty at the top."""
    path: str
    """The Python expression that leads to it, such as `o0["flights"][3]`."""
    type_name: str
    text: str = ""
    children: tuple[ValueNode, ...] = ()
    count: int = 0
    """Members of a list or dict, shown or not."""
    more: int = 0
    """Members, or characters of a text, that are not shown."""
    at: datetime | None = None
    is_open: bool = True
    file: FileRef | None = None

    @property
    def is_line(self) -> bool:
        """A short text that stands in the line of its name."""
        return self.kind == "text" and len(self.text) <= 120 and "\n" not in self.text


@dataclass(frozen=True)
class ValueView:
    """One input or output."""

    name: str
    type_name: str
    description: str
    node: ValueNode
    as_json: str
    """To copy; empty for what is too long, which `json_url` has."""
    as_python: str
    json_url: str
    size: int
    """Bytes on the wire."""

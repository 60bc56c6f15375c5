"""Python values for what has no Python type of its own: files, tables, errors, the unreadable.

All are small frozen dataclasses which compare, hash and print; they hold an address, not the data.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class File:
    """A single file in blob storage. `format` is an ending such as "csv", "" when not stated."""

    uri: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class Dir:
    """A folder in blob storage. `format` describes the files in it, or "" when not stated."""

    uri: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class DataFrame:
    """A table in blob storage. `columns` are (name, type name) pairs, empty when not declared."""

    uri: str
    format: str = ""
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """A table of the older schema type. `columns` are (name, type name) pairs."""

    uri: str
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """An error which one action handed on as a value. `failed_node` is "" when not stated."""

    message: str
    failed_node: str = ""


@dataclass(frozen=True, slots=True)
class Offloaded:
    """A value so large that the platform keeps it in a file of its own. `size` is in bytes."""

    uri: str
    size: int
    type_name: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """Bytes which are not opened here (a pickle could run code). `tag` names their encoding."""

    data: bytes = field(repr=False)
    tag: str = ""

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    @property
    def looks_pickled(self) -> bool:
        """True when the bytes begin as a Python pickle (protocol 2 to 5) does."""
        return len(self.data) > 2 and self.data[0] == 0x80 and 2 <= self.data[1] <= 5


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a value which could not be read; `reason` says what it is and what is wrong."""

    reason: str

"""The beginning of a large msgpack value, read in a time that does not grow with its size.

Decoding megabytes to show a page of them would hold up the loop that serves everyone else.
"""

from dataclasses import dataclass, field
from typing import Any

import msgpack

from remote_client._values.plain import MSGPACK_ERRORS, MSGPACK_OPTIONS, malformed

# Values up to this size are decoded whole, which also finds what is wrong behind the part shown.
WHOLE_BYTES = 64 * 1024
# How many elements are read, and how many passed over to get at what follows them.
_READS = 20_000
_SKIPS = 100_000


@dataclass(slots=True)
class Excerpt:
    """The first members of a list, or (key, value) pairs of a map, of `total` that it has."""

    keyed: bool
    total: int
    members: list[Any] = field(default_factory=list)


def excerpt(data: bytes, items: int, depth: int) -> Any:
    """The value with at most `items` members of each container, `depth` levels deep.

    Containers come as `Excerpt`. Malformed bytes give `Unreadable`.
    """
    try:
        return _Reader(data, items, depth).read(0)
    except (*MSGPACK_ERRORS, IndexError) as error:
        return malformed(data, error)


class _Reader:
    """Walks the bytes; once a budget is spent it only finishes what it has begun."""

    def __init__(self, data: bytes, items: int, depth: int) -> None:
        self._data = data
        self._items = items
        self._depth = depth
        self._reads = _READS
        self._skips = _SKIPS
        self._unpacker = msgpack.Unpacker(max_buffer_size=len(data), **MSGPACK_OPTIONS)
        self._unpacker.feed(data)

    def read(self, level: int) -> Any:
        self._reads -= 1
        first = self._data[self._unpacker.tell()]
        if 0x90 <= first <= 0x9F or first in (0xDC, 0xDD):
            found = Excerpt(False, self._unpacker.read_array_header())
        elif 0x80 <= first <= 0x8F or first in (0xDE, 0xDF):
            found = Excerpt(True, self._unpacker.read_map_header())
        else:
            return self._unpacker.unpack()
        self._fill(found, level)
        return found

    def _fill(self, found: Excerpt, level: int) -> None:
        wanted = min(found.total, self._items) if level < self._depth else 0
        while len(found.members) < wanted and not self._spent:
            member = self.read(level + 1)
            if not found.keyed:
                found.members.append(member)
            elif self._skips >= 0:  # else the place of the key's value was not found
                found.members.append((member, self.read(level + 1)))
        if level and not self._spent:
            self._pass_over((found.total - len(found.members)) * (2 if found.keyed else 1))

    def _pass_over(self, count: int) -> None:
        """Go to what follows a container; where that is too far, nothing more is read."""
        self._skips -= count
        if self._skips >= 0:
            for _ in range(count):
                self._unpacker.skip()

    @property
    def _spent(self) -> bool:
        return self._reads <= 0 or self._skips < 0

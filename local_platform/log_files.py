"""Logs of attempts: a file that the task writes, an index of when its bytes were seen.

The index is a sidecar of 16-byte entries (offset, nanoseconds): the bytes from that offset on
were first seen at that moment. One poll over all open logs keeps it, so timestamps exist
whoever watches, and a later replay gives every line the same timestamp again. Lines end at
"\\n"; how the bytes arrived in time changes neither where a line is cut nor its number.
"""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from local_platform import clock
from local_platform.layout import AttemptFiles

_ENTRY = struct.Struct("<QQ")
# A stat per open log and tick: fast enough to look live while someone reads along.
_TICK_FOLLOWED_S = 0.025
_TICK_S = 0.05
_CHUNK = 1 << 18
# A longer line is given in pieces, all but the last without "\n".
MAX_LINE = 1 << 16
MAX_LINES = 100
# Far below grpcio's 4 MiB limit for a message.
_MAX_BATCH = 1 << 19


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its own "\\n", or a piece of one; `at` is 0 when nobody saw it arrive."""

    text: str
    at: int


@dataclass(slots=True)
class _OpenLog:
    """A log that may still grow. `seen` bytes are in the index and may be read."""

    index: Path
    seen: int = 0
    followers: int = 0
    closed: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Wakes everyone who waits now; whoever waits later waits for the next change."""
        self.changed.set()
        self.changed = asyncio.Event()


class LogFiles:
    """All logs that may still grow, and readers for these and for finished ones."""

    def __init__(self) -> None:
        self._open: dict[Path, _OpenLog] = {}
        self._polled: dict[Path, _OpenLog] = {}
        self._poller: asyncio.Task[None] | None = None
        self.stopped = False

    def open(self, files: AttemptFiles) -> None:
        """Expects output of an attempt, from before its process starts."""
        if files.log not in self._open:
            seen = _indexed(files.log_index, files.log)
            self._open[files.log] = _OpenLog(index=files.log_index, seen=seen)

    def poll(self, files: AttemptFiles) -> None:
        """Looks at an open log again and again: its process runs.

        Apart from `open`, so that thousands of queued attempts cost nothing.
        """
        self._polled[files.log] = self._open[files.log]
        if self._poller is None or self._poller.done():
            self._poller = asyncio.get_running_loop().create_task(self._poll())

    def close(self, files: AttemptFiles) -> None:
        """Nothing more will be written: followers read what is there and end."""
        self._polled.pop(files.log, None)
        log = self._open.pop(files.log, None)
        if log is not None:
            self._look(files.log, log)
            log.closed = True
            log.wake()

    def stop(self) -> None:
        """Ends the poll and every follower's wait."""
        self.stopped = True
        if self._poller is not None:
            self._poller.cancel()
        for log in self._open.values():
            log.wake()

    async def follow(self, files: AttemptFiles) -> AsyncIterator[list[Line]]:
        """All lines from the first on, then those that come; ends when the log is complete.

        Also ends, early, when the platform stops: the caller tells the two apart by `stopped`.
        """
        log = self._open.get(files.log)
        reader = _Reader(files)
        try:
            if log is not None:
                log.followers += 1
                async for batch in self._grow(reader, log):
                    yield batch
            if not self.stopped:
                for batch in reader.read(limit=None):
                    yield batch
        finally:
            reader.close()
            if log is not None:
                log.followers -= 1

    async def _grow(self, reader: _Reader, log: _OpenLog) -> AsyncIterator[list[Line]]:
        while not log.closed and not self.stopped:
            changed = log.changed
            for batch in reader.read(limit=log.seen):
                yield batch
            await changed.wait()

    async def _poll(self) -> None:
        while self._polled:
            followed = False
            for path, log in self._polled.items():
                self._look(path, log)
                followed = followed or log.followers > 0
            await asyncio.sleep(_TICK_FOLLOWED_S if followed else _TICK_S)

    @staticmethod
    def _look(path: Path, log: _OpenLog) -> None:
        """Indexes what was written since the last look."""
        try:
            size = path.stat().st_size
        except OSError:
            return
        if size <= log.seen:
            return
        with log.index.open("ab") as index:
            index.write(_ENTRY.pack(log.seen, clock.now()))
        log.seen = size
        log.wake()


class _Reader:
    """Cuts a log into lines, from its start, as far as it is told to."""

    def __init__(self, files: AttemptFiles) -> None:
        self._files = files
        self._log: BinaryIO | None = None
        self._index: BinaryIO | None = None
        self._rest = b""
        self._offset = 0  # of the first byte of `_rest`
        self._moment = 0
        self._next: tuple[int, int] | None = None

    def read(self, limit: int | None) -> Iterator[list[Line]]:
        """Batches of whole lines below `limit`; without one, to the end, the last unended."""
        if self._log is None:
            with suppress(OSError):
                self._log = self._files.log.open("rb", buffering=0)
        if self._log is None:
            return
        while data := self._log.read(self._room(limit)):
            self._rest += data
            yield from _batches(self._cut(final=False))
        if limit is None and self._rest:
            yield from _batches(self._cut(final=True))

    def close(self) -> None:
        for file in (self._log, self._index):
            if file is not None:
                file.close()

    def _room(self, limit: int | None) -> int:
        if limit is None:
            return _CHUNK
        return max(min(_CHUNK, limit - self._offset - len(self._rest)), 0)

    def _cut(self, *, final: bool) -> Iterator[Line]:
        """Takes the complete lines (and pieces) off `_rest`; with `final`, all of it."""
        data, start = self._rest, 0
        while start < len(data):
            end = data.find(b"\n", start, start + MAX_LINE) + 1
            if not end:
                if len(data) - start > MAX_LINE:
                    end = _character_start(data, start + MAX_LINE)
                elif final:
                    end = len(data)
                else:
                    break
            text = data[start:end].decode("utf-8", errors="replace")
            yield Line(text, self._seen_at(self._offset + end - start - 1))
            self._offset += end - start
            start = end
        self._rest = data[start:]

    def _seen_at(self, offset: int) -> int:
        """When the byte at `offset` was first seen. Offsets only ever grow."""
        while True:
            entry = self._next or self._next_entry()
            if entry is None or entry[0] > offset:
                self._next = entry
                return self._moment
            self._moment = entry[1]
            self._next = None

    def _next_entry(self) -> tuple[int, int] | None:
        if self._index is None:
            try:
                self._index = self._files.log_index.open("rb")
            except OSError:
                return None
        data = self._index.read(_ENTRY.size)
        if len(data) < _ENTRY.size:
            self._index.seek(-len(data), os.SEEK_CUR)
            return None
        offset, moment = _ENTRY.unpack(data)
        return offset, moment


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.text)
        if len(batch) == MAX_LINES or size >= _MAX_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _character_start(data: bytes, end: int) -> int:
    """`end`, or a little before it so that no UTF-8 character is cut."""
    for back in range(4):
        if data[end - back] & 0xC0 != 0x80:
            return end - back
    return end


def _indexed(index: Path, log: Path) -> int:
    """How much of a log an earlier server had seen.

    The index tells where its last entry begins, not where it ended; what was written behind
    that belongs to it as far as the log went when the index was written last.
    """
    try:
        entries = index.stat().st_size // _ENTRY.size
        if not entries:
            return 0
        with index.open("rb") as file:
            file.seek((entries - 1) * _ENTRY.size)
            last = int(_ENTRY.unpack(file.read(_ENTRY.size))[0])
        if log.stat().st_mtime_ns <= index.stat().st_mtime_ns:
            return log.stat().st_size
        return last + 1  # the rest gets the moment at which this server sees it
    except OSError:
        return 0

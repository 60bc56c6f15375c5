"""One attempt's log on disk: numbered lines that outlive the platform's own memory of them.

A folder per attempt under FLIGHTBOARD_HOME/spool holds
- `lines.jsonl`: a line is `[number,"moment" or null,"text","source"]`, as the browser gets it;
- `index`: the offset of each line, eight bytes little-endian, so any line is one seek away;
- `state.json`: which log this is, and whether it is complete.
Lines are written before their offsets. After a crash the two are made to agree again, so a line is
in the spool whole or not at all.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import struct
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from dashboard.live.protocol import compact, iso
from dashboard.pages import LogLineRow

_OFFSET = struct.Struct("<Q")

READ_CHUNK = 256 * 1024


def spool_folder(home: Path, *parts: str) -> Path:
    """The folder for the log that `parts` name. Names are hashed: they come from outside."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]
    return home / "spool" / digest[:2] / digest[2:]


class LogSpool:
    """The lines so far, numbered from 1. One process at a time writes a folder.

    A second one (another server on the same home) gets a folder of its own beside it.
    """

    def __init__(self, folder: Path, about: dict[str, Any] | None = None) -> None:
        self._folder, self._lock = _claim(folder)
        self._about = about or {}
        self._lines = _open(self._folder / "lines.jsonl")
        self._index = _open(self._folder / "index")
        self.total, self._end = self._repair()
        state = self._read_state()
        self.is_complete: bool = bool(state.get("is_complete"))
        self.note: str = str(state.get("note", ""))

    # --- writing --------------------------------------------------------------------------------

    def append(self, lines: Iterable[Any]) -> None:
        """Add `remote_client.LogLine`s (timestamp, message, originator) after the last one."""
        records: list[bytes] = []
        offsets: list[bytes] = []
        for line in lines:
            self.total += 1
            text = line.message.rstrip("\r\n")
            record = compact([self.total, iso(line.timestamp), text, line.originator])
            data = record.encode("utf-8", "replace") + b"\n"
            offsets.append(_OFFSET.pack(self._end))
            self._end += len(data)
            records.append(data)
        _write(self._lines, b"".join(records))
        _write(self._index, b"".join(offsets))

    def finish(self, note: str = "") -> None:
        """The log is complete: nobody has to ask the platform for it again."""
        self.is_complete, self.note = True, note
        state = {**self._about, "is_complete": True, "note": note}
        mine = self._folder / "state.json.new"
        mine.write_text(json.dumps(state, indent=1))
        mine.replace(self._folder / "state.json")

    def close(self) -> None:
        """Let the folder go; one that holds nothing goes too, for anything can be asked for."""
        if self._lock.closed:
            return
        if not self.total and not self.is_complete:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._lines.close()
        self._index.close()
        self._lock.close()

    # --- reading --------------------------------------------------------------------------------

    def records(self, first: int, last: int, most_bytes: int = READ_CHUNK) -> list[bytes]:
        """Lines `first` to `last` as JSON arrays; fewer when they exceed `most_bytes`, yet one."""
        first, last = max(first, 1), min(last, self.total)
        if first > last:
            return []
        start, end = self._offset(first), self._offset(last + 1)
        while end - start > most_bytes and last > first:
            last = first + (last - first) // 2
            end = self._offset(last + 1)
        return os.pread(self._lines.fileno(), end - start, start).splitlines()

    def window(self, first: int, last: int) -> tuple[LogLineRow, ...]:
        """Lines `first` to `last` for a page; no more than exist."""
        first = max(first, 1)
        rows: list[LogLineRow] = []
        while first <= min(last, self.total):
            records = self.records(first, last)
            if not records:
                break  # the file was cut under us: a short answer, never an endless one
            rows += [_row(record) for record in records]
            first += len(records)
        return tuple(rows)

    def texts(self, first: int, last: int) -> Iterator[str]:
        """The bare texts of lines `first` to `last`, read in chunks."""
        first = max(first, 1)
        while first <= min(last, self.total):
            records = self.records(first, last)
            if not records:
                return
            yield "".join(f"{json.loads(record)[2]}\n" for record in records)
            first += len(records)

    def _offset(self, number: int) -> int:
        if number > self.total:
            return self._end
        place = (number - 1) * _OFFSET.size
        offset: int = _OFFSET.unpack(os.pread(self._index.fileno(), _OFFSET.size, place))[0]
        return offset

    # --- opening --------------------------------------------------------------------------------

    def _repair(self) -> tuple[int, int]:
        """Make lines and index agree. Returns how many lines there are and where they end."""
        count = os.fstat(self._index.fileno()).st_size // _OFFSET.size
        size = os.fstat(self._lines.fileno()).st_size
        self.total, self._end = count, size
        while count and self._offset(count) >= size:
            count -= 1
        end = self._offset(count) if count else 0
        offsets: list[int] = []
        with (self._folder / "lines.jsonl").open("rb") as lines:
            lines.seek(end)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                offsets.append(end)
                end += len(line)
        known = max(count - 1, 0)  # the last indexed line was read again, for it may be cut short
        self._lines.truncate(end)
        self._index.truncate(known * _OFFSET.size)
        _write(self._index, b"".join(_OFFSET.pack(offset) for offset in offsets))
        return known + len(offsets), end

    def _read_state(self) -> dict[str, Any]:
        try:
            state = json.loads((self._folder / "state.json").read_text())
        except FileNotFoundError:
            return {}
        return state if isinstance(state, dict) else {}


def _claim(folder: Path) -> tuple[Path, BinaryIO]:
    """The folder and the lock that makes it ours, for as long as the lock stays open."""
    for mine in (folder, folder.with_name(f"{folder.name}.{os.getpid()}")):
        mine.mkdir(parents=True, exist_ok=True)
        lock = (mine / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            return mine, lock
    raise RuntimeError(f"The spool {folder} is open twice in this process.")


def _open(path: Path) -> BinaryIO:
    path.touch(mode=0o600)
    return path.open("r+b", buffering=0)


def _write(file: BinaryIO, data: bytes) -> None:
    """Append all of it; an unbuffered write may take less than it was given."""
    file.seek(0, os.SEEK_END)
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _row(record: bytes) -> LogLineRow:
    number, at, text, source = json.loads(record)
    return LogLineRow(
        number=number,
        at=datetime.fromisoformat(at) if at else None,
        text=text,
        source=source,
    )

"""One attempt's log on disk: numbered lines that outlive the platform's own memory of them.

A folder per attempt under FLIGHTBOARD_HOME/spool, laid out as `spool_files` says. Text is written
before its rows, so after a crash a line is in the spool whole or not at all; what was cut off, the
next tail brings again. Windows are read by number, whatever the length of the log.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from dashboard.live import log_levels
from dashboard.live.protocol import compact
from dashboard.live.spool_files import (
    LOCK,
    READ_BYTES,
    ROW_BYTES,
    STATE,
    Piece,
    SpoolFiles,
    mark_of,
    micros_of,
    source_of,
)
from dashboard.pages import LogLineRow
from remote_client import LogLine

FORMAT = 2
LONGEST = 16 * 1024
"""Bytes of a line that a window brings; the whole line is a window of its own."""
WHOLE_LINE = 256 * 1024
"""The same for that one: more of it is in the raw log alone."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def spool_folder(home: Path, *parts: str) -> Path:
    """The folder for the log that `parts` name. Names are hashed: they come from outside."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]
    return home / "spool" / digest[:2] / digest[2:]


class LogSpool:
    """The lines so far, numbered from 1. One process at a time writes a folder.

    A second one (another server on the same home) gets a folder of its own beside it.
    """

    def __init__(self, folder: Path, about: dict[str, Any] | None = None) -> None:
        self.folder, self._lock = claim(folder)
        self._about = about or {}
        state = self._read_state()
        self.files = SpoolFiles(self.folder, writable=True)
        self.total = self.files.count()
        self.size = self.files.end(self.total)
        # One that lost lines since it was complete has to be asked for again.
        self.is_complete: bool = state.get("is_complete") is True and state.get("lines", 0) <= (
            self.total
        )
        self.note: str = str(state.get("note", "")) if self.is_complete else ""
        self._cut()
        self._touch()

    # --- writing --------------------------------------------------------------------------------

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add lines after the last one."""
        if not lines:
            return
        texts, micros, sources = LogLine.columns(lines)
        written = [text.encode("utf-8", "replace") for text in texts]
        rows = array("Q", bytes(ROW_BYTES * len(written)))
        ends = accumulate((len(text) + 1 for text in written), initial=self.size)
        next(ends)
        rows[::2] = array("Q", ends)
        rows[1::2] = array("Q", map(mark_of, micros, sources))
        written.append(b"")
        _write(self.files.text, b"\n".join(written), self.size)
        _write(self.files.rows, rows.tobytes(), self.total * ROW_BYTES)
        self.total += len(texts)
        self.size = rows[-2]

    def finish(self, note: str = "") -> None:
        """The log is complete: nobody has to ask the platform for it again."""
        self.is_complete, self.note = True, note
        state = {**self._about, "format": FORMAT, "lines": self.total, "note": note}
        state["is_complete"] = True
        mine = self.folder / f"{STATE}.new"
        mine.write_text(json.dumps(state, indent=1))
        mine.replace(self.folder / STATE)

    def close(self) -> None:
        """Let the folder go; one that holds nothing goes too, for anything can be asked for."""
        if self._lock.closed:
            return
        if not self.total and not self.is_complete:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            self._touch()
        self.files.close()
        self._lock.close()

    # --- reading --------------------------------------------------------------------------------

    def records(self, first: int, last: int) -> list[bytes]:
        """Lines `first` to `last` as JSON arrays; fewer when they are long, yet one."""
        return [record(row) for row in self.rows(first, last)]

    def rows(self, first: int, last: int) -> list[LogLineRow]:
        """The same, as a page takes them."""
        return read_rows(self.files, first, min(last, self.total))

    def window(self, first: int, last: int) -> tuple[LogLineRow, ...]:
        """Lines `first` to `last` for a page; no more than exist."""
        first = max(first, 1)
        rows: list[LogLineRow] = []
        while first <= min(last, self.total) and (found := self.rows(first, last)):
            rows += found
            first += len(found)
        return tuple(rows)

    def texts(self, first: int, last: int) -> Iterator[str]:
        """The bare texts of lines `first` to `last`, whole, read in chunks."""
        for piece in self.files.pieces(max(first, 1), min(last, self.total), READ_BYTES, 1 << 30):
            yield piece.text.decode("utf-8", "replace")

    def micros(self, number: int) -> int:
        """The moment of a line, in microseconds; 0 for none."""
        return micros_of(self.files.mark(number))

    def text(self, number: int) -> str:
        return "".join(self.texts(number, number)).removesuffix("\n")

    # --- opening --------------------------------------------------------------------------------

    def _cut(self) -> None:
        """Drop what was written of a line that isn't there whole."""
        if os.fstat(self.files.text).st_size != self.size:
            os.ftruncate(self.files.text, self.size)
        if os.fstat(self.files.rows).st_size != self.total * ROW_BYTES:
            os.ftruncate(self.files.rows, self.total * ROW_BYTES)

    def _read_state(self) -> dict[str, Any]:
        """What is known of the log; of a folder in another format, nothing, and it is emptied."""
        try:
            state = json.loads((self.folder / STATE).read_text())
        except FileNotFoundError:
            state = {"format": FORMAT}
        except ValueError:
            state = {}
        if isinstance(state, dict) and state.get("format") == FORMAT:
            return state
        for path in self.folder.iterdir():
            if path.name != LOCK:
                path.unlink()
        return {}

    def _touch(self) -> None:
        os.utime(self._lock.fileno(), (time.time(), time.time()))


def read_rows(files: SpoolFiles, first: int, last: int, longest: int = LONGEST) -> list[LogLineRow]:
    """Lines `first` to `last` as a page shows them; fewer when they are long, yet one.

    Of each line no more than `longest` bytes.
    """
    first = max(first, 1)
    piece = files.piece(first, last, max(READ_BYTES, longest)) if first <= last else None
    if piece is None:
        return []
    levels = _levels(files, piece)
    return [_row(piece, index, levels[index], longest) for index in range(len(piece.ends))]


def _levels(files: SpoolFiles, piece: Piece) -> bytearray:
    before = log_levels.NONE
    back = max(1, piece.first - log_levels.LOOK_BACK)
    above = files.piece(back, piece.first - 1) if piece.first > 1 else None
    if above is not None and above.last == piece.first - 1:
        before = log_levels.levels_in(*log_levels.as_seen(above.text, above.ends))[-1]
    return log_levels.levels_in(*log_levels.as_seen(piece.text, piece.ends), before)


def _row(piece: Piece, index: int, level: int, longest: int) -> LogLineRow:
    start, end = piece.bounds(index)
    mark = piece.marks[index]
    micros = micros_of(mark)
    is_cut = end - start > longest
    text = piece.text[start : min(end, start + longest)]
    return LogLineRow(
        number=piece.first + index,
        at=_EPOCH + timedelta(microseconds=micros) if micros else None,
        text=text.decode("utf-8", "ignore" if is_cut else "replace"),
        source=source_of(mark),
        level=log_levels.NAMES.get(level, ""),
        size=end - start if is_cut else 0,
    )


def record(row: LogLineRow) -> bytes:
    """A line as the browser gets it: number, moment, text, source, level, and the size of a line
    that is longer than its text here."""
    at = row.at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if row.at else None
    fields = [row.number, at, row.text, row.source, row.level]
    if row.size:
        fields.append(row.size)
    return compact(fields).encode("utf-8", "replace")


def claim(folder: Path) -> tuple[Path, BinaryIO]:
    """The folder and the lock that makes it ours, for as long as the lock stays open."""
    for mine in (folder, folder.with_name(f"{folder.name}.{os.getpid()}")):
        while True:
            mine.mkdir(parents=True, exist_ok=True)
            try:
                lock = (mine / LOCK).open("ab")
            except FileNotFoundError:
                continue  # swept away in between
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                break
            if is_still(mine, lock):
                return mine, lock
            lock.close()
    raise RuntimeError(f"The spool {folder} is open twice in this process.")


def is_still(folder: Path, lock: BinaryIO) -> bool:
    """Whether the lock is the one that lies in the folder: a sweep may have taken both away."""
    try:
        return os.path.samestat((folder / LOCK).stat(), os.fstat(lock.fileno()))
    except FileNotFoundError:
        return False


def _write(descriptor: int, data: bytes, place: int) -> None:
    """All of it; a write may take less than it was given."""
    view = memoryview(data)
    while view:
        count = os.pwrite(descriptor, view, place)
        view, place = view[count:], place + count

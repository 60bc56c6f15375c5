"""The state that a page shows of one thing, with the version in which each piece last changed.

A viewer is a version: what it lacks is whatever changed since, and a viewer that lags simply gets
the newest of everything at once. So no viewer needs a queue, and none can fall behind for ever.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dashboard.live.protocol import compact

Draw = Callable[[], str]
"""Renders a piece's HTML; called once per change, when the first viewer needs it."""


@dataclass
class _Piece:
    """A part or a row: what it is made of, how it is drawn, and since which version."""

    value: Any
    draw: Draw
    version: int
    rank: tuple[Any, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    is_removed: bool = False
    _html: str | None = None

    @property
    def html(self) -> str:
        if self._html is None:
            self._html = self.draw()
        return self._html


class Board:
    """Parts, rows and fields by name. A change is put in, then `commit` makes it a version."""

    def __init__(self) -> None:
        self.version = 0
        # Versions of another server process, or of an upstream that was closed, mean nothing here.
        self._epoch = secrets.token_hex(4)
        self._parts: dict[str, _Piece] = {}
        self._rows: dict[str, _Piece] = {}  # in the order of their last change
        self._fields: dict[str, str] = {}
        self._is_dirty = False
        self._payloads: dict[tuple[int, int | None], str] = {}

    # --- writing --------------------------------------------------------------------------------

    def put_part(self, name: str, value: Any, draw: Draw) -> None:
        """A region of the page; nothing happens when it is made of the same as before."""
        known = self._parts.get(name)
        if known is None or known.value != value:
            self._parts[name] = _Piece(value, draw, self.version + 1)
            self._is_dirty = True

    def put_row(
        self, key: str, value: Any, draw: Draw, *, rank: tuple[Any, ...], **extra: str
    ) -> None:
        """A row; `rank` sorts rows within a message, `extra` are fields beside its HTML."""
        known = self._rows.get(key)
        if known is not None and known.value == value and known.extra == extra:
            return
        self._rows.pop(key, None)  # so that it moves to the end, among the newest
        self._rows[key] = _Piece(value, draw, self.version + 1, rank, extra)
        self._is_dirty = True

    def remove_row(self, key: str) -> None:
        """Tell viewers that a row is gone; its key stays as a mark."""
        known = self._rows.pop(key, None)
        if known is not None:
            self._rows[key] = _Piece(None, str, self.version + 1, is_removed=True)
            self._is_dirty = True

    def forget_row(self, key: str) -> None:
        """Stop keeping a row up to date, without taking it away from anybody."""
        self._rows.pop(key, None)

    def set_field(self, name: str, value: Any) -> None:
        """A small plain value that goes with every message."""
        text = compact(value)
        if self._fields.get(name) != text:
            self._fields[name] = text
            self._is_dirty = True

    def mark(self) -> None:
        """Something that is kept elsewhere changed with the next version."""
        self._is_dirty = True

    def commit(self) -> bool:
        """Make what was put in since the last commit a version. Returns whether there was any."""
        if not self._is_dirty:
            return False
        self._is_dirty = False
        self.version += 1
        self._payloads.clear()
        return True

    # --- reading --------------------------------------------------------------------------------

    @property
    def cursor(self) -> str:
        return f"{self._epoch}.{self.version}"

    def version_of(self, cursor: str | None) -> int:
        """The version that a cursor names; 0, the time before everything, when it isn't ours."""
        epoch, _, number = (cursor or "").partition(".")
        if epoch != self._epoch or not number.isdecimal():
            return 0
        version = int(number)
        return version if version <= self.version else 0

    def row_version(self, key: str) -> int:
        """The version in which the row last changed; 0 when it isn't known."""
        return self._rows[key].version if key in self._rows else 0

    def payload(self, since: int, limit: int | None = None) -> str:
        """What changed after version `since`, as the inside of a JSON object.

        `limit` caps the rows to those that rank first. The same question is answered once.
        """
        asked = (since, limit)
        if asked not in self._payloads:
            self._payloads[asked] = self._payload(since, limit)
        return self._payloads[asked]

    def around(self, since: int) -> str:
        """The same without rows: the parts that changed, and the fields."""
        return self._said({}, since)

    def _payload(self, since: int, limit: int | None) -> str:
        content: dict[str, Any] = {}
        rows, removed = self._rows_since(since)
        if rows or not since:
            rows.sort(key=lambda item: item[1].rank)
            content["rows"] = [
                {"key": key, **piece.extra, "html": piece.html} for key, piece in rows[:limit]
            ]
        if removed and since:
            content["removed"] = removed
        return self._said(content, since)

    def _said(self, content: dict[str, Any], since: int) -> str:
        parts = {n: p.html for n, p in self._parts.items() if p.version > since}
        if parts:
            content = {"parts": parts, **content}
        texts = [compact(content)[1:-1]] if content else []
        texts += [f"{compact(name)}:{text}" for name, text in self._fields.items()]
        return ",".join(texts)

    def _rows_since(self, since: int) -> tuple[list[tuple[str, _Piece]], list[str]]:
        rows: list[tuple[str, _Piece]] = []
        removed: list[str] = []
        for key in reversed(self._rows):
            piece = self._rows[key]
            if piece.version <= since:
                break
            if piece.is_removed:
                removed.append(key)
            else:
                rows.append((key, piece))
        return rows, removed

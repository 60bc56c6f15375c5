"""The one SQLite connection: WAL, one writer, all of it on the server's event loop thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

_SCHEMA = Path(__file__).with_name("schema.sql")
_Record = TypeVar("_Record")
# Columns that data folders made by earlier versions lack; the schema has them as well.
_ADDED = (
    ("trigger", "deployed_by", "TEXT NOT NULL DEFAULT ''"),
    ("trigger", "updated_by", "TEXT NOT NULL DEFAULT ''"),
    ("trigger", "fired_at", "INTEGER NOT NULL DEFAULT 0"),
)


class Database:
    """Statements against one file.

    Calls block for microseconds (point reads, WAL commits without fsync), so they run on the
    event loop itself: nothing can come between a read, the decision and the write.
    """

    def __init__(self, path: Path, schema: Path = _SCHEMA) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing in this mode; only a power cut may lose the last commits.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA busy_timeout = 5000")
        self._connection.executescript(schema.read_text())
        self._add_columns()
        self._depth = 0

    def _add_columns(self) -> None:
        for table, column, kind in _ADDED:
            known = {row["name"] for row in self.rows(f"PRAGMA table_info({table})")}
            if known and column not in known:
                self.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing for what happens inside; an inner transaction joins the outer one."""
        if self._depth == 0:
            self._connection.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            self._connection.execute("COMMIT")

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: tuple[Any, ...] = ()) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def insert(self, table: str, values: dict[str, Any], *, verb: str = "INSERT") -> int:
        """Adds a row; answers its rowid. Names come from record classes, never from callers."""
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        sql = f"{verb} INTO {table} ({names}) VALUES ({marks})"
        return self._connection.execute(sql, tuple(values.values())).lastrowid or 0

    def update(self, table: str, values: dict[str, Any], where: str, keys: tuple[Any, ...]) -> int:
        """Changes rows; answers how many."""
        changes = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE {table} SET {changes} WHERE {where}"  # noqa: S608
        return self._connection.execute(sql, (*values.values(), *keys)).rowcount


def columns(record: type, prefix: str = "") -> str:
    """The column list that fills `record`, field by field."""
    return ", ".join(prefix + field.name for field in fields(record))


def read(record: type[_Record], row: sqlite3.Row) -> _Record:
    """A record from a row selected with `columns(record)`."""
    return record(**dict(zip(row.keys(), row, strict=True)))

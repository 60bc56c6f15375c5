"""Attempts and cached results in the store."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import Any

from local_platform.store.database import Database, columns, read
from local_platform.store.records import AttemptRecord, CacheRecord

_COLUMNS = columns(AttemptRecord)
_JSON = ("transitions", "events")


class Attempts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, record: AttemptRecord) -> AttemptRecord:
        values = {name: getattr(record, name) for name in AttemptRecord.__slots__}
        self._database.insert("attempt", _encoded(values))
        return record

    def change(self, record: AttemptRecord, **changes: Any) -> AttemptRecord:
        """Writes some fields of an attempt; answers it as it now is."""
        where = "action_id = ? AND number = ?"
        keys = (record.action_id, record.number)
        self._database.update("attempt", _encoded(changes), where, keys)
        return replace(record, **changes)

    def get(self, action_id: int, number: int) -> AttemptRecord | None:
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM attempt WHERE action_id = ? AND number = ?",  # noqa: S608
            (action_id, number),
        )
        return _read(row) if row else None

    def of_action(self, action_id: int) -> list[AttemptRecord]:
        """All attempts of an action, the first one first."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM attempt WHERE action_id = ? ORDER BY number",  # noqa: S608
            (action_id,),
        )
        return [_read(row) for row in rows]

    def with_process(self) -> list[AttemptRecord]:
        """Attempts whose process is not known to be gone, ended ones among them."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM attempt WHERE pid != 0")  # noqa: S608
        return [_read(row) for row in rows]

    def forget_process(self, action_id: int, number: int) -> None:
        """The process of an attempt is gone."""
        where = "action_id = ? AND number = ?"
        self._database.update("attempt", {"pid": 0}, where, (action_id, number))


class Cache:
    """Results that later actions may take over, by the key that the SDK computes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, project: str, domain: str, key: str) -> CacheRecord | None:
        row = self._database.row(
            f"SELECT {columns(CacheRecord)} FROM cache"  # noqa: S608
            " WHERE project = ? AND domain = ? AND key = ?",
            (project, domain, key),
        )
        return read(CacheRecord, row) if row else None

    def put(self, project: str, domain: str, key: str, record: CacheRecord) -> None:
        """Stores a result; a newer one replaces an older."""
        values = {name: getattr(record, name) for name in CacheRecord.__slots__}
        values |= {"project": project, "domain": domain, "key": key}
        self._database.insert("cache", values, verb="INSERT OR REPLACE")


def _encoded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: json.dumps(value) if name in _JSON else value for name, value in values.items()}


def _read(row: sqlite3.Row) -> AttemptRecord:
    record = read(AttemptRecord, row)
    return replace(
        record,
        transitions=tuple((phase, at) for phase, at in json.loads(str(record.transitions))),
        events=tuple((at, said) for at, said in json.loads(str(record.events))),
    )

"""Triggers and the history of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flyteidl2.task.common_pb2 import TYPE_SCHEDULE

from local_platform.store.database import Database, columns, read
from local_platform.store.listing import Query
from local_platform.store.records import TriggerKey, TriggerRecord

_COLUMNS = columns(TriggerRecord)
_KEY = "project = ? AND domain = ? AND task_name = ? AND name = ?"


class Triggers:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.on_change: Callable[[], None] = lambda: None
        """Called after a trigger was put or deleted."""

    def get(self, key: TriggerKey) -> TriggerRecord | None:
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM trigger WHERE {_KEY}",  # noqa: S608
            key,
        )
        return read(TriggerRecord, row) if row else None

    def next_revision(self, key: TriggerKey) -> int:
        """Revisions go on counting after a deletion."""
        row = self._database.row(
            f"SELECT max(revision) AS last FROM trigger_revision WHERE {_KEY}",  # noqa: S608
            key,
        )
        return int(row["last"] or 0) + 1 if row else 1

    def put(self, record: TriggerRecord) -> TriggerRecord:
        """Adds a trigger or replaces it; answers it with its id."""
        values = {name: getattr(record, name) for name in TriggerRecord.__slots__ if name != "id"}
        self.on_change()
        if record.id:
            self._database.update("trigger", values, "id = ?", (record.id,))
            return record
        return replace(record, id=self._database.insert("trigger", values))

    def delete(self, record: TriggerRecord) -> None:
        self._database.execute("DELETE FROM trigger WHERE id = ?", (record.id,))
        self.on_change()

    def scheduled(self) -> list[TriggerRecord]:
        """The active ones that follow a schedule, in all projects."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM trigger WHERE active = 1 AND automation_type = ?",  # noqa: S608
            (TYPE_SCHEDULE,),
        )
        return [read(TriggerRecord, row) for row in rows]

    def note_firing(self, key: TriggerKey, at: int) -> None:
        self._database.update("trigger", {"fired_at": at}, _KEY, key)

    def of_task(self, project: str, domain: str, task_name: str) -> list[TriggerRecord]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM trigger"  # noqa: S608
            " WHERE project = ? AND domain = ? AND task_name = ? ORDER BY name",
            (project, domain, task_name),
        )
        return [read(TriggerRecord, row) for row in rows]

    def page(self, query: Query) -> tuple[list[TriggerRecord], str]:
        """One page of triggers, and the next page's token."""
        tail, values = query.page_sql()
        rows = self._database.rows(
            f"SELECT {_COLUMNS}{query.sort_columns()} FROM trigger {tail}",  # noqa: S608
            values,
        )
        token = query.token(rows[query.limit - 1]) if len(rows) > query.limit else ""
        names = TriggerRecord.__slots__
        records = [TriggerRecord(**{name: row[name] for name in names}) for row in rows]
        return records[: query.limit], token

    def add_revision(
        self, key: TriggerKey, revision: int, change: int, details: bytes, at: int
    ) -> None:
        values = {**key._asdict(), "revision": revision, "change": change}
        self._database.insert("trigger_revision", values | {"details": details, "created_at": at})

    def revisions(
        self, key: TriggerKey, *, below: int, limit: int
    ) -> list[tuple[int, int, bytes, int]]:
        """(revision, change, details, moment), newest first, those below a revision."""
        rows = self._database.rows(
            "SELECT revision, change, details, created_at FROM trigger_revision"  # noqa: S608
            f" WHERE {_KEY} AND revision < ? ORDER BY revision DESC LIMIT ?",
            (*key, below, limit),
        )
        return [
            (row["revision"], row["change"], bytes(row["details"]), row["created_at"])
            for row in rows
        ]

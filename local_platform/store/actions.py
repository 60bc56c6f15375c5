"""Runs and their actions in the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from local_platform.store.database import Database, columns, read
from local_platform.store.listing import Query
from local_platform.store.records import ActionKey, ActionRecord, RunKey, RunRecord

_COLUMNS = columns(ActionRecord)
_KEY = "project = ? AND domain = ? AND run = ? AND name = ?"
_RUN = "project = ? AND domain = ? AND run = ?"
_OPEN = "phase IN (1, 2, 3, 4, 9)"  # not terminal; the same words as in the partial index


class Actions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create_run(self, run: RunRecord) -> None:
        values = {name: getattr(run, name) for name in RunRecord.__slots__}
        self._database.insert("run", values)

    def run(self, key: RunKey) -> RunRecord | None:
        row = self._database.row(
            f"SELECT {columns(RunRecord)} FROM run"  # noqa: S608
            " WHERE project = ? AND domain = ? AND name = ?",
            key,
        )
        return read(RunRecord, row) if row else None

    def create(self, record: ActionRecord) -> ActionRecord:
        """Adds an action; answers it with its id."""
        values = {name: getattr(record, name) for name in ActionRecord.__slots__ if name != "id"}
        return replace(record, id=self._database.insert("action", values))

    def change(self, record: ActionRecord, **changes: Any) -> ActionRecord:
        """Writes some fields of an action; answers it as it now is."""
        self._database.update("action", changes, "id = ?", (record.id,))
        return replace(record, **changes)

    def get(self, key: ActionKey) -> ActionRecord | None:
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM action WHERE {_KEY}",  # noqa: S608
            key,
        )
        return read(ActionRecord, row) if row else None

    def by_id(self, action_id: int) -> ActionRecord | None:
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM action WHERE id = ?",  # noqa: S608
            (action_id,),
        )
        return read(ActionRecord, row) if row else None

    def children(self, key: ActionKey) -> list[ActionRecord]:
        """The direct children of an action, oldest first."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM action WHERE {_RUN} AND parent = ? ORDER BY id",  # noqa: S608
            key,
        )
        return [read(ActionRecord, row) for row in rows]

    def open_children(self, key: ActionKey) -> int:
        """How many direct children are not terminal."""
        row = self._database.row(
            f"SELECT count(*) AS n FROM action WHERE {_RUN} AND parent = ? AND {_OPEN}",  # noqa: S608
            key,
        )
        return int(row["n"]) if row else 0

    def open_anywhere(self) -> list[ActionRecord]:
        """Every action of every run that is not terminal, oldest first."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM action WHERE {_OPEN} ORDER BY id"  # noqa: S608
        )
        return [read(ActionRecord, row) for row in rows]

    def of_run(self, key: RunKey, batch: int = 1000) -> Iterator[list[ActionRecord]]:
        """All actions of a run in the order they came, in batches (parents before children)."""
        last = 0
        while True:
            rows = self._database.rows(
                f"SELECT {_COLUMNS} FROM action WHERE {_RUN} AND id > ?"  # noqa: S608
                f" ORDER BY id LIMIT {batch}",
                (*key, last),
            )
            if not rows:
                return
            records = [read(ActionRecord, row) for row in rows]
            last = records[-1].id
            yield records

    def newest_run_of_task(self, project: str, domain: str, task: str) -> ActionRecord | None:
        """The root action of the task's latest run."""
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM action WHERE parent = '' AND task_project = ?"  # noqa: S608
            " AND task_domain = ? AND task_name = ? ORDER BY created_at DESC, id DESC LIMIT 1",
            (project, domain, task),
        )
        return read(ActionRecord, row) if row else None

    def page(self, query: Query) -> tuple[list[ActionRecord], str]:
        """One page of actions, and the next page's token."""
        tail, values = query.page_sql()
        rows = self._database.rows(
            f"SELECT {_COLUMNS}{query.sort_columns()} FROM action {tail}",  # noqa: S608
            values,
        )
        token = query.token(rows[query.limit - 1]) if len(rows) > query.limit else ""
        names = ActionRecord.__slots__
        records = [ActionRecord(**{name: row[name] for name in names}) for row in rows]
        return records[: query.limit], token

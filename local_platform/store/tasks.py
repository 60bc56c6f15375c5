"""Deployed tasks, every version of them."""

from __future__ import annotations

from local_platform.store.database import Database, columns, read
from local_platform.store.listing import Query
from local_platform.store.records import TaskRecord

_COLUMNS = columns(TaskRecord)


class Tasks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def deploy(self, record: TaskRecord) -> None:
        """Adds a version, or replaces it and keeps when it was first deployed."""
        values = {name: getattr(record, name) for name in TaskRecord.__slots__ if name != "id"}
        key = (record.project, record.domain, record.name, record.version)
        if self.get(*key):
            del values["created_at"]
            where = "project = ? AND domain = ? AND name = ? AND version = ?"
            self._database.update("task", values, where, key)
        else:
            self._database.insert("task", values)

    def get(self, project: str, domain: str, name: str, version: str) -> TaskRecord | None:
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM task"  # noqa: S608
            " WHERE project = ? AND domain = ? AND name = ? AND version = ?",
            (project, domain, name, version),
        )
        return read(TaskRecord, row) if row else None

    def latest_page(self, query: Query) -> tuple[list[TaskRecord], str]:
        """The newest version of each task that passes, one page; and the next page's token."""
        where, values = query.filter_sql()
        newest = f"SELECT max(id) FROM task {where} GROUP BY project, domain, name"  # noqa: S608
        page = Query(keys=query.keys, limit=query.limit, after=query.after)
        page.where(f"id IN ({newest})", *values)
        return self._page(page)

    def versions_page(self, query: Query) -> tuple[list[TaskRecord], str]:
        """Every version that passes, one page."""
        return self._page(query)

    def count_latest(self, query: Query) -> int:
        """How many tasks (whatever their versions) pass."""
        where, values = query.filter_sql()
        row = self._database.row(
            "SELECT count(*) AS n FROM (SELECT 1 FROM task"  # noqa: S608
            f" {where} GROUP BY project, domain, name)",
            values,
        )
        return int(row["n"]) if row else 0

    def _page(self, query: Query) -> tuple[list[TaskRecord], str]:
        tail, values = query.page_sql()
        rows = self._database.rows(
            f"SELECT {_COLUMNS}{query.sort_columns()} FROM task {tail}",  # noqa: S608
            values,
        )
        token = query.token(rows[query.limit - 1]) if len(rows) > query.limit else ""
        names = TaskRecord.__slots__
        records = [TaskRecord(**{name: row[name] for name in names}) for row in rows]
        return records[: query.limit], token

"""Projects in the store."""

from __future__ import annotations

from local_platform.store.database import Database, columns, read
from local_platform.store.records import ProjectRecord

ARCHIVED = 1
_COLUMNS = columns(ProjectRecord)


class Projects:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, project_id: str) -> ProjectRecord | None:
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM project WHERE id = ?",  # noqa: S608
            (project_id,),
        )
        return read(ProjectRecord, row) if row else None

    def all(self) -> list[ProjectRecord]:
        """Every project, by id."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM project ORDER BY id")  # noqa: S608
        return [read(ProjectRecord, row) for row in rows]

    def create(self, record: ProjectRecord) -> bool:
        """False when the id is taken; the project that has it stays as it is."""
        if self.get(record.id):
            return False
        values = {name: getattr(record, name) for name in ProjectRecord.__slots__}
        self._database.insert("project", values)
        return True

    def update(self, record: ProjectRecord) -> bool:
        """Replaces everything but id and creation time. False when there is no such project."""
        values = {
            "name": record.name,
            "description": record.description,
            "labels": record.labels,
            "state": record.state,
            "updated_at": record.updated_at,
        }
        return self._database.update("project", values, "id = ?", (record.id,)) > 0

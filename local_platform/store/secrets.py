"""Secrets in the store. Values leave it through one method alone, for a task's environment."""

from __future__ import annotations

from local_platform.store.database import Database, columns, read
from local_platform.store.records import SecretRecord

_COLUMNS = columns(SecretRecord)
_KEY = "project = ? AND domain = ? AND name = ?"


class Secrets:
    """Scopes: project and domain, domain alone (project ""), or everywhere (both "")."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, record: SecretRecord, value: bytes) -> bool:
        """False when the name is taken in this scope."""
        if self.get(record.project, record.domain, record.name):
            return False
        values = {name: getattr(record, name) for name in SecretRecord.__slots__}
        self._database.insert("secret", values | {"value": value})
        return True

    def update(self, project: str, domain: str, name: str, kind: int, value: bytes) -> bool:
        """Replaces a value. False when there is no such secret."""
        values = {"type": kind, "value": value}
        return self._database.update("secret", values, _KEY, (project, domain, name)) > 0

    def delete(self, project: str, domain: str, name: str) -> bool:
        """False when there is no such secret."""
        cursor = self._database.execute(
            f"DELETE FROM secret WHERE {_KEY}",  # noqa: S608
            (project, domain, name),
        )
        return cursor.rowcount > 0

    def get(self, project: str, domain: str, name: str) -> SecretRecord | None:
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM secret WHERE {_KEY}",  # noqa: S608
            (project, domain, name),
        )
        return read(SecretRecord, row) if row else None

    def page(self, project: str, domain: str, after: str, limit: int) -> list[SecretRecord]:
        """Secrets of exactly this scope by name, behind the name `after`."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM secret WHERE project = ? AND domain = ? AND name > ?"  # noqa: S608
            " ORDER BY name LIMIT ?",
            (project, domain, after, limit),
        )
        return [read(SecretRecord, row) for row in rows]

    def value(self, project: str, domain: str, name: str) -> bytes | None:
        """The value that applies to a project: its own, else its domain's, else everyone's."""
        for scope in ((project, domain), ("", domain), ("", "")):
            row = self._database.row(
                f"SELECT value FROM secret WHERE {_KEY}",  # noqa: S608
                (*scope, name),
            )
            if row is not None:
                return bytes(row["value"])
        return None

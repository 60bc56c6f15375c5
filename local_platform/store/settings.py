"""Settings by level, each a serialised message with a version."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from local_platform.store.database import Database


@dataclass(frozen=True)
class SettingsKept:
    version: int
    settings: bytes
    updated_at: int


class SettingsTable:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, project: str, domain: str) -> SettingsKept | None:
        row = self._database.row(
            "SELECT version, settings, updated_at FROM settings WHERE project = ? AND domain = ?",
            (project, domain),
        )
        return (
            SettingsKept(row["version"], bytes(row["settings"]), row["updated_at"]) if row else None
        )

    def put(self, project: str, domain: str, kept: SettingsKept) -> None:
        values = {"project": project, "domain": domain, **asdict(kept)}
        self._database.insert("settings", values, verb="INSERT OR REPLACE")

"""Everything the platform remembers. All SQL is in this package, one module per noun."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from local_platform.store.actions import Actions
from local_platform.store.attempts import Attempts, Cache
from local_platform.store.database import Database
from local_platform.store.projects import Projects
from local_platform.store.records import (
    ActionKey,
    ActionRecord,
    AttemptRecord,
    CacheRecord,
    ProjectRecord,
    RunKey,
    RunRecord,
    SecretRecord,
    TaskRecord,
    TriggerKey,
    TriggerRecord,
)
from local_platform.store.secrets import Secrets
from local_platform.store.settings import SettingsTable
from local_platform.store.specs import Specs
from local_platform.store.tasks import Tasks
from local_platform.store.triggers import Triggers


class Store:
    """The tables, grouped by noun, over one database file."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        self.projects = Projects(self._database)
        self.specs = Specs(self._database)
        self.tasks = Tasks(self._database)
        self.actions = Actions(self._database)
        self.attempts = Attempts(self._database)
        self.cache = Cache(self._database)
        self.secrets = Secrets(self._database)
        self.triggers = Triggers(self._database)
        self.settings = SettingsTable(self._database)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing for the writes inside."""
        return self._database.transaction()

    def close(self) -> None:
        self._database.close()


__all__ = [
    "ActionKey",
    "ActionRecord",
    "AttemptRecord",
    "CacheRecord",
    "ProjectRecord",
    "RunKey",
    "RunRecord",
    "SecretRecord",
    "Store",
    "TaskRecord",
    "TriggerKey",
    "TriggerRecord",
]

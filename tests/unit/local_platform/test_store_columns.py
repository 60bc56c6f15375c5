"""A data folder of an earlier version gets the columns that came later, and loses nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from local_platform.store import Store, TriggerKey

KEY = TriggerKey("shop", "development", "env.main", "nightly")


def test_triggers_of_an_earlier_version_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "platform.db"
    with sqlite3.connect(path) as earlier:
        earlier.execute(
            "CREATE TABLE trigger (id INTEGER PRIMARY KEY, project TEXT NOT NULL,"
            " domain TEXT NOT NULL, task_name TEXT NOT NULL, name TEXT NOT NULL,"
            " task_version TEXT NOT NULL DEFAULT '', automation_type INTEGER NOT NULL DEFAULT 0,"
            " active INTEGER NOT NULL DEFAULT 0, revision INTEGER NOT NULL, spec BLOB NOT NULL,"
            " automation BLOB NOT NULL, deployed_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,"
            " UNIQUE (project, domain, task_name, name))"
        )
        earlier.execute(
            "INSERT INTO trigger VALUES (1, ?, ?, ?, ?, 'v1', 2, 1, 3, x'', x'', 5, 6)", KEY
        )
    for _ in range(2):
        store = Store(path)
        record = store.triggers.get(KEY)
        assert record is not None
        assert (record.revision, record.deployed_by, record.fired_at) == (3, "", 0)
        store.close()
    store = Store(path)
    store.triggers.note_firing(KEY, 9)
    found = store.triggers.get(KEY)
    assert found is not None
    assert found.fired_at == 9
    store.close()

"""The suite's last test: no token that was issued in the whole run stands in any log of it."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken

from tests.data_home import LOG

# Access and id tokens are signed JSON, whose header begins like this; API tokens have a prefix.
SHAPES = re.compile(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}|\bfb_[\w-]{30,}")


def kept_tokens(folder: Path) -> set[str]:
    """What the dashboards of this run keep sealed, opened with their own keys."""
    found: set[str] = set()
    for database in folder.rglob("dashboard.sqlite3"):
        key = database.with_name("token_key")
        if not key.exists():
            continue
        with sqlite3.connect(database) as connection:
            rows = connection.execute("SELECT sealed FROM dashboard_signin").fetchall()
        for (sealed,) in rows:
            found.update(opened(key.read_text().strip(), sealed))
    return found


def opened(key: str, sealed: str) -> list[str]:
    try:
        values = json.loads(Fernet(key).decrypt(sealed.encode())).values()
    except InvalidToken:
        return []  # a test took its key away
    return [value for value in values if isinstance(value, str) and len(value) > 20]


def logs_of(folder: Path) -> list[Path]:
    return [Path(LOG), *(path for path in folder.rglob("*.log") if path.is_file())]


def test_no_token_of_the_whole_run_stands_in_a_log(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    tokens = kept_tokens(folder)
    for log in logs_of(folder):
        text = log.read_text(errors="replace")
        shape = SHAPES.search(text)
        assert shape is None, (log, text[max(0, shape.start() - 200) : shape.start() + 12])
        assert not [token[:6] for token in tokens if token in text], log

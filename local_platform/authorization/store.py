"""The authorization server's SQLite file: people and keys here, all else by noun beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_platform.authorization.devices import Devices
from local_platform.authorization.people import DEMO_PEOPLE, Person
from local_platform.authorization.revocations import Revocations
from local_platform.authorization.settings import MAX_TOKEN_LIFETIME_S
from local_platform.authorization.sign_ins import SignIns
from local_platform.store.database import Database

_SCHEMA = Path(__file__).with_name("schema.sql")
_PERSON = "SELECT subject, given_name, family_name, email, groups FROM people"


class AuthorizationStore:
    """Point reads and writes, each whole in itself; calls block for microseconds."""

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "authorization.db"
        # SQLite gives its side files the mode of the main one.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._database = Database(path, _SCHEMA)
        self._now = now
        self.revocations = Revocations(self._database)
        self.sign_ins = SignIns(self._database, self.revocations, now, self.forget_old)
        self.devices = Devices(self._database, now, self.forget_old)
        self._seed_people()
        self.forget_old()

    def close(self) -> None:
        self._database.close()

    def forget_old(self) -> None:
        """Drops what is over: nothing of it would be accepted any more."""
        now = int(self._now())
        with self._database.transaction():
            for table in ("codes", "refresh_tokens", "devices"):
                sql = f"DELETE FROM {table} WHERE expires_at < ?"  # noqa: S608
                # An hour longer, so that a late replay is still recognised as one.
                self._database.execute(sql, (now - 3600,))
            self._database.execute(
                "DELETE FROM sign_ins WHERE at < ? AND id NOT IN"
                " (SELECT sign_in FROM refresh_tokens UNION SELECT sign_in FROM codes"
                "  UNION SELECT sign_in FROM devices)",
                (now - MAX_TOKEN_LIFETIME_S,),
            )
            self.revocations.forget(now)

    # --- people and keys ------------------------------------------------------------------------

    def people(self) -> list[Person]:
        return [_person(row) for row in self._database.rows(f"{_PERSON} ORDER BY rowid")]

    def person(self, subject: str) -> Person | None:
        row = self._database.row(f"{_PERSON} WHERE subject = ?", (subject,))
        return _person(row) if row else None

    def private_key(self, make: Callable[[], str]) -> str:
        """The PEM of the key that signs tokens, made at first use."""
        row = self._database.row("SELECT private_key FROM signing_keys ORDER BY created_at DESC")
        if row is not None:
            return str(row["private_key"])
        key = make()
        values = {"created_at": int(self._now()), "private_key": key}
        self._database.insert("signing_keys", values)
        return key

    def _seed_people(self) -> None:
        if self._database.row("SELECT 1 FROM people"):
            return
        for person in DEMO_PEOPLE:
            values = {
                "subject": person.subject,
                "given_name": person.given_name,
                "family_name": person.family_name,
                "email": person.email,
                "groups": json.dumps(person.groups),
            }
            self._database.insert("people", values)


def _person(row: Any) -> Person:
    return Person(**(dict(row) | {"groups": tuple(json.loads(row["groups"]))}))

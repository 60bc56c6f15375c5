"""The authorization server's SQLite file: people, keys, sign-ins, codes and tokens."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_platform.authorization.people import DEMO_PEOPLE, Person
from local_platform.authorization.records import Code, Device, RefreshToken, SignIn
from local_platform.authorization.revocations import Revocations
from local_platform.authorization.settings import DEVICE_INTERVAL_S, MAX_TOKEN_LIFETIME_S
from local_platform.store.database import Database

_SCHEMA = Path(__file__).with_name("schema.sql")
_PERSON = "SELECT subject, given_name, family_name, email, groups FROM people"
_SIGN_IN = "SELECT id, client_id, subject, scope, at FROM sign_ins WHERE id = ?"


def digest(secret: str) -> str:
    """How a code or token is kept. They are random and long, so a plain hash hides them."""
    return hashlib.sha256(secret.encode()).hexdigest()


def spelled(user_code: str) -> str:
    """A typed code as devices show it; letter case, spaces and hyphens do not matter."""
    letters = "".join(char for char in user_code.upper() if char.isalnum())
    return f"{letters[:4]}-{letters[4:]}"


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

    # --- sign-ins -------------------------------------------------------------------------------

    def begin_sign_in(self, client_id: str, subject: str, scope: str) -> SignIn:
        """A new consent, from which codes and tokens can be issued."""
        self.forget_old()
        at = int(self._now())
        sign_in = SignIn(secrets.token_urlsafe(16), client_id, subject, scope, at)
        values = {
            "id": sign_in.id,
            "client_id": client_id,
            "subject": subject,
            "scope": scope,
            "at": at,
        }
        self._database.insert("sign_ins", values)
        return sign_in

    def sign_in(self, id: str) -> SignIn | None:
        """A consent that still counts."""
        row = self._database.row(_SIGN_IN, (id,))
        return SignIn(**row) if row and id not in self.revocations else None

    def revoke_sign_in(self, id: str) -> None:
        """Nothing that was issued from this consent counts any more."""
        with self._database.transaction():
            self._database.execute("DELETE FROM refresh_tokens WHERE sign_in = ?", (id,))
            self._database.execute("DELETE FROM codes WHERE sign_in = ?", (id,))
            self.revocations.add(id, self._now() + MAX_TOKEN_LIFETIME_S)

    # --- authorization codes --------------------------------------------------------------------

    def add_code(self, code: str, record: Code, lifetime_s: int) -> None:
        values = {
            "digest": digest(code),
            "sign_in": record.sign_in.id,
            "redirect_uri": record.redirect_uri,
            "challenge": record.code_challenge,
            "nonce": record.nonce,
            "expires_at": int(self._now()) + lifetime_s,
        }
        self._database.insert("codes", values)

    def take_code(self, code: str, client_id: str) -> Code | None:
        """The code's record at its first presentation by its own client; None ever after.

        A second presentation means that two have the code, so it revokes what the first got.
        """
        row = self._database.row("SELECT * FROM codes WHERE digest = ?", (digest(code),))
        sign_in = self.sign_in(row["sign_in"]) if row else None
        if row is None or sign_in is None or sign_in.client_id != client_id:
            return None
        if row["used"]:
            self.revoke_sign_in(sign_in.id)
            return None
        self._mark_used("codes", row["digest"])
        if row["expires_at"] < self._now():
            return None
        return Code(sign_in, row["redirect_uri"], row["challenge"], row["nonce"])

    # --- refresh tokens -------------------------------------------------------------------------

    def add_refresh_token(self, token: str, sign_in: SignIn, lifetime_s: int) -> None:
        values = {
            "digest": digest(token),
            "sign_in": sign_in.id,
            "expires_at": int(self._now()) + lifetime_s,
        }
        self._database.insert("refresh_tokens", values)

    def find_refresh_token(self, token: str) -> RefreshToken | None:
        """The record of a token of a sign-in that counts, whether it counts itself or not."""
        row = self._database.row("SELECT * FROM refresh_tokens WHERE digest = ?", (digest(token),))
        sign_in = self.sign_in(row["sign_in"]) if row else None
        if row is None or sign_in is None:
            return None
        expired = row["expires_at"] < self._now()
        return RefreshToken(row["digest"], sign_in, row["expires_at"], bool(row["used"]), expired)

    def take_refresh_token(self, token: str) -> RefreshToken | None:
        """The record of a token that is to be exchanged; None when it does not count.

        One that was exchanged before is in two hands: its whole sign-in ends.
        """
        found = self.find_refresh_token(token)
        if found is not None and found.used:
            self.revoke_sign_in(found.sign_in.id)
        return None if found is None or found.used or found.expired else found

    def use_refresh_token(self, token: RefreshToken) -> None:
        """It was exchanged for a new one."""
        self._mark_used("refresh_tokens", token.digest)

    # --- devices --------------------------------------------------------------------------------

    def add_device(
        self, device_code: str, user_code: str, *, client_id: str, scope: str, lifetime_s: int
    ) -> None:
        self.forget_old()
        values = {
            "digest": digest(device_code),
            "user_code": digest(user_code),
            "client_id": client_id,
            "scope": scope,
            "expires_at": int(self._now()) + lifetime_s,
            "interval_s": DEVICE_INTERVAL_S,
        }
        self._database.insert("devices", values)

    def device(self, device_code: str) -> Device | None:
        return self._device("digest", digest(device_code))

    def device_of_user(self, user_code: str) -> Device | None:
        """By the code that a person types, in any spelling."""
        return self._device("user_code", digest(spelled(user_code)))

    def change_device(self, device: Device, **changes: Any) -> None:
        self._database.update("devices", changes, "digest = ?", (device.digest,))

    def _device(self, column: str, value: str) -> Device | None:
        row = self._database.row(f"SELECT * FROM devices WHERE {column} = ?", (value,))  # noqa: S608
        return Device(**row, expired=row["expires_at"] < self._now()) if row else None

    def _mark_used(self, table: str, key: str) -> None:
        self._database.update(table, {"used": 1}, "digest = ?", (key,))


def _person(row: Any) -> Person:
    return Person(**(dict(row) | {"groups": tuple(json.loads(row["groups"]))}))

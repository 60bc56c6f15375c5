"""Sign-ins, and the codes and refresh tokens that were issued from them."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from local_platform.authorization.digests import digest
from local_platform.authorization.records import Code, RefreshToken, SignIn
from local_platform.authorization.revocations import Revocations
from local_platform.authorization.settings import MAX_TOKEN_LIFETIME_S
from local_platform.store.database import Database

_SIGN_IN = "SELECT id, client_id, subject, scope, at FROM sign_ins WHERE id = ?"


class SignIns:
    """`forget_old` is called when there is something new to make room for."""

    def __init__(
        self,
        database: Database,
        revocations: Revocations,
        now: Callable[[], float],
        forget_old: Callable[[], None],
    ) -> None:
        self._database = database
        self._revocations = revocations
        self._now = now
        self._forget_old = forget_old

    def begin(self, client_id: str, subject: str, scope: str) -> SignIn:
        """A new consent, from which codes and tokens can be issued."""
        self._forget_old()
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

    def get(self, id: str) -> SignIn | None:
        """A consent that still counts."""
        row = self._database.row(_SIGN_IN, (id,))
        return SignIn(**row) if row and id not in self._revocations else None

    def revoke(self, id: str) -> None:
        """Nothing that was issued from this consent counts any more."""
        with self._database.transaction():
            self._database.execute("DELETE FROM refresh_tokens WHERE sign_in = ?", (id,))
            self._database.execute("DELETE FROM codes WHERE sign_in = ?", (id,))
            self._revocations.add(id, self._now() + MAX_TOKEN_LIFETIME_S)

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
        sign_in = self.get(row["sign_in"]) if row else None
        if row is None or sign_in is None or sign_in.client_id != client_id:
            return None
        if row["used"]:
            self.revoke(sign_in.id)
            return None
        _mark_used(self._database, "codes", row["digest"])
        if row["expires_at"] < self._now():
            return None
        return Code(sign_in, row["redirect_uri"], row["challenge"], row["nonce"])

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
        sign_in = self.get(row["sign_in"]) if row else None
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
            self.revoke(found.sign_in.id)
        return None if found is None or found.used or found.expired else found

    def use_refresh_token(self, token: RefreshToken) -> None:
        """It was exchanged for a new one."""
        _mark_used(self._database, "refresh_tokens", token.digest)


def _mark_used(database: Database, table: str, key: str) -> None:
    database.update(table, {"used": 1}, "digest = ?", (key,))

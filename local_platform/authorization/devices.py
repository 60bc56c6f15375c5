"""Devices that wait for a person, by the two codes that each was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_platform.authorization.digests import digest
from local_platform.authorization.records import Device
from local_platform.authorization.settings import DEVICE_INTERVAL_S
from local_platform.store.database import Database


def spelled(user_code: str) -> str:
    """A typed code as devices show it; letter case, spaces and hyphens do not matter."""
    letters = "".join(char for char in user_code.upper() if char.isalnum())
    return f"{letters[:4]}-{letters[4:]}"


class Devices:
    """`forget_old` is called when there is something new to make room for."""

    def __init__(
        self, database: Database, now: Callable[[], float], forget_old: Callable[[], None]
    ) -> None:
        self._database = database
        self._now = now
        self._forget_old = forget_old

    def add(
        self, device_code: str, user_code: str, *, client_id: str, scope: str, lifetime_s: int
    ) -> None:
        self._forget_old()
        values = {
            "digest": digest(device_code),
            "user_code": digest(user_code),
            "client_id": client_id,
            "scope": scope,
            "expires_at": int(self._now()) + lifetime_s,
            "interval_s": DEVICE_INTERVAL_S,
        }
        self._database.insert("devices", values)

    def get(self, device_code: str) -> Device | None:
        return self._device("digest", digest(device_code))

    def of_user(self, user_code: str) -> Device | None:
        """By the code that a person types, in any spelling."""
        return self._device("user_code", digest(spelled(user_code)))

    def change(self, device: Device, **changes: Any) -> None:
        self._database.update("devices", changes, "digest = ?", (device.digest,))

    def _device(self, column: str, value: str) -> Device | None:
        row = self._database.row(f"SELECT * FROM devices WHERE {column} = ?", (value,))  # noqa: S608
        return Device(**row, expired=row["expires_at"] < self._now()) if row else None

"""Where tokens stay between two processes: the system keyring, else a private file.

Stores are plain blocking code; `authenticator.py` calls them on a thread.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from remote_client._client.auth.credentials import Credentials

__all__ = [
    "FileTokenStore",
    "KeyringTokenStore",
    "MemoryTokenStore",
    "SystemTokenStore",
    "TokenKey",
    "TokenStore",
]

_log = logging.getLogger(__name__)
_SERVICE = "remote_client"
_FOLDER_VARIABLE = "FLIGHTBOARD_TOKEN_DIR"


@dataclass(frozen=True)
class TokenKey:
    """Whose tokens: `endpoint` is `host:port`, `identity` the person or client, `kind` what for.

    kind: "platform", or "proxy" for the token of a proxy in front of it.
    """

    endpoint: str
    identity: str = ""
    kind: str = "platform"

    @property
    def text(self) -> str:
        """The key as one string, the same for the same key only."""
        return json.dumps([self.endpoint, self.identity, self.kind])


class TokenStore(Protocol):
    """Keeps credentials by key. Calls may block; they must not be made on an event loop."""

    def load(self, key: TokenKey) -> Credentials | None:
        """The credentials kept under the key; None when there are none (or none readable)."""

    def save(self, key: TokenKey, credentials: Credentials) -> None:
        """Keep the credentials, in place of any older ones. May raise OSError."""

    def delete(self, key: TokenKey) -> None:
        """Forget the key; nothing happens when it is unknown."""


class MemoryTokenStore:
    """Keeps credentials as long as the process runs."""

    def __init__(self) -> None:
        self._kept: dict[TokenKey, Credentials] = {}

    def load(self, key: TokenKey) -> Credentials | None:
        """See `TokenStore.load`."""
        return self._kept.get(key)

    def save(self, key: TokenKey, credentials: Credentials) -> None:
        """See `TokenStore.save`."""
        self._kept[key] = credentials

    def delete(self, key: TokenKey) -> None:
        """See `TokenStore.delete`."""
        self._kept.pop(key, None)


class KeyringTokenStore:
    """The system's keyring: one entry per key. Raises `keyring.errors.KeyringError` as it does."""

    def load(self, key: TokenKey) -> Credentials | None:
        """See `TokenStore.load`."""
        import keyring

        kept = keyring.get_password(_SERVICE, key.text)
        return Credentials.from_json(kept) if kept else None

    def save(self, key: TokenKey, credentials: Credentials) -> None:
        """See `TokenStore.save`."""
        import keyring

        keyring.set_password(_SERVICE, key.text, credentials.to_json())

    def delete(self, key: TokenKey) -> None:
        """See `TokenStore.delete`."""
        import keyring
        import keyring.errors

        with suppress(keyring.errors.PasswordDeleteError):
            keyring.delete_password(_SERVICE, key.text)


class FileTokenStore:
    """One file of mode 0600 per key, in a folder of mode 0700.

    folder: default `$FLIGHTBOARD_TOKEN_DIR`, else `flightboard/tokens` in the user's
        configuration folder (`$XDG_CONFIG_HOME`, `~/.config`).
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _default_folder()

    def path(self, key: TokenKey) -> Path:
        """The file of a key. Its name is a digest: a key may hold what a file name may not."""
        return self.folder / f"{hashlib.sha256(key.text.encode()).hexdigest()[:40]}.json"

    def load(self, key: TokenKey) -> Credentials | None:
        """See `TokenStore.load`."""
        path = self.path(key)
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                _log.warning("%s was readable by others; it is private again.", path)
                path.chmod(0o600)
            values = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            _log.warning("The stored sign-in %s cannot be read: %s", path, error)
            return None
        if not isinstance(values, dict) or values.get("key") != key.text:
            return None
        return Credentials.from_json(json.dumps(values.get("credentials")))

    def save(self, key: TokenKey, credentials: Credentials) -> None:
        """See `TokenStore.save`. A reader sees the old file or the new one, never half of it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        values = {"key": key.text, "credentials": json.loads(credentials.to_json())}
        # mkstemp makes the file with mode 0600 before anything is in it.
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(values, file)
            Path(name).replace(self.path(key))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def delete(self, key: TokenKey) -> None:
        """See `TokenStore.delete`."""
        self.path(key).unlink(missing_ok=True)


class SystemTokenStore:
    """The system's keyring; the file store from the first time that the keyring fails.

    The file stays second choice when reading, so that a sign-in kept there before the keyring
    worked is still found.
    """

    def __init__(self, *, disable_keyring: bool = False, folder: Path | None = None) -> None:
        self._keyring: TokenStore | None = None if disable_keyring else KeyringTokenStore()
        self._file = FileTokenStore(folder)
        self._lock = threading.Lock()

    def load(self, key: TokenKey) -> Credentials | None:
        """See `TokenStore.load`."""
        store = self._keyring
        if store is not None:
            try:
                kept = store.load(key)
            except Exception as error:
                self._give_up_keyring(error)
            else:
                if kept is not None:
                    return kept
        return self._file.load(key)

    def save(self, key: TokenKey, credentials: Credentials) -> None:
        """See `TokenStore.save`."""
        store = self._keyring
        if store is not None:
            try:
                store.save(key, credentials)
            except Exception as error:
                self._give_up_keyring(error)
            else:
                self._file.delete(key)
                return
        self._file.save(key, credentials)

    def delete(self, key: TokenKey) -> None:
        """See `TokenStore.delete`. Deletes in both places."""
        store = self._keyring
        if store is not None:
            try:
                store.delete(key)
            except Exception as error:
                self._give_up_keyring(error)
        self._file.delete(key)

    def _give_up_keyring(self, error: Exception) -> None:
        # Backends raise what their desktops raise (D-Bus errors, ImportError …), not only
        # KeyringError; whatever it is, tokens must have a place.
        with self._lock:
            if self._keyring is not None:
                self._keyring = None
                _log.info(
                    "No system keyring (%s: %s); sign-ins are kept in %s.",
                    type(error).__name__,
                    error,
                    self._file.folder,
                )


def _default_folder() -> Path:
    said = os.environ.get(_FOLDER_VARIABLE)
    if said:
        return Path(said).expanduser()
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "flightboard" / "tokens"

"""The place of one identity's tokens in a token store, off the event loop."""

from __future__ import annotations

import asyncio
import logging
from functools import cache

from remote_client._client.auth.credentials import Credentials
from remote_client._client.auth.options import AuthOptions
from remote_client._client.auth.token_store import (
    MemoryTokenStore,
    SystemTokenStore,
    TokenKey,
    TokenStore,
)

__all__ = ["StoredTokens"]

_log = logging.getLogger(__name__)


class StoredTokens:
    """One entry of a token store. A store that fails costs a warning, never the sign-in."""

    def __init__(self, store: TokenStore, key: TokenKey) -> None:
        self._store = store
        self._key = key

    @classmethod
    def for_options(cls, options: AuthOptions, key: TokenKey, *, keep: bool) -> StoredTokens:
        """The entry that the options ask for.

        keep: whether tokens outlive the process when the caller did not choose a store. A token
        that can be had again without a person is better not left on the disk.
        """
        if options.token_store is not None:
            return cls(options.token_store, key)
        if keep:
            return cls(_system_store(options.disable_keyring), key)
        return cls(MemoryTokenStore(), key)

    async def load(self) -> Credentials | None:
        """What is kept, or None."""
        try:
            return await asyncio.to_thread(self._store.load, self._key)
        except Exception as error:
            self._warn("read", error)
            return None

    async def save(self, credentials: Credentials) -> None:
        """Keep these."""
        try:
            await asyncio.to_thread(self._store.save, self._key, credentials)
        except Exception as error:
            self._warn("kept", error)

    async def delete(self) -> None:
        """Forget what is kept."""
        try:
            await asyncio.to_thread(self._store.delete, self._key)
        except Exception as error:
            self._warn("deleted", error)

    def _warn(self, what: str, error: Exception) -> None:
        # A caller's own store may raise anything, and the text may hold anything: name the kind.
        _log.warning(
            "The sign-in at %s could not be %s: %s.", self._key.endpoint, what, type(error).__name__
        )


@cache
def _system_store(disable_keyring: bool) -> SystemTokenStore:
    """One per process, so that a keyring that does not work is tried once."""
    return SystemTokenStore(disable_keyring=disable_keyring)

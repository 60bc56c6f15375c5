"""Ids of tokens and sign-ins that no longer count: in memory for every call, in the store for ever.

A revocation is told at once to whoever listens, so that open streams end with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from local_platform.store.database import Database

Listener = Callable[[], None]


class Revocations:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids = {row["id"] for row in database.rows("SELECT id FROM revoked")}
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)

    def __contains__(self, id: str) -> bool:
        return id in self._ids

    def add(self, id: str, until: float) -> None:
        """Nothing with this id counts any more; forgotten after `until` (seconds)."""
        self._database.insert("revoked", {"id": id, "until": int(until)}, verb="INSERT OR REPLACE")
        self._ids.add(id)
        for listener in tuple(self._listeners.get(id, ())):
            listener()

    def forget(self, now: float) -> None:
        """Drops what can no longer be presented anyway."""
        self._database.execute("DELETE FROM revoked WHERE until < ?", (int(now),))
        self._ids = {row["id"] for row in self._database.rows("SELECT id FROM revoked")}

    @contextmanager
    def told(self, ids: Iterable[str], listener: Listener) -> Iterator[None]:
        """Calls `listener` when one of the ids is revoked while the block runs."""
        watched = [id for id in ids if id]
        for id in watched:
            self._listeners[id].add(listener)
        try:
            yield
        finally:
            for id in watched:
                self._listeners[id].discard(listener)
                if not self._listeners[id]:
                    del self._listeners[id]

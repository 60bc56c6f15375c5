"""Tells open sockets that a person's access changed, whichever server process changed it.

Every change leaves a mark in the database; each process asks for new marks every `POLL_S` seconds
while it has sockets open, one cheap query for all of them, and wakes those of the person.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.db import Error as DatabaseError
from django.utils import timezone

from dashboard.models import AccessChange

logger = logging.getLogger(__name__)

POLL_S = 2.0

OVERLAP = timedelta(seconds=30)
"""Marks are looked for this far back: a slow transaction may show an older one later."""

KEPT = timedelta(hours=1)


def note(person_id: int) -> None:
    """Leave a mark that the person's access changed; old marks are swept out on the way."""
    AccessChange.objects.filter(at__lt=timezone.now() - KEPT).delete()
    AccessChange.objects.create(person_id=person_id)


class Changes:
    """Listeners by person, and the task that polls while there are any. Belongs to one loop."""

    def __init__(self) -> None:
        self._listeners: defaultdict[int, set[Callable[[], None]]] = defaultdict(set)
        self._seen: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def listen(self, person_id: int, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after each change; returns what ends it."""
        self._listeners[person_id].add(wake)
        if self._task is None:
            self._task = asyncio.create_task(self._poll_on(), name="access changes")

        def stop() -> None:
            self._listeners[person_id].discard(wake)
            if not self._listeners[person_id]:
                del self._listeners[person_id]
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

        return stop

    async def _poll_on(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            try:
                marks = await sync_to_async(_recent)()
            except DatabaseError:
                logger.exception("Can't look for changes of access; trying again.")
                continue
            for person_id in {marks[mark] for mark in marks.keys() - self._seen}:
                for wake in list(self._listeners.get(person_id, ())):
                    wake()
            self._seen = set(marks)


def _recent() -> dict[int, int]:
    """Marks of late: id → person."""
    late = AccessChange.objects.filter(at__gte=timezone.now() - OVERLAP)
    return dict(late.values_list("id", "person_id"))


_changes: WeakKeyDictionary[asyncio.AbstractEventLoop, Changes] = WeakKeyDictionary()


def changes() -> Changes:
    """Those of the running loop."""
    return _changes.setdefault(asyncio.get_running_loop(), Changes())

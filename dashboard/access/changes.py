"""Tells open sockets that a person's access changed, whichever server process changed it.

Every change leaves a mark in the database; each process asks for new marks every `POLL_S` seconds
while it has sockets open, one cheap query for all of them, and wakes those of the person. With
Redis (`REDIS_URL`) a change is told at once, and the database is asked only for what Redis, which
promises nothing, may have lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone

from dashboard.models import AccessChange

logger = logging.getLogger(__name__)

POLL_S = 2.0
POLL_WITH_REDIS_S = 15.0

CHANNEL = "flightboard:access"
RECONNECT_S = 2.0

OVERLAP = timedelta(seconds=30)
"""Marks are looked for this far back: a slow transaction may show an older one later."""

KEPT = timedelta(hours=1)


def note(person_id: int) -> None:
    """Leave a mark that the person's access changed; old marks are swept out on the way."""
    AccessChange.objects.filter(at__lt=timezone.now() - KEPT).delete()
    AccessChange.objects.create(person_id=person_id)
    if settings.REDIS_URL:
        transaction.on_commit(lambda: _publish(person_id))


def _publish(person_id: int) -> None:
    """Best effort: what Redis does not pass on is found in the database a little later."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1) as server:
            server.publish(CHANNEL, str(person_id))
    except redis.RedisError as error:
        logger.warning("Redis did not take a change of access: %s", error)


class Changes:
    """Listeners by person, and the task that polls while there are any. Belongs to one loop."""

    def __init__(self) -> None:
        self._listeners: defaultdict[int, set[Callable[[], None]]] = defaultdict(set)
        self._seen: set[int] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def listen(self, person_id: int, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after each change; returns what ends it."""
        self._listeners[person_id].add(wake)
        if not self._tasks:
            self._tasks.append(asyncio.create_task(self._poll_on(), name="access changes"))
            if settings.REDIS_URL:
                self._tasks.append(asyncio.create_task(self._hear_on(), name="access by Redis"))

        def stop() -> None:
            self._listeners[person_id].discard(wake)
            if not self._listeners[person_id]:
                del self._listeners[person_id]
            if not self._listeners:
                for task in self._tasks:
                    task.cancel()
                self._tasks.clear()

        return stop

    async def _poll_on(self) -> None:
        while True:
            await asyncio.sleep(POLL_WITH_REDIS_S if settings.REDIS_URL else POLL_S)
            try:
                marks = await sync_to_async(_recent)()
            except DatabaseError:
                logger.exception("Can't look for changes of access; trying again.")
                continue
            self._wake({marks[mark] for mark in marks.keys() - self._seen})
            self._seen = set(marks)

    async def _hear_on(self) -> None:
        """Listen at Redis, for ever; whatever happens while it is away waits in the database."""
        while True:
            try:
                await self._hear()
            except redis.RedisError as error:
                logger.warning("Redis can't be heard: %s", error)
            await asyncio.sleep(RECONNECT_S)

    async def _hear(self) -> None:
        async with redis.asyncio.from_url(settings.REDIS_URL) as server, server.pubsub() as heard:
            await heard.subscribe(CHANNEL)
            async for message in heard.listen():
                with suppress(ValueError):  # the answer to the subscription is a message too
                    self._wake({int(message["data"])} if message["type"] == "message" else set())

    def _wake(self, people: set[int]) -> None:
        for person_id in people:
            for wake in list(self._listeners.get(person_id, ())):
                wake()


def _recent() -> dict[int, int]:
    """Marks of late: id → person."""
    late = AccessChange.objects.filter(at__gte=timezone.now() - OVERLAP)
    return dict(late.values_list("id", "person_id"))


_changes: WeakKeyDictionary[asyncio.AbstractEventLoop, Changes] = WeakKeyDictionary()


def changes() -> Changes:
    """Those of the running loop."""
    return _changes.setdefault(asyncio.get_running_loop(), Changes())

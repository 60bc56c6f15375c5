"""Wakes watchers after a commit: every change of an action reaches every subscription it is in.

A subscription holds the newest record per action, so a slow watcher is given the present state
and never an unbounded backlog. Subscribe first, read the snapshot second: a change in between is
delivered again, which is harmless, and none is lost.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from types import TracebackType

from local_platform.errors import unavailable
from local_platform.store.records import ActionKey, ActionRecord, RunKey

Topic = tuple[str, ...]


def of_action(key: ActionKey) -> Topic:
    return ("action", *key)


def of_run(key: RunKey) -> Topic:
    return ("run", *key)


def of_children(key: ActionKey) -> Topic:
    return ("children", *key)


def of_roots(project: str = "", domain: str = "") -> Topic:
    """Root actions of one project and domain, or of all of them."""
    return ("roots", project, domain)


def _topics(record: ActionRecord) -> list[Topic]:
    key = record.key
    topics = [of_action(key), of_run(key.run_key)]
    if record.parent:
        topics.append(of_children(key.sibling(record.parent)))
    else:
        topics += [of_roots(record.project, record.domain), of_roots()]
    return topics


class Subscription:
    """Changes of one topic since the last time they were taken."""

    def __init__(self, changes: Changes, topic: Topic) -> None:
        self._changes = changes
        self._topic = topic
        self._pending: dict[ActionKey, ActionRecord] = {}
        self._wake = asyncio.Event()

    def __enter__(self) -> Subscription:
        self._changes._subscriptions[self._topic].add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        mine = self._changes._subscriptions[self._topic]
        mine.discard(self)
        if not mine:
            del self._changes._subscriptions[self._topic]

    def offer(self, record: ActionRecord) -> None:
        self._pending[record.key] = record
        self._wake.set()

    def wake(self) -> None:
        """Ends a wait with whatever there is, changes or none."""
        self._wake.set()

    async def take(self) -> list[ActionRecord]:
        """Waits for changes; answers the newest record of each changed action, oldest first.

        UNAVAILABLE once the platform is stopping.
        """
        if not self._changes.stopped:
            await self._wake.wait()
        if self._changes.stopped and not self._pending:
            raise unavailable("the platform is stopping")
        self._wake.clear()
        records = sorted(self._pending.values(), key=lambda record: record.id)
        self._pending.clear()
        return records


class Changes:
    """Who watches what, in this process."""

    def __init__(self) -> None:
        self._subscriptions: defaultdict[Topic, set[Subscription]] = defaultdict(set)
        self.stopped = False

    def subscribe(self, topic: Topic) -> Subscription:
        """A subscription to enter with `with`; it counts from then on."""
        return Subscription(self, topic)

    def publish(self, record: ActionRecord) -> None:
        """Tells everyone who watches this action. Call it after the commit."""
        for topic in _topics(record):
            for subscription in self._subscriptions.get(topic, ()):
                subscription.offer(record)

    def stop(self) -> None:
        """Ends every wait, now and later, so that streams close before the port does."""
        self.stopped = True
        for subscriptions in self._subscriptions.values():
            for subscription in subscriptions:
                subscription.wake()

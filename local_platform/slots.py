"""Who may run now: a fixed number of slots, a fair queue, and parents that give theirs back.

A slot is held by a running attempt that has no open child. A parent therefore frees its slot by
enqueuing a child and holds one again when the last child is done, even when that makes more
holders than slots: nesting of any depth makes progress, because whoever waits holds nothing.

The queue serves runs in turn, so a fan-out of thousands does not keep a new run waiting, and
within a run the deepest action first, so that few parents wait in memory at a time.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from itertools import count

from local_platform.store.records import ActionKey, RunKey

_Entry = tuple[int, int, ActionKey]  # (-depth, order of arrival, who)


class Slots:
    def __init__(self, size: int) -> None:
        self.size = size
        self._waiting: dict[RunKey, list[_Entry]] = {}
        self._turns: deque[RunKey] = deque()
        self._queued: set[ActionKey] = set()
        self._fresh: list[ActionKey] = []
        self._running: set[ActionKey] = set()
        self._open_children: Counter[ActionKey] = Counter()
        self._arrivals = count()

    @property
    def held(self) -> int:
        """Running attempts that need a core: those without an open child."""
        return sum(1 for key in self._running if not self._open_children[key])

    @property
    def queued(self) -> int:
        return len(self._queued)

    def enqueue(self, key: ActionKey, depth: int) -> None:
        """Joins the queue; a second time changes nothing."""
        if key in self._queued:
            return
        self._queued.add(key)
        self._fresh.append(key)
        run = key.run_key
        if run not in self._waiting:
            self._waiting[run] = []
            self._turns.append(run)
        heapq.heappush(self._waiting[run], (-depth, next(self._arrivals), key))

    def leave(self, key: ActionKey) -> None:
        """Neither queued nor running any more."""
        self._queued.discard(key)
        self._running.discard(key)

    def next(self) -> ActionKey | None:
        """Who starts now, with its slot taken; None when no slot is free or nobody waits."""
        if self.held >= self.size:
            return None
        while self._turns:
            run = self._turns.popleft()
            key = self._pop(run)
            if key is not None:
                self._running.add(key)
                return key
        return None

    def left_waiting(self) -> list[ActionKey]:
        """Who joined the queue since the last call and has not been served."""
        fresh, self._fresh = self._fresh, []
        return [key for key in fresh if key in self._queued]

    def resume(self, key: ActionKey) -> None:
        """Counts an attempt that already runs (found again after a restart)."""
        self._running.add(key)

    def child_opened(self, parent: ActionKey) -> None:
        self._open_children[parent] += 1

    def child_closed(self, parent: ActionKey) -> None:
        self._open_children[parent] -= 1
        if self._open_children[parent] <= 0:
            del self._open_children[parent]

    def _pop(self, run: RunKey) -> ActionKey | None:
        """The run's next action; the run goes to the end of the turns while it has more."""
        heap = self._waiting[run]
        found = None
        while heap and found is None:
            key = heapq.heappop(heap)[2]
            if key in self._queued:  # else it left the queue meanwhile
                self._queued.discard(key)
                found = key
        if heap:
            self._turns.append(run)
        else:
            del self._waiting[run]
        return found

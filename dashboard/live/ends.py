"""Topic `ends`: which runs of one project and domain have ended, for pages that show none of them.

A page watches it only while its reader waits for a run there. It tells what the runs list tells, so
nothing is sent that a viewer may not have; whom an end concerns is the page's to know.
"""

from __future__ import annotations

import json
import secrets
from contextlib import aclosing

from dashboard.live.protocol import Args, Update
from dashboard.live.topic import Key, Topic
from dashboard.phases import style_of
from dashboard.upstream import Platform
from remote_client import Run

KEPT_ENDS = 200
"""A page that comes back after a while hears of the newest so many."""

_WORDS = {
    "succeeded": "succeeded",
    "recovered": "succeeded",
    "failed": "failed",
    "timed_out": "timed out",
    "aborted": "was aborted",
}


class EndsTopic(Topic[int]):
    """The newest ends, in the order in which they were heard; a viewer's position counts them."""

    def __init__(self, key: Key, platform: Platform) -> None:
        super().__init__(key, platform)
        self._mark = secrets.token_hex(4)
        self._ends: dict[str, tuple[int, str]] = {}  # run → its number among all, and its phase
        self._count = 0

    async def pump(self) -> None:
        # A platform answers an unknown project with silence, so ask for the project itself.
        await self.insist(lambda: self.platform.project(self.scope.project))
        async with aclosing(self.platform.watch_runs(self.scope, self.hear)) as batches:
            async for batch in batches:
                for run in batch:
                    self._take(run)
                self.touch()
                self.set_ready()

    def start_at(self, cursor: str | None) -> int:
        mark, _, count = (cursor or "").partition(":")
        is_ours = mark == self._mark and count.isascii() and count.isdigit()
        return min(int(count), self._count) if is_ours and len(count) < 16 else 0

    def next_body(self, position: int, args: Args) -> tuple[str, int] | None:
        if position >= self._count:
            return None
        ended = [
            {"run": run, "phase": phase, "words": _WORDS.get(phase, "ended")}
            for run, (number, phase) in self._ends.items()
            if number > position
        ]
        cursor = f"{self._mark}:{self._count}"
        return Update(cursor, f'"ended":{json.dumps(ended)}').body(), self._count

    def _take(self, run: Run) -> None:
        phase = run.phase.value
        known = self._ends.get(run.name)
        if not style_of(phase).is_terminal or (known and known[1] == phase):
            return
        self._count += 1
        self._ends.pop(run.name, None)
        self._ends[run.name] = (self._count, phase)
        while len(self._ends) > KEPT_ENDS:
            del self._ends[next(iter(self._ends))]

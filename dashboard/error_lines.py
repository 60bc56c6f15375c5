"""Why each failed run failed, in one line: read once from the platform, for lists don't tell it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from weakref import WeakKeyDictionary

from dashboard.headlines import headline
from dashboard.pages import Scope
from dashboard.run_lists.facts import FAILED, RunFacts, facts_of
from dashboard.trees import ROOT
from dashboard.upstream import Platform
from remote_client import Run

KEPT_LINES = 20_000
CONCURRENT_READS = 8
"""Questions to the platform at once, for one process: a first page may need a hundred answers."""


class ErrorLines:
    """The lines by run, the newest ones kept: a failed run fails no differently later."""

    def __init__(self) -> None:
        self._lines: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            WeakKeyDictionary()
        )

    def known(self, platform: Platform, scope: Scope, run: Run | RunFacts) -> str | None:
        """The line when it was read already; "" for a run that has not failed; else None."""
        if run.phase not in FAILED:
            return ""
        return self._lines.get(_key(platform, scope, run))

    async def read(self, platform: Platform, scope: Scope, run: Run | RunFacts) -> str:
        """The line, from the root action's details when need be. Raises RemoteError."""
        known = self.known(platform, scope, run)
        if known is not None:
            return known
        async with self._gate():
            details = await platform.action(scope, run.name, ROOT)
        error = details.error_info
        line = headline(error.message, error.code) if error else ""
        if line:  # a platform may say why a moment after it said that
            self._keep(_key(platform, scope, run), line)
        return line

    def _keep(self, key: tuple[object, ...], line: str) -> None:
        self._lines[key] = line
        while len(self._lines) > KEPT_LINES:
            self._lines.popitem(last=False)

    def _gate(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        return self._gates.setdefault(loop, asyncio.Semaphore(CONCURRENT_READS))


def _key(platform: Platform, scope: Scope, run: Run | RunFacts) -> tuple[object, ...]:
    facts = run if isinstance(run, RunFacts) else facts_of(scope, run)
    return (platform.endpoint, platform.identity, scope, facts.name, facts.phase, facts.ended)


error_lines = ErrorLines()
"""The process's own."""

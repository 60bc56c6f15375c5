"""Topic `runs`: the runs of one project and domain, newest first, whole or through a query.

One watch serves every query: the platform has no filtered one. What a query lets through is decided
here, where labels and errors are known too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from datetime import UTC, datetime
from functools import lru_cache, partial

from dashboard.error_lines import error_lines
from dashboard.live import draw
from dashboard.live.protocol import Args, BadMessage, RunsArgs, Snapshot, Update
from dashboard.live.run_rows import RunRows
from dashboard.live.topic import Key, Topic, logger
from dashboard.rows import row_of
from dashboard.run_lists.facts import FAILED, RunFacts, facts_of
from dashboard.run_lists.finding_cursors import place_of
from dashboard.run_lists.query import BadQuery, RunQuery
from dashboard.run_lists.query_terms import LENGTHS, MOMENTS
from dashboard.upstream import Platform
from remote_client import Run
from remote_client.errors import RemoteError

PAGE_ROWS = 100
"""Rows of one page, and of a snapshot."""

KEPT_RUNS = 1_000
"""Older runs than so many are no longer kept up to date: they ended long ago, or stand on a page
that gets them again when it is loaded."""

TICK_S = 5.0
"""How often queries that time alone decides (`longer:10m`, `since:1h`) are asked again."""

MOST_TIMED = 50
"""Queries of that kind at once; the one that was asked for least lately is no longer looked at."""


@lru_cache(maxsize=512)
def query_of(text: str) -> RunQuery:
    """The query of a subscription. Raises BadMessage, so that its author hears what is wrong."""
    try:
        return RunQuery.parse(text)
    except BadQuery as bad:
        raise BadMessage(str(bad)) from None


class RunsTopic(Topic[int]):
    """Every change of a run becomes a row; what a viewer does with it is the page's business."""

    def __init__(self, key: Key, platform: Platform) -> None:
        super().__init__(key, platform)
        self.board = RunRows()
        self._runs: dict[str, Run] = {}
        self._facts: dict[str, RunFacts] = {}
        self._turns: dict[str, int] = {}
        self._timed: dict[str, dict[str, bool]] = {}
        """By query that time decides: which runs passed when it was asked last."""

    async def pump(self) -> None:
        # A platform answers an unknown project with silence, so ask for the project itself.
        await self.insist(lambda: self.platform.project(self.scope.project))
        self.spawn(self._tick())
        async with aclosing(self.platform.watch_runs(self.scope, self.hear)) as batches:
            async for batch in batches:
                self._runs.update((run.name, run) for run in batch)
                for run in batch:
                    self._put(run)
                self.touch()
                if not self._ready.is_set():
                    self._flush_now()
                    self.set_ready()

    def flush(self) -> None:
        self._forget_oldest()
        self.board.commit()

    @property
    def facts(self) -> Iterable[RunFacts]:
        """The newest runs, for who counts them."""
        return self._facts.values()

    # --- what viewers get -----------------------------------------------------------------------

    @property
    def cursor(self) -> str:
        """Where a page that is drawn now resumes, whatever its query."""
        return self.board.cursor

    def start_at(self, cursor: str | None) -> int:
        return self.board.version_of(cursor)

    def next_body(self, position: int, args: Args) -> tuple[str, int] | None:
        """As every board's, but an older or filtered page never has its rows replaced."""
        board = self.board
        if position >= board.version:
            return None
        query = args.query if isinstance(args, RunsArgs) else ""
        if query:
            body = Update(board.cursor, self._filtered(position, query)).body()
        elif position == 0 and isinstance(args, RunsArgs) and args.first:
            body = Snapshot(board.cursor, board.payload(0, limit=PAGE_ROWS)).body()
        else:
            body = Update(board.cursor, board.payload(position)).body()
        return body, board.version

    def _filtered(self, position: int, text: str) -> str:
        query, now = query_of(text), datetime.now(UTC)
        if any(term.field in (*MOMENTS, *LENGTHS) for term in query.terms):
            self._keep_asking(text, query, now)
        return self.board.filtered(
            position, text, lambda name: query.matches(self._facts[name], now)
        )

    # --- rows -----------------------------------------------------------------------------------

    def _put(self, run: Run) -> None:
        known = error_lines.known(self.platform, self.scope, run)
        if known is None and run.phase in FAILED:
            self.spawn(self._explain(run))
        self._put_row(facts_of(self.scope, run, known or ""))

    def _put_row(self, facts: RunFacts) -> None:
        self._facts[facts.name] = facts
        newest_first = -facts.started.timestamp() if facts.started else 0.0
        row = row_of(facts)
        self.board.put_row(
            facts.name,
            # What a query asks may change without what is drawn, and so may the time.
            (facts, self._turns.get(facts.name, 0)),
            partial(draw.partial, "runs/list.html", "row", row=row),
            rank=(newest_first, facts.name),
            order=row.order,
        )

    async def _explain(self, run: Run) -> None:
        """Add why a run failed, which lists don't tell, to its row."""
        try:
            line = await error_lines.read(self.platform, self.scope, run)
        except RemoteError as error:
            logger.info("No error line for run %s: %s", run.name, error)
            return
        if self._runs.get(run.name) is run:
            self._put_row(facts_of(self.scope, run, line))
            self.touch()

    def _forget_oldest(self) -> None:
        if len(self._runs) <= KEPT_RUNS * 1.2:
            return
        by_age = sorted(self._facts.values(), key=place_of)
        for facts in by_age[: len(by_age) - KEPT_RUNS]:
            for table in (self._runs, self._facts, self._turns):
                table.pop(facts.name, None)
            self.board.forget_row(facts.name)

    # --- what time alone changes ----------------------------------------------------------------

    def _keep_asking(self, text: str, query: RunQuery, now: datetime) -> None:
        known = self._timed.pop(text, None)
        self._timed[text] = self._passing(query, now) if known is None else known
        while len(self._timed) > MOST_TIMED:
            del self._timed[next(iter(self._timed))]

    def _passing(self, query: RunQuery, now: datetime) -> dict[str, bool]:
        return {name: query.matches(facts, now) for name, facts in self._facts.items()}

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            turned = [self._turn(text) for text in list(self._timed)]
            if any(turned):
                self.touch()

    def _turn(self, text: str) -> bool:
        """Tell rows again that began or ceased to pass a query since it was asked last."""
        before, now = self._timed[text], self._passing(query_of(text), datetime.now(UTC))
        self._timed[text] = now
        turned = [name for name, is_in in now.items() if before.get(name, is_in) != is_in]
        for name in turned:
            self._turns[name] = self._turns.get(name, 0) + 1
            self._put_row(self._facts[name])
        return bool(turned)

"""Topic `runs`: the runs of one project and domain, newest first."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial

from dashboard.error_lines import error_lines
from dashboard.live import draw
from dashboard.live.protocol import Args, RunsArgs, Snapshot, Update
from dashboard.live.topic import BoardTopic, logger
from dashboard.pages import RunRow
from dashboard.rows import run_order, run_row
from remote_client import ActionPhase, Run
from remote_client.errors import RemoteError

PAGE_ROWS = 100
"""Rows of one page, and of a snapshot."""

KEPT_RUNS = 1_000
"""Older runs than so many are no longer kept up to date: they ended long ago, or stand on a page
that gets them again when it is loaded."""


class RunsTopic(BoardTopic):
    """Every change of a run becomes a row; what a viewer does with it is the page's business."""

    async def pump(self) -> None:
        # A platform answers an unknown project with silence, so ask for the project itself.
        await self.insist(lambda: self.platform.project(self.scope.project))
        self._runs: dict[str, Run] = {}
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

    def next_body(self, position: int, args: Args) -> tuple[str, int] | None:
        """As every board's, but an older or filtered page never has its rows replaced."""
        board = self.board
        if position >= board.version:
            return None
        is_first = isinstance(args, RunsArgs) and args.first
        if position == 0 and is_first:
            body = Snapshot(board.cursor, board.payload(0, limit=PAGE_ROWS)).body()
        else:
            body = Update(board.cursor, board.payload(position)).body()
        return body, board.version

    def _put(self, run: Run) -> None:
        known = error_lines.known(self.platform, self.scope, run)
        if known is None and run.phase in (ActionPhase.FAILED, ActionPhase.TIMED_OUT):
            self.spawn(self._explain(run))
        self._put_row(run_row(self.scope, run, known or ""), run)

    def _put_row(self, row: RunRow, run: Run) -> None:
        newest_first = -run.start_time.timestamp() if run.start_time else 0.0
        self.board.put_row(
            run.name,
            row,
            partial(draw.partial, "runs/list.html", "row", row=row),
            rank=(newest_first, run.name),
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
            self._put_row(run_row(self.scope, run, line), run)
            self.touch()

    def _forget_oldest(self) -> None:
        if len(self._runs) <= KEPT_RUNS * 1.2:
            return
        by_age = sorted(self._runs.values(), key=run_order)
        for run in by_age[: len(by_age) - KEPT_RUNS]:
            del self._runs[run.name]
            self.board.forget_row(run.name)

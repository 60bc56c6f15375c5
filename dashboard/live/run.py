"""Topic `run`: one run's header, why it failed, and its action tree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from dashboard.failures import SEARCHED_LINES, failure_of, is_broken, root_cause
from dashboard.headers import run_header, run_title
from dashboard.live import draw
from dashboard.live.protocol import LogArgs, RunArgs
from dashboard.live.topic import BoardTopic, Key, logger
from dashboard.pages import Failure, LogLineRow, RunHeader, TreeRow
from dashboard.trees import ActionTree
from dashboard.upstream import Platform
from remote_client import Action, Run
from remote_client.errors import RemoteError

if TYPE_CHECKING:
    from dashboard.live.hub import Hub
    from dashboard.live.log import LogTopic

TEMPLATE = "runs/detail.html"

QUIET_S = 0.5
"""Silence after which the actions told so far count as the whole snapshot."""

LOG_WAIT_S = 2.0
"""How long the log of what broke may take before the failure is told without it."""


class RunTopic(BoardTopic):
    """Merges the run's actions into a tree; what changed in it becomes rows and parts."""

    args: RunArgs

    def __init__(self, key: Key, platform: Platform, hub: Callable[[], Hub]) -> None:
        super().__init__(key, platform)
        assert isinstance(key.args, RunArgs)
        self.args = key.args
        self.run: Run | None = None
        self.failure_panel: Failure | None = None
        self.tree = ActionTree(self.scope, self.args.run)
        self._hub = hub
        self._explained: Action | None = None
        self._quiet: asyncio.TimerHandle | None = None

    async def pump(self) -> None:
        await self.insist(lambda: self.platform.project(self.scope.project))
        # Who started it and from where stands in the run's details alone.
        self.run = await self.insist(lambda: self.platform.run(self.scope, self.args.run))
        actions = self.platform.watch_actions(self.scope, self.args.run, self.hear)
        async with aclosing(actions) as batches:
            async for batch in batches:
                self.tree.merge(batch)
                self._explain_failure()
                self.touch()
                if self.tree.is_complete:
                    self._set_ready()
                else:
                    self._ready_when_quiet()
                if self.tree.is_settled:
                    break
        await self.helpers_done()

    # --- what the page shows --------------------------------------------------------------------

    @property
    def header(self) -> RunHeader:
        """The header as it is now; only once the run was read."""
        assert self.run is not None
        return run_header(self.scope, self.run, self.tree)

    def flush(self) -> None:
        for row in self.tree.changed_rows():
            self._put_row(row)
        header = self.header
        self.board.put_part(
            "header", header, partial(draw.partial, TEMPLATE, "header", header=header)
        )
        self.board.put_part("failure", self.failure_panel, self._draw_failure)
        self.board.set_field("phase", header.phase.key)
        self.board.set_field("title", run_title(header))
        self.board.commit()

    def _put_row(self, row: TreeRow) -> None:
        self.board.put_row(
            row.key,
            row,
            partial(draw.partial, TEMPLATE, "tree_row", row=row),
            rank=(row.depth, row.order),  # a parent comes before its children
            parent=row.parent,
            order=row.order,
        )

    def _draw_failure(self) -> str:
        if self.failure_panel is None:
            return ""
        return draw.partial(TEMPLATE, "failure", failure=self.failure_panel)

    # --- why it failed --------------------------------------------------------------------------

    def _explain_failure(self) -> None:
        """Start finding out, once for each state of what seems to have broken the run."""
        cause = root_cause(self.tree)
        known = self._explained
        if cause is None or (known is not None and _same_end(known, cause)):
            return
        self._explained = cause
        self.spawn(self._explain(cause))

    async def _explain(self, cause: Action) -> None:
        """Tell the error as soon as it is known, and again with the last lines of its log."""
        try:
            details = await self.insist(
                lambda: self.platform.action(self.scope, self.args.run, cause.name)
            )
            self._show(failure_of(self.scope, self.args.run, details), cause)
            log = await self._last_lines(cause, max(details.attempts, 1))
            self._show(failure_of(self.scope, self.args.run, details, log), cause)
        except RemoteError as error:
            logger.info("Can't tell why run %s failed: %s", self.args.run, error)
        self.set_ready()

    def _show(self, failure: Failure, cause: Action) -> None:
        if self._explained is cause:
            self.failure_panel = failure
            self._flush_now()

    async def _last_lines(self, cause: Action, attempt: int) -> tuple[LogLineRow, ...]:
        """Through the hub, so that a page which shows this log shares its tail."""
        args = LogArgs(self.args.project, self.args.domain, self.args.run, cause.name, attempt)
        key = Key("log", args, self.key.platform, self.key.identity)
        viewer = self._hub().join(key, args)
        topic: LogTopic = viewer.topic  # type: ignore[assignment]
        try:
            await topic.ended(LOG_WAIT_S)
            return topic.last_lines(SEARCHED_LINES)
        except RemoteError as error:
            logger.info("No log of %s: %s", cause.name, error)
            return ()
        finally:
            viewer.leave()

    # --- when there is enough for a page --------------------------------------------------------

    def _set_ready(self) -> None:
        """The tree is whole; a failure that is being looked into says itself when it is known."""
        if self._quiet is not None:
            self._quiet.cancel()
        if not self._ready.is_set() and (not is_broken(self.tree.root) or self.failure_panel):
            self._flush_now()
            self.set_ready()

    def _ready_when_quiet(self) -> None:
        """A platform may count more actions than it tells of: silence means that these are all."""
        if self._quiet is not None:
            self._quiet.cancel()
        if self.tree.root is not None and not self._ready.is_set():
            self._quiet = asyncio.get_running_loop().call_later(QUIET_S, self._set_ready)

    def release(self) -> None:
        super().release()
        if self._quiet is not None:
            self._quiet.cancel()


def _same_end(one: Action, other: Action) -> bool:
    return (one.name, one.raw_phase, one.end_time, one.attempts) == (
        other.name,
        other.raw_phase,
        other.end_time,
        other.attempts,
    )

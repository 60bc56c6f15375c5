"""Topic `run`: one run's header, why it failed, and what each viewer sees of its action tree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from dashboard import links
from dashboard.failures import SEARCHED_LINES, failure_of, is_broken, root_cause
from dashboard.headers import run_header, run_title
from dashboard.live import draw
from dashboard.live.board import Board
from dashboard.live.lens import Lens, More
from dashboard.live.lines import Lines, Place
from dashboard.live.protocol import Args, LogArgs, RunArgs
from dashboard.live.spans import Spans
from dashboard.live.topic import Key, Topic, logger
from dashboard.pages import Failure, LogLineRow, RunHeader
from dashboard.run_info import RunInfo, run_info
from dashboard.timelines import axis_of, bars, critical_path
from dashboard.tree_nodes import Facts, Node
from dashboard.tree_views import TreeView
from dashboard.trees import ActionTree
from dashboard.upstream import Platform
from remote_client import Action, ActionDetails, Run
from remote_client.errors import RemoteError

if TYPE_CHECKING:
    from dashboard.live.hub import Hub
    from dashboard.live.log import LogTopic

TEMPLATE = "runs/detail.html"

QUIET_S = 0.5
"""Silence after which the actions told so far count as the whole snapshot."""

ENOUGH_ACTIONS, ENOUGH_S = 1_000, 0.3
"""A page of a run of more actions is drawn when so much of it has been heard for so long; the rest
comes over the socket."""

SLICE = 1_000
"""Actions merged in one go: a snapshot of fifty thousand must not hold up everybody else."""

LOG_WAIT_S = 2.0
"""How long the log of what broke may take before the failure is told without it."""


class RunTopic(Topic[Place]):
    """Merges the run's actions into a tree; viewers get what of it is in their sight."""

    args: RunArgs

    def __init__(self, key: Key, platform: Platform, hub: Callable[[], Hub]) -> None:
        super().__init__(key, platform)
        assert isinstance(key.args, RunArgs)
        self.args = key.args
        self.run: Run | None = None
        self.info: RunInfo | None = None
        self.failure_panel: Failure | None = None
        self.tree = ActionTree(self.scope, self.args.run)
        self.board = Board()
        self.lines = Lines(self.tree, self.board, self._draw_line, self._draw_more)
        self._spans = Spans(self._details, self.spawn, self._learnt)
        self._hub = hub
        self._explained: Facts | None = None
        self._quiet: asyncio.TimerHandle | None = None
        self._enough: asyncio.TimerHandle | None = None

    async def pump(self) -> None:
        await self.insist(lambda: self.platform.project(self.scope.project))
        # Who started it and from where stands in the run's details alone.
        self.run = await self.insist(lambda: self.platform.run(self.scope, self.args.run))
        self.spawn(self._read_info())
        actions = self.platform.watch_actions(self.scope, self.args.run, self.hear)
        async with aclosing(actions) as batches:
            async for batch in batches:
                await self._merge(batch)
                self._explain_failure()
                if self.tree.is_complete:
                    self._set_ready()
                else:
                    self._ready_when_quiet()
                if self.tree.is_settled:
                    self._mark_critical()
                    break
        await self.helpers_done()

    async def _read_info(self) -> None:
        """What it was started with; a head without that is still a head."""
        try:
            details = await self.platform.run_details(self.scope, self.args.run)
        except RemoteError as error:
            logger.info("No settings of run %s: %s", self.args.run, error)
        else:
            self.info = run_info(details)
            self.touch()

    async def _merge(self, batch: list[Action]) -> None:
        for part in _slices(batch):
            self.tree.merge(part)
            self.lines.touch()
            self.touch()
            self._ready_when_enough()
            if len(batch) > SLICE:
                await asyncio.sleep(0)

    def _mark_critical(self) -> None:
        for node in critical_path(self.tree):
            if not node.is_critical:
                node.is_critical = True
                self.tree.touch(node)

    # --- what the page shows --------------------------------------------------------------------

    @property
    def header(self) -> RunHeader:
        """The header as it is now; only once the run was read."""
        assert self.run is not None
        return run_header(self.scope, self.run, self.tree, self.info)

    def label_of(self, action: str) -> str:
        """What the tree calls an action; "" when it has none of that name."""
        node = self.tree.node(action)
        return node.label if node else ""

    def lens(self, view: TreeView) -> Lens:
        """What a view shows now."""
        return self.lines.lens(view)

    def cursor_of(self, lens: Lens) -> str:
        """Where a page that is drawn now through this lens resumes."""
        return self.lines.cursor(lens)

    def flush(self) -> None:
        if self.run is None:
            return
        self.lines.take(self.tree.taken_changes())
        header = self.header
        self.board.put_part(
            "header", header, partial(draw.partial, TEMPLATE, "header", header=header)
        )
        self.board.put_part(
            "tree-chips", header.counts, partial(draw.partial, TEMPLATE, "chips", header=header)
        )
        self.board.put_part("failure", self.failure_panel, self._draw_failure)
        self.board.set_field("phase", header.phase.key)
        self.board.set_field("title", run_title(header))
        self.board.set_field("axis", self._axis_field())
        if self.board.commit():
            self.lines.committed()

    def _axis_field(self) -> list[int | None]:
        axis, root = axis_of(self.tree, datetime.now(UTC)), self.tree.root
        return [axis.since, axis.until if root and root.end_time else None]

    def _draw_failure(self) -> str:
        if self.failure_panel is None:
            return ""
        return draw.partial(TEMPLATE, "failure", failure=self.failure_panel)

    def _draw_line(self, node: Node, mode: str) -> str:
        row = self.tree.row(node)
        if mode != "timeline":
            return draw.partial(TEMPLATE, "tree_row", row=row)
        now = datetime.now(UTC)
        drawn = bars(node, self._spans.of(node), axis_of(self.tree, now), now)
        return draw.partial(TEMPLATE, "tree_row", row=row, bars=drawn, has_bars=True)

    def _draw_more(self, more: More, view: TreeView) -> str:
        url = links.tree_url(self.scope, self.args.run, view.with_more(more.parent))
        return draw.partial(TEMPLATE, "more_row", more=more, url=url)

    # --- viewers --------------------------------------------------------------------------------

    def start_at(self, cursor: str | None) -> Place:
        return self.lines.place(cursor)

    def next_body(self, position: Place, args: Args) -> tuple[str, Place] | None:
        assert isinstance(args, RunArgs)
        view = _view_of(args.view)
        following = self.lines.next_body(position, view)
        if following is not None:
            self.want_times(view)
        return following

    def want_times(self, view: TreeView) -> None:
        """Have read how what a timeline shows spent its time."""
        if view.mode == "timeline":
            lines = self.lines.lens(view).lines.values()
            self._spans.want(line for line in lines if isinstance(line, Node))

    async def _details(self, name: str) -> ActionDetails:
        return await self.platform.action(self.scope, self.args.run, name)

    def _learnt(self, node: Node) -> None:
        self.tree.touch(node)
        self.lines.touch()
        self.touch()

    # --- why it failed --------------------------------------------------------------------------

    def _explain_failure(self) -> None:
        """Start finding out, once for each state of what seems to have broken the run."""
        cause = root_cause(self.tree)
        known = self._explained
        if cause is None or (known is not None and _same_end(known, cause)):
            return
        self._explained = cause
        self.spawn(self._explain(cause))

    async def _explain(self, cause: Facts) -> None:
        """Tell the error as soon as it is known, and again with the last lines of its log."""
        try:
            details = await self.insist(
                lambda: self.platform.action(self.scope, self.args.run, cause.name)
            )
            told = partial(failure_of, self.scope, self.args.run, details)
            self._show(told(label=self.label_of(cause.name)), cause)
            log = await self._last_lines(cause, max(details.attempts, 1))
            self._show(told(log, label=self.label_of(cause.name)), cause)
        except RemoteError as error:
            logger.info("Can't tell why run %s failed: %s", self.args.run, error)
        self.set_ready()

    def _show(self, failure: Failure, cause: Facts) -> None:
        if self._explained is cause:
            self.failure_panel = failure
            self._flush_now()

    async def _last_lines(self, cause: Facts, attempt: int) -> tuple[LogLineRow, ...]:
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

    def _ready_when_enough(self) -> None:
        if self._enough is None and self.tree.root is not None and self.tree.size >= ENOUGH_ACTIONS:
            loop = asyncio.get_running_loop()
            self._enough = loop.call_later(ENOUGH_S, self._set_ready)

    def release(self) -> None:
        super().release()
        for timer in (self._quiet, self._enough):
            if timer is not None:
                timer.cancel()


@lru_cache(maxsize=1024)
def _view_of(text: str) -> TreeView:
    return TreeView.of(text)


def _slices(batch: list[Action]) -> Iterator[list[Action]]:
    for start in range(0, len(batch), SLICE):
        yield batch[start : start + SLICE]


def _same_end(one: Facts, other: Facts) -> bool:
    return (one.name, one.raw_phase, one.end_time, one.attempts) == (
        other.name,
        other.raw_phase,
        other.end_time,
        other.attempts,
    )

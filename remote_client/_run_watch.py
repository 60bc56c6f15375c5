"""Watching all runs of a project: the platform's stream, checked by listing.

The stream is a hint. The real backend drops events, shows a new run only at its first phase change
and sends nothing at all for an empty project, so the newest runs, and those that were last seen
going on, are listed again from time to time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_definition_pb2, run_service_pb2

from remote_client._board import Board, overlay
from remote_client._listing import PAGE_SIZE
from remote_client._phase import ActionPhase
from remote_client._run import Run
from remote_client._run_query import RunQuery
from remote_client._run_reads import read_run, summary_of_run
from remote_client._scope import Scope
from remote_client._watch import OnState, Reconnect, is_passing, jittered, read
from remote_client.errors import NotFound, RemoteError

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

RECONCILE_S = 20.0
# A listing that failed while the stream looks alive is repeated sooner.
RETRY_LIST_S = 3.0
# At most so many runs are read one by one in a check; the rest waits for the next.
SINGLE_READS = 20
PAGES_OF_OPEN_RUNS = 5
# Runs that ended are forgotten beyond this number; at worst one is given again unchanged.
HELD_RUNS = 5_000

_OPEN_PHASES = tuple(
    phase for phase in ActionPhase if not phase.is_terminal and phase is not ActionPhase.UNKNOWN
)


async def watch_runs(
    client: ClientSet, scope: Scope, on_state: OnState | None, reconcile_s: float = RECONCILE_S
) -> AsyncGenerator[list[Run], None]:
    """Snapshot, then changes, of the runs of a project; for ever."""
    board: Board[Any] = Board(_merged)
    watch = _RunsWatch(client, scope, board, on_state, reconcile_s)
    async with board.fed_by(watch.follow(), watch.reconcile()):
        while True:
            changed = await board.changes()
            yield [Run(run, client, scope) for run in changed]


class _RunsWatch:
    def __init__(
        self,
        client: ClientSet,
        scope: Scope,
        board: Board[Any],
        on_state: OnState | None,
        reconcile_s: float,
    ) -> None:
        self._client = client
        self._scope = scope
        self._board = board
        self._reconcile_s = reconcile_s
        self._link = Reconnect(on_state=on_state)
        self._opened = asyncio.Event()

    async def follow(self) -> None:
        """Feed the board from one stream after another."""
        while True:
            try:
                await self._follow_one()
            except RemoteError as error:
                await self._link.failed(error)
            else:
                await self._link.ended()

    async def _follow_one(self) -> None:
        request = run_service_pb2.WatchRunsRequest(project_id=self._scope.project_id())
        messages = read(
            self._client,
            lambda stubs: stubs.run_service.WatchRuns(request),
            asked=f"watch the runs of {self._scope.label}",
            # The listing stands in for a stream that went silent; still, renew it now and then.
            idle_s=10 * self._reconcile_s,
        )
        self._opened.set()
        async with aclosing(messages):
            async for message in messages:
                self._link.delivered()
                for run in message.runs:
                    self._board.offer(run.action.id.run.name, run)

    async def reconcile(self) -> None:
        """List whenever a stream is opened, and about every `reconcile_s` seconds."""
        while True:
            self._opened.clear()
            try:
                await self._list()
                wait = self._reconcile_s
            except RemoteError as error:
                if not is_passing(error):
                    raise
                wait = min(self._reconcile_s, RETRY_LIST_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(jittered(wait)):
                    await self._opened.wait()

    async def _list(self) -> None:
        since = self._board.mark()
        newest = await RunQuery(self._client, self._scope).page(PAGE_SIZE)
        self._offer(newest.runs, since)
        self._link.reachable()
        self._board.announce()
        await self._check_open_runs(since, {run.action.id.run.name for run in newest.runs})
        self._forget_ended()

    def _offer(self, runs: Iterable[Any], since: int) -> None:
        for run in runs:
            self._board.offer(run.action.id.run.name, run, since=since)

    async def _check_open_runs(self, since: int, listed: set[str]) -> None:
        """Look after older runs that were going on: they may have ended without an event."""
        unsure = {name for name, run in self._board.held.items() if not _ended(run)} - listed
        if not unsure:
            return
        query, token = RunQuery.of(self._client, self._scope, in_phase=_OPEN_PHASES), ""
        for _ in range(PAGES_OF_OPEN_RUNS):
            page = await query.page(PAGE_SIZE, token)
            self._offer(page.runs, since)
            unsure -= {run.action.id.run.name for run in page.runs}
            token = page.token
            if not token or not unsure:
                break
        for name in sorted(unsure)[:SINGLE_READS]:
            await self._read_one(name, since)

    async def _read_one(self, name: str, since: int) -> None:
        try:
            details = await read_run(self._client, self._scope, name)
        except NotFound:
            self._board.forget(name)
        else:
            self._offer([summary_of_run(details)], since)

    def _forget_ended(self) -> None:
        held = self._board.held
        surplus = max(0, len(held) - HELD_RUNS)
        for name in [name for name, run in held.items() if _ended(run)][:surplus]:
            self._board.forget(name)


def _ended(run: Any) -> bool:
    return ActionPhase.from_wire(run.action.status.phase).is_terminal


def _merged(held: Any | None, run: Any) -> Any:
    """The newer state on top of what was known: lists tell less than streams and details do.

    The duration of a run that still goes on changes by itself and is left out, as is the org,
    which some calls echo and others leave empty.
    """
    merged = run_definition_pb2.Run()
    if held is not None:
        merged.CopyFrom(held)
    # Most updates change the status alone, and comparing is cheap.
    if merged.action.metadata != run.action.metadata:
        overlay(merged.action.metadata, run.action.metadata)
    merged.action.id.CopyFrom(run.action.id)
    merged.action.id.run.ClearField("org")
    merged.action.status.CopyFrom(run.action.status)
    if not _ended(merged):
        merged.action.status.ClearField("duration_ms")
    merged.labels.update(run.labels)
    return merged

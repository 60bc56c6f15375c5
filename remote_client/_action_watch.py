"""Watching all actions of a run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_service_pb2

from remote_client._action import Action
from remote_client._board import Board
from remote_client._client.calls import call
from remote_client._phase import ActionPhase
from remote_client._scope import Scope
from remote_client._watch import IDLE_S, OnState, Reconnect, jittered, read
from remote_client.errors import RemoteError

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

# A snapshot of a large run is expensive for the platform: the larger, the rarer it is repeated.
ACTIONS_PER_IDLE_SECOND = 500
# The real backend drops events of busy runs: the stream begins anew, with a snapshot, after so many
# times what counts as silence, also when it never is silent.
BUSY_IDLES = 2
# A run that has ended changes no more, save for an abort that came too late.
ENDED_RECHECK_S = 60.0


async def watch_actions(
    client: ClientSet, scope: Scope, run_name: str, on_state: OnState | None
) -> AsyncGenerator[list[Action], None]:
    """Snapshot, then changes, of the actions of a run; for ever."""
    board: Board[Any] = Board(_newer)
    watch = _ActionsWatch(client, scope, run_name, board, on_state)
    async with board.fed_by(watch.follow()):
        while True:
            changed = await board.changes()
            yield [_entity(enriched, client, scope) for enriched in changed]


class _ActionsWatch:
    def __init__(
        self,
        client: ClientSet,
        scope: Scope,
        run_name: str,
        board: Board[Any],
        on_state: OnState | None,
    ) -> None:
        self._client = client
        self._scope = scope
        self._run_name = run_name
        self._asked = f"watch the actions of run {run_name!r} in {scope.label}"
        self._board = board
        self._link = Reconnect(on_state=on_state)
        self._checked = False

    async def follow(self) -> None:
        """Feed the board from one stream after another."""
        while True:
            try:
                await self._check_run_exists()
                await self._follow_one()
            except RemoteError as error:
                await self._link.failed(error)
            else:
                await self._pause()

    async def _check_run_exists(self) -> None:
        # The real backend keeps the stream of an unknown run open for ever, without a word.
        if not self._checked:
            request = run_service_pb2.GetRunDetailsRequest(
                run_id=self._scope.run_id(self._run_name)
            )
            asked = f"read run {self._run_name!r} in {self._scope.label}"
            await call(self._client, "run_service", "GetRunDetails", request, asked=asked)
            self._checked = True

    async def _follow_one(self) -> None:
        request = run_service_pb2.WatchActionsRequest(run_id=self._scope.run_id(self._run_name))
        idle_s = max(IDLE_S, len(self._board.held) / ACTIONS_PER_IDLE_SECOND)
        messages = read(
            self._client,
            lambda stubs: stubs.run_service.WatchActions(request),
            asked=self._asked,
            idle_s=idle_s,
            still_wanted=self._run_has_ended,
        )
        clock = asyncio.get_running_loop().time
        renew_at = clock() + jittered(idle_s * BUSY_IDLES)
        async with aclosing(messages):
            async for message in messages:
                self._link.delivered()
                for enriched in message.enriched_actions:
                    self._board.offer(enriched.action.id.name, enriched)
                if clock() > renew_at:
                    return

    async def _run_has_ended(self) -> bool:
        return self._ended

    @property
    def _ended(self) -> bool:
        states = self._board.held.values()
        return bool(states) and all(
            ActionPhase.from_wire(enriched.action.status.phase).is_terminal for enriched in states
        )

    async def _pause(self) -> None:
        if self._ended:
            await asyncio.sleep(jittered(ENDED_RECHECK_S))
        else:
            await self._link.ended()


def _newer(held: Any | None, state: Any) -> Any:
    """The new state, without what changes by itself: the duration of something that still runs."""
    if not ActionPhase.from_wire(state.action.status.phase).is_terminal:
        state.action.status.ClearField("duration_ms")
    return state


def _entity(enriched: Any, client: ClientSet, scope: Scope) -> Action:
    counts = {
        ActionPhase.from_wire(number): count
        for number, count in enriched.children_phase_counts.items()
        if count
    }
    return Action(enriched.action, client, scope, children_phase_counts=counts)

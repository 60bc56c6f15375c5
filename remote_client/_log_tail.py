"""Following the log of one attempt over as many connections as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from flyteidl2.common.identifier_pb2 import ActionIdentifier
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.workflow import run_logs_service_pb2

from remote_client._action_base import read_details
from remote_client._attempt import AttemptState
from remote_client._client.capabilities import is_missing, remember_missing
from remote_client._client.retry import Backoff
from remote_client._log_line import LogLine
from remote_client._log_resume import ReplayFilter
from remote_client._scope import Scope
from remote_client._watch import (
    OnState,
    Reconnect,
    StreamSilent,
    is_passing,
    patience_for,
    read_until_silent,
)
from remote_client.errors import (
    Internal,
    LogsGoneError,
    LogsNotYetAvailableError,
    NotFound,
    RemoteError,
    Unimplemented,
)

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

_DATAPROXY = "DataProxyService.TailLogs"
# After silence of about this length the attempt's phase is looked at, while the stream stays open.
# It is longer than keepalive takes to notice a dead connection, see ChannelSettings.
QUIET_S = 45.0
# A stream that ended while its attempt goes on is opened again after at most this long.
REOPEN_AFTER_S = 5.0


class LogTail:
    """The lines of one attempt, each once, in order."""

    def __init__(
        self, client: ClientSet, action_id: ActionIdentifier, attempt: int, on_state: OnState | None
    ) -> None:
        self._client = client
        self._id = action_id
        self._attempt = attempt
        run = action_id.run
        self._scope = Scope(run.org, run.project, run.domain)
        self._what = (
            f"the log of attempt {attempt} of action {action_id.name!r} "
            f"of run {run.name!r} in {self._scope.label}"
        )
        self._replay = ReplayFilter()
        self._link = Reconnect(on_state=on_state, patience_s=patience_for(on_state))
        self._waits = Backoff(first_s=0.3, longest_s=2.0, shortest_s=0.2)
        self._waited = 0
        # The attempt can write nothing more.
        self._over = False
        self._had_log = False
        # The stream was asked of the service that newer platforms do not have.
        self._asked_older = False
        # The latest stream was read to its proper end.
        self._ended_well = False

    async def batches(self) -> AsyncGenerator[list[LogLine], None]:
        """Lists of lines as they come; ends when the log is complete."""
        while True:
            over_before = self._over
            try:
                async with aclosing(self._one_stream()) as batches:
                    async for batch in batches:
                        yield batch
                self._ended_well = True
                # A stream that ends while the attempt goes on may have been cut off politely: what
                # the attempt wrote after that is only certain from a stream opened after its end.
                if over_before or await self._is_over():
                    return
                await self._until_over()
            except StreamSilent:
                # A connection that died in silence would have been noticed in this time. So there
                # is nothing more, if there could be nothing more when this stream was opened.
                if over_before:
                    return
            except Unimplemented:
                self._use_older_service()
            except (NotFound, Internal) as error:
                if await self._nothing_to_come(error, over_before):
                    return
            except RemoteError as error:
                self._ended_well = False
                await self._link.failed(error)

    async def _one_stream(self) -> AsyncGenerator[list[LogLine], None]:
        self._replay.restart()
        messages = read_until_silent(
            self._client,
            self._open,
            asked=f"read {self._what}",
            idle_s=QUIET_S,
            still_wanted=self._may_write,
        )
        async with aclosing(messages):
            async for message in messages:
                self._link.delivered()
                self._waited = 0
                for logs in message.logs:
                    if fresh := self._replay.fresh(logs.lines):
                        yield [LogLine(line) for line in fresh]

    def _open(self, stubs: Any) -> Any:
        self._asked_older = is_missing(self._client.endpoint, _DATAPROXY)
        if self._asked_older:
            older = run_logs_service_pb2.TailLogsRequest(action_id=self._id, attempt=self._attempt)
            return stubs.logs_service.TailLogs(older)
        request = dataproxy_service_pb2.TailLogsRequest(action_id=self._id, attempt=self._attempt)
        return stubs.dataproxy_service.TailLogs(request)

    def _use_older_service(self) -> None:
        if self._asked_older:
            raise Unimplemented(f"Could not read {self._what}: this platform offers no logs.")
        remember_missing(self._client.endpoint, _DATAPROXY)

    async def _may_write(self) -> bool:
        return not (self._over or await self._is_over())

    async def _is_over(self) -> bool:
        details = await read_details(self._client, self._scope, self._id.run.name, self._id.name)
        state = AttemptState.of(details, self._attempt)
        self._over, self._had_log = state.over, state.had_log
        return state.over

    async def _until_over(self) -> None:
        """Look at the phase for a while, since each new stream repeats the whole log."""
        waits = 0
        loop = asyncio.get_running_loop()
        deadline = loop.time() + REOPEN_AFTER_S
        while loop.time() < deadline and not await self._is_over():
            waits += 1
            await asyncio.sleep(self._waits.delay(waits))

    async def _nothing_to_come(self, error: RemoteError, over_before: bool) -> bool:
        """After "no such log": True when it was read; else wait, or raise when it never comes."""
        if not over_before:
            await self._look_and_wait()
            return False
        if self._ended_well:
            return True
        if isinstance(error, Internal):
            await self._link.failed(error)
            return False
        raise self._missing(error)

    async def _look_and_wait(self) -> None:
        try:
            await self._is_over()
        except RemoteError as error:
            if not is_passing(error):
                raise
            await self._link.failed(error)
        else:
            self._link.reachable()
            self._waited += 1
            await asyncio.sleep(self._waits.delay(self._waited))

    def _missing(self, error: RemoteError) -> RemoteError:
        if self._had_log or self._replay.delivered:
            return LogsGoneError(
                f"Could not read {self._what}: the platform no longer keeps it.",
                code=error.code(),
            )
        return LogsNotYetAvailableError(
            f"Could not read {self._what}: the attempt ended without one.", code=error.code()
        )

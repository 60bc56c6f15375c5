"""Starts the runs of triggers whose time has come.

What is due is worked out from the database alone, so it survives restarts: a trigger's next firing
comes after its last one, or after it was deployed or switched, whichever is later. Of the firings
that were missed while the platform was down, the latest one is made up for, and no other.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import suppress

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyteidl2.common.identifier_pb2 import RunIdentifier, TriggerName
from flyteidl2.core.literals_pb2 import Literal
from flyteidl2.task.common_pb2 import Inputs, NamedLiteral, Schedule, TriggerAutomationSpec
from flyteidl2.trigger.trigger_definition_pb2 import TriggerSpec
from flyteidl2.workflow.run_definition_pb2 import RUN_SOURCE_SCHEDULE_TRIGGER
from flyteidl2.workflow.run_service_pb2 import CreateRunRequest

from local_platform import clock, schedules
from local_platform.clock import SECOND, timestamp
from local_platform.context import Platform
from local_platform.data import read_inputs_file
from local_platform.services import run_create
from local_platform.store import TriggerRecord

_log = logging.getLogger(__name__)

LOOK_S = 30.0
"""Looked at this often at least: clocks are set, and machines sleep."""

RETRY_S = 5.0


class Scheduler:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._triggers = platform.store.triggers
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._triggers.on_change = self._changed.set
        self._task = asyncio.create_task(self._run(), name="scheduler")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            try:
                await self._fire_due()
                wait = self._until_next()
            except Exception:
                # One broken trigger must not keep the others from firing, nor end the loop.
                _log.exception("could not look after the triggers")
                wait = RETRY_S
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()

    def _until_next(self) -> float:
        moments = [at for record in self._triggers.scheduled() if (at := next_of(record))]
        left = (min(moments, default=clock.now()) - clock.now()) / SECOND
        return min(max(left, 0.0), LOOK_S) if moments else LOOK_S

    async def _fire_due(self) -> None:
        for record in self._triggers.scheduled():
            now, at = clock.now(), next_of(record)
            if at is not None and at <= now:
                await self._fire(record, due_of(record, at, now))

    async def _fire(self, record: TriggerRecord, at: int) -> None:
        try:
            await run_create.create(
                self._platform, await _request(record, at), record.deployed_by or record.updated_by
            )
        except ConnectError as error:
            if error.code == Code.UNAVAILABLE:
                return  # the platform is stopping; its next start makes up for it
            if error.code != Code.ALREADY_EXISTS:  # started before the platform died
                key = "/".join(record.key)
                _log.warning("trigger %s could not start a run: %s", key, error.message)
        self._triggers.note_firing(record.key, at)


def next_of(record: TriggerRecord) -> int | None:
    """When the trigger fires next; in the past when that was missed. None when it never does."""
    schedule = _schedule(record)
    after = max(record.fired_at, record.updated_at)
    try:
        return schedules.next_firing(schedule, after, since=record.updated_at)
    except (schedules.ScheduleError, StopIteration):
        return None


def due_of(record: TriggerRecord, first: int, now: int) -> int:
    """Of all firings that are due, the one that is made."""
    return schedules.latest_missed(_schedule(record), first, now, since=record.updated_at)


def run_name(record: TriggerRecord, at: int) -> str:
    """The same for the same firing: however often it is tried, it starts one run."""
    text = "/".join((*record.key, str(record.revision), str(at)))
    return f"r{hashlib.sha256(text.encode()).hexdigest()[:19]}"


async def _request(record: TriggerRecord, at: int) -> CreateRunRequest:
    spec = TriggerSpec.FromString(record.spec)
    request = CreateRunRequest(
        run_id=RunIdentifier(
            project=record.project, domain=record.domain, name=run_name(record, at)
        ),
        trigger_name=TriggerName(**record.key._asdict()),
        source=RUN_SOURCE_SCHEDULE_TRIGGER,
        run_start_time=timestamp(at),
    )
    argument = _schedule(record).kickoff_time_input_arg
    if argument:
        request.inputs.CopyFrom(_with_time(await _inputs(spec), argument, at))
    return request


async def _inputs(spec: TriggerSpec) -> Inputs:
    if spec.HasField("offloaded_input_data"):
        return await read_inputs_file(spec.offloaded_input_data.uri)
    return spec.inputs


def _with_time(inputs: Inputs, argument: str, at: int) -> Inputs:
    """The task sees the moment that was planned, and a cached result of another one is no match."""
    moment = Literal()
    moment.scalar.primitive.datetime.CopyFrom(timestamp(at))
    filled = Inputs(context=inputs.context)
    filled.literals.extend(each for each in inputs.literals if each.name != argument)
    filled.literals.append(NamedLiteral(name=argument, value=moment))
    return filled


def _schedule(record: TriggerRecord) -> Schedule:
    return TriggerAutomationSpec.FromString(record.automation).schedule

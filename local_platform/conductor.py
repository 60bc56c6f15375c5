"""Carries an action from its creation to its end: the one writer of phases.

Events come from services, slots, processes and timers. Each is decided by `engine`, written with
all that follows from it in one transaction, then published, and only then acted on. It all runs
on the event loop without a pause in between, so nothing can overtake a decision.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from flyteidl2.common.phase_pb2 import ActionPhase
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow.run_definition_pb2 import ActionType

from local_platform import clock, engine, executor, history
from local_platform.changes import Changes
from local_platform.engine import Command, Decision, Event, Failure, State, is_terminal
from local_platform.executor import Executor
from local_platform.launch import CannotLaunchError, Site, outputs_folder, prepare
from local_platform.layout import AttemptFiles, Layout
from local_platform.limits import ActionTimers
from local_platform.log_files import LogFiles
from local_platform.results import error_info, read_end
from local_platform.slots import Slots
from local_platform.store import (
    ActionKey,
    ActionRecord,
    AttemptRecord,
    CacheRecord,
    RunRecord,
    Store,
)

_log = logging.getLogger(__name__)
_STOPPED = Failure(
    "PlatformStopped",
    "The local platform was stopped while this action was not finished.",
    system=True,
    recoverable=False,
)
# Beyond the grace for each process; what cannot be killed must not keep the platform up.
_STOP_S = executor.GRACE_S + 5.0
SecretValues = Callable[[ActionRecord, TaskSpec], dict[str, str]]


@dataclass(slots=True)
class _Batch:
    """What one event set off, until it is written: events to come, then effects to have."""

    events: deque[tuple[ActionKey, Event, dict[str, Any]]]
    changed: dict[ActionKey, ActionRecord] = field(default_factory=dict)
    effects: list[Callable[[], None]] = field(default_factory=list)


class Conductor:
    def __init__(
        self,
        *,
        store: Store,
        changes: Changes,
        slots: Slots,
        executor: Executor,
        logs: LogFiles,
        layout: Layout,
        site: Site,
        secret_values: SecretValues,
    ) -> None:
        self._store = store
        self._changes = changes
        self._slots = slots
        self._executor = executor
        self._logs = logs
        self._layout = layout
        self._site = site
        self._secret_values = secret_values
        self._timers = ActionTimers(store, self._apply)
        self._dispatching = False
        self.stopping = False

    # --- what services ask for ------------------------------------------------------------------

    def begin(
        self, record: ActionRecord, *, run: RunRecord | None = None, use_cache: bool = True
    ) -> ActionRecord:
        """Creates an action (and its run, for a root) and sets it going.

        A task joins the queue or takes over a cached result, a condition waits for its signal,
        a trace is already over. Answers the action as it then is. The caller has made sure that
        the key is free.
        """
        cached = self._cached(record) if use_cache else None
        with self._store.transaction():
            if run is not None:
                self._store.actions.create_run(run)
            record = self._store.actions.create(history.with_cache(record, cached))
            self._store.attempts.create(history.first_attempt(record))
        if not is_terminal(record.phase):
            if record.parent:
                self._slots.child_opened(record.key.sibling(record.parent))
            if record.kind == ActionType.ACTION_TYPE_TASK:
                self._expect(record)
            self._timers.arm(record)
        self._changes.publish(record)
        self._dispatch()
        return self._store.actions.get(record.key) or record

    def abort(self, key: ActionKey, reason: str, by: str = "") -> None:
        """Ends an action and what is open below it; a finished one stays as it is."""
        self._apply(key, engine.AbortRequested(), abort_reason=reason, ended_by=by)

    def signal(self, key: ActionKey, value: bytes, by: str = "") -> None:
        """Gives a condition its value (a serialised literal)."""
        self._apply(key, engine.Signalled(), value=value, ended_by=by)

    # --- start and stop of the platform ---------------------------------------------------------

    def recover(self) -> None:
        """Takes up what an earlier server left: attaches, reads ends, queues again."""
        open_records = self._store.actions.open_anywhere()
        for record in open_records:
            if record.parent:
                self._slots.child_opened(record.key.sibling(record.parent))
        self._dispatching = True  # no slot is given away before all holders are known
        self._end_left_over()
        for record in open_records:
            self._recover(record)
        self._dispatching = False
        self._dispatch()

    async def stop(self) -> None:
        """Ends every process; what had begun becomes FAILED and says why. Queued runs stay."""
        self.stopping = True
        self._timers.clear_all()
        for record in reversed(self._store.actions.open_anywhere()):  # children before parents
            if self._has_begun(record):
                self._apply(record.key, engine.PlatformStopping(_STOPPED))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._executor.join(), _STOP_S)

    def _has_begun(self, record: ActionRecord) -> bool:
        waiting = record.phase in (engine.QUEUED, engine.WAITING)
        return bool(record.parent) or not waiting or record.attempts > 1

    def _end_left_over(self) -> None:
        """Ends processes of attempts that are over: the server died before it had done so."""
        for attempt in self._store.attempts.with_process():
            record = self._store.actions.by_id(attempt.action_id)
            if record is None or attempt.ended_at is None:
                continue
            files = self._layout.attempt(record.key, attempt.number)
            pid = executor.find(files, attempt.pid, attempt.pid_start)
            on_end = partial(self._process_ended, record.key, attempt.number)
            if pid and self._executor.attach((record.id, attempt.number), pid, on_end):
                self._logs.open(files)
                self._executor.stop((record.id, attempt.number))
            else:
                self._store.attempts.forget_process(record.id, attempt.number)

    def _recover(self, record: ActionRecord) -> None:
        if record.kind != ActionType.ACTION_TYPE_TASK:
            self._timers.arm(record)
            return
        files = self._layout.attempt(record.key, record.attempts)
        self._logs.open(files)
        self._timers.arm(record)  # before the process is looked for: its end sets others
        if record.phase in (engine.QUEUED, engine.WAITING):
            self._slots.enqueue(record.key, record.depth)
        else:
            self._recover_process(record, files)

    def _recover_process(self, record: ActionRecord, files: AttemptFiles) -> None:
        attempt = self._store.attempts.get(record.id, record.attempts)
        pid = executor.find(files, attempt.pid, attempt.pid_start) if attempt else 0
        on_end = partial(self._process_ended, record.key, record.attempts)
        self._slots.resume(record.key)
        if pid and self._executor.attach((record.id, record.attempts), pid, on_end):
            self._logs.poll(files)
            self._apply(record.key, engine.ProcessStarted(), pid=pid)
        elif record.phase == engine.INITIALIZING and not files.pid.exists():
            self._launch(record.key)  # the server died before the process was there
        else:
            self._process_ended(record.key, record.attempts)

    # --- the loop -------------------------------------------------------------------------------

    def _apply(self, key: ActionKey, event: Event, **details: Any) -> None:
        """Decides an event and all that follow from it, writes them, then acts."""
        batch = _Batch(events=deque([(key, event, details)]))
        with self._store.transaction():
            while batch.events:
                self._decide(batch, *batch.events.popleft())
        for record in batch.changed.values():
            self._changes.publish(record)
        for effect in batch.effects:
            effect()
        self._dispatch()

    def _decide(self, batch: _Batch, key: ActionKey, event: Event, details: dict[str, Any]) -> None:
        record = self._store.actions.get(key)
        if record is None:
            return
        state = State(record.phase, record.attempts, record.max_attempts)
        decision = engine.decide(state, event)
        if decision.changed:
            new = self._write(record, decision, details)
            batch.changed[key] = new
            self._follow_up(batch, record, new, decision)

    def _write(
        self, record: ActionRecord, decision: Decision, details: dict[str, Any]
    ) -> ActionRecord:
        """Stores the decision on the action and on its attempts."""
        attempt = self._store.attempts.get(record.id, record.attempts)
        assert attempt is not None
        at = max(details.pop("at", None) or clock.now(), attempt.transitions[-1][1])
        process = {name: details.pop(name) for name in ("pid",) if name in details}
        self._write_attempt(attempt, decision, at, process)
        changes: dict[str, Any] = {"phase": decision.state.phase, "updated_at": at}
        changes |= details
        if decision.state.attempt > record.attempts:
            changes["attempts"] = decision.state.attempt
            changes["output_uri"] = str(outputs_folder(record, decision.state.attempt))
            self._store.attempts.create(
                history.next_attempt(record.id, decision.state, changes, at)
            )
        elif is_terminal(decision.state.phase):
            changes |= history.end_of(record, at, decision)
        return self._store.actions.change(record, **changes)

    def _write_attempt(
        self, attempt: AttemptRecord, decision: Decision, at: int, process: dict[str, int]
    ) -> None:
        phase = decision.attempt_phase or decision.state.phase
        changes: dict[str, Any] = {
            "phase": phase,
            "transitions": (*attempt.transitions, (phase, at)),
        }
        if decision.attempt_phase is not None:
            changes["ended_at"] = at
        if decision.failure is not None:
            changes["error"] = error_info(decision.failure).SerializeToString()
        sentence = history.sentence(phase, decision, self._slots.size, process.get("pid", 0))
        changes["events"] = (*attempt.events, (at, sentence))
        if "pid" in process:
            changes |= process | {"pid_start": executor.start_ticks(process["pid"])}
        self._store.attempts.change(attempt, **changes)

    def _follow_up(
        self, batch: _Batch, old: ActionRecord, new: ActionRecord, decision: Decision
    ) -> None:
        key = new.key
        for command in decision.commands:
            match command:
                case Command.LAUNCH:
                    batch.effects.append(partial(self._launch, key))
                case Command.STOP_PROCESS:
                    batch.effects.append(partial(self._stop_process, old))
                case Command.QUEUE_ATTEMPT:
                    batch.effects.append(partial(self._expect, new))
                case Command.KEEP_RESULT:
                    self._keep_result(new)
                case Command.END_DESCENDANTS:
                    self._end_children(batch, new)
        if new.phase == engine.RUNNING:
            batch.effects.append(partial(self._timers.arm, new))
        if is_terminal(new.phase):
            batch.effects.append(partial(self._leave, new))

    # --- effects --------------------------------------------------------------------------------

    def _expect(self, record: ActionRecord) -> None:
        """An attempt that is to run: its log may be followed, it waits for a slot."""
        self._logs.open(self._layout.attempt(record.key, record.attempts))
        self._slots.enqueue(record.key, record.depth)
        self._timers.arm(record)

    def _dispatch(self) -> None:
        """Gives free slots away; those who get none say that they wait for one."""
        if self.stopping or self._dispatching:
            return
        self._dispatching = True
        try:
            while (key := self._slots.next()) is not None:
                self._apply(key, engine.SlotGranted())
            for key in self._slots.left_waiting():
                self._apply(key, engine.SlotBusy())
        finally:
            self._dispatching = False

    def _launch(self, key: ActionKey) -> None:
        record = self._store.actions.get(key)
        if record is None or record.phase != engine.INITIALIZING:
            return
        attempt = (record.id, record.attempts)
        try:
            pid = self._start(record, attempt)
        except CannotLaunchError as error:
            self._refuse(key, Failure("CannotLaunch", str(error), recoverable=False))
        except OSError as error:
            self._refuse(key, Failure("CannotLaunch", str(error), system=True))
        else:
            self._apply(key, engine.ProcessStarted(), pid=pid)

    def _start(self, record: ActionRecord, attempt: tuple[int, int]) -> int:
        run = self._store.actions.run(record.key.run_key)
        assert run is not None
        spec = self._store.specs.get(record.spec_id, TaskSpec)
        files = self._layout.attempt(record.key, record.attempts)
        secrets = self._secret_values(record, spec)
        launch = prepare(self._site, record, record.attempts, run, spec, secrets, files)
        outputs_folder(record, record.attempts).mkdir(parents=True, exist_ok=True)
        on_end = partial(self._process_ended, record.key, record.attempts)
        pid = self._executor.launch(attempt, launch, on_end)
        self._logs.poll(files)
        return pid

    def _refuse(self, key: ActionKey, failure: Failure) -> None:
        record = self._store.actions.get(key)
        if record is not None:
            self._logs.close(self._layout.attempt(key, record.attempts))
        self._apply(key, engine.AttemptFailed(failure))

    def _process_ended(self, key: ActionKey, number: int) -> None:
        """The process of an attempt is gone: its log is complete, its result can be read."""
        files = self._layout.attempt(key, number)
        self._logs.close(files)
        record = self._store.actions.get(key)
        if record is None:
            return
        self._store.attempts.forget_process(record.id, number)
        if record.attempts != number or is_terminal(record.phase):
            return
        ended = read_end(outputs_folder(record, number), files.exit)
        self._slots.leave(key)
        self._apply(key, ended.event, at=ended.at)

    def _stop_process(self, record: ActionRecord) -> None:
        attempt = (record.id, record.attempts)
        self._slots.leave(record.key)
        if self._executor.alive(attempt):
            self._executor.stop(attempt)
        else:
            self._logs.close(self._layout.attempt(record.key, record.attempts))

    def _leave(self, record: ActionRecord) -> None:
        """A finished action frees what it held, and its parent may need a slot again."""
        self._timers.clear(record.id)
        self._slots.leave(record.key)
        if record.parent:
            self._slots.child_closed(record.key.sibling(record.parent))

    def _end_children(self, batch: _Batch, record: ActionRecord) -> None:
        phase = ActionPhase.Name(record.phase).removeprefix("ACTION_PHASE_")
        reason = f"The action {record.name}, which started this one, ended as {phase}."
        if record.abort_reason:
            reason = record.abort_reason
        for child in self._store.actions.children(record.key):
            if not is_terminal(child.phase):
                details = {"abort_reason": reason, "ended_by": record.ended_by}
                batch.events.append((child.key, engine.ParentEnded(), details))

    # --- cached results -------------------------------------------------------------------------

    def _cached(self, record: ActionRecord) -> CacheRecord | None:
        if not record.cache_key or record.kind != ActionType.ACTION_TYPE_TASK:
            return None
        cached = self._store.cache.get(record.project, record.domain, record.cache_key)
        if cached is None or not Path(cached.output_uri).is_dir():
            return None
        metadata = self._store.specs.get(record.spec_id, TaskSpec).task_template.metadata
        max_age = metadata.cache_max_age.ToTimedelta().total_seconds()
        age = (clock.now() - cached.created_at) / clock.SECOND
        return None if 0 < max_age < age else cached

    def _keep_result(self, record: ActionRecord) -> None:
        if record.cache_key:
            kept = CacheRecord(record.output_uri, record.run, record.name, clock.now())
            self._store.cache.put(record.project, record.domain, record.cache_key, kept)

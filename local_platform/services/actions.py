"""ActionsService: what a running task's process asks of the platform about its children."""

from __future__ import annotations

from collections.abc import AsyncIterator

from flyteidl2.actions import actions_service_connect as connect
from flyteidl2.actions import actions_service_pb2 as pb
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.workflow.state_service_pb2 import ControlMessage

from local_platform import changes, engine, new_actions, wire
from local_platform.context import Call, Platform, subject
from local_platform.errors import aborted, already_exists, invalid, unavailable
from local_platform.names import action_key, require_action
from local_platform.services.run_create import deployed_spec, overwrites_cache
from local_platform.services.signals import signal
from local_platform.store import ActionKey, ActionRecord

_NO_REASON = "Aborted by its parent"


class ActionsService(connect.ActionsService):  # type: ignore[misc]
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._store = platform.store

    async def enqueue(self, request: pb.EnqueueRequest, ctx: Call) -> pb.EnqueueResponse:
        """Creates a child. ALREADY_EXISTS for one that is there: the SDK takes that as done.

        Child names are the same in every attempt of a parent, so a retried parent finds its
        children again instead of running them twice.
        """
        if self._platform.conductor.stopping:
            raise unavailable("the platform is stopping")
        message = request.action
        key = action_key(message.action_id)
        parent = self._parent(key, message)
        if self._store.actions.get(key) is not None:
            raise already_exists(f"the action {key.run}/{key.name} already exists")
        if engine.is_terminal(parent.phase):
            # The one code that tells the SDK to give up: anything else is tried a hundred times.
            raise aborted(f"the parent action {parent.run}/{parent.name} is over")
        self._complete_spec(message)
        record = new_actions.child(self._store, key, parent, message)
        use_cache = not overwrites_cache(self._run_spec(key))
        self._platform.conductor.begin(record, use_cache=use_cache)
        return pb.EnqueueResponse()

    async def watch_for_updates(
        self, request: pb.WatchForUpdatesRequest, ctx: Call
    ) -> AsyncIterator[pb.WatchForUpdatesResponse]:
        """All children as they are, a sentinel, then every change of one. Never ends by itself."""
        parent = require_action(self._store, request.parent_action_id).key
        with self._platform.changes.subscribe(changes.of_children(parent)) as subscription:
            for child in self._store.actions.children(parent):
                yield pb.WatchForUpdatesResponse(action_update=wire.update(child))
            sentinel = ControlMessage(sentinel=True)
            yield pb.WatchForUpdatesResponse(control_message=sentinel)
            while True:
                for child in await subscription.take():
                    yield pb.WatchForUpdatesResponse(action_update=wire.update(child))

    async def abort(self, request: pb.AbortRequest, ctx: Call) -> pb.AbortResponse:
        record = require_action(self._store, request.action_id)
        self._platform.conductor.abort(record.key, request.reason or _NO_REASON, subject(ctx))
        return pb.AbortResponse()

    async def signal(self, request: pb.SignalRequest, ctx: Call) -> pb.SignalResponse:
        record = require_action(self._store, request.action_id)
        signal(self._platform, record, request.value, subject(ctx))
        return pb.SignalResponse()

    async def update(self, request: pb.UpdateRequest, ctx: Call) -> pb.UpdateResponse:
        """Nothing reports phases from outside here: processes are watched. Checks the name."""
        require_action(self._store, request.action_id)
        return pb.UpdateResponse()

    def _parent(self, key: ActionKey, message: pb.Action) -> ActionRecord:
        if not message.parent_action_name:
            raise invalid("action.parent_action_name is empty: runs begin with CreateRun")
        parent = wire.action_id(key.sibling(message.parent_action_name))
        return require_action(self._store, parent)

    def _complete_spec(self, message: pb.Action) -> None:
        """A child may name a deployed task instead of bringing its spec."""
        if message.WhichOneof("spec") is None:
            raise invalid("action.spec is empty: give a task, a trace or a condition")
        task = message.task
        if message.HasField("task") and not task.spec.task_template.id.name:
            task.spec.CopyFrom(deployed_spec(self._store, task.id))

    def _run_spec(self, key: ActionKey) -> RunSpec:
        run = self._store.actions.run(key.run_key)
        return RunSpec.FromString(run.run_spec) if run else RunSpec()

"""RunService: creating, reading and ending runs. Lists and watches are beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from flyteidl2.workflow import run_service_connect as connect
from flyteidl2.workflow import run_service_pb2 as pb

from local_platform import engine, wire
from local_platform.context import Call, Platform, subject
from local_platform.data import read_inputs, read_outputs
from local_platform.errors import not_found
from local_platform.names import require_action, require_root
from local_platform.services import run_create, run_lists, run_watches
from local_platform.services.signals import payload_literal, signal

_NO_REASON = "User requested abort"


class RunService(connect.RunService):  # type: ignore[misc]
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._store = platform.store

    async def create_run(self, request: pb.CreateRunRequest, ctx: Call) -> pb.CreateRunResponse:
        root = await run_create.create(self._platform, request, subject(ctx))
        return pb.CreateRunResponse(run=wire.run(root))

    async def abort_run(self, request: pb.AbortRunRequest, ctx: Call) -> pb.AbortRunResponse:
        """Ends the run and all that is open in it. A finished run stays as it is."""
        root = require_root(self._store, request.run_id)
        self._platform.conductor.abort(root.key, request.reason or _NO_REASON, subject(ctx))
        return pb.AbortRunResponse()

    async def abort_action(
        self, request: pb.AbortActionRequest, ctx: Call
    ) -> pb.AbortActionResponse:
        record = require_action(self._store, request.action_id)
        self._platform.conductor.abort(record.key, request.reason or _NO_REASON, subject(ctx))
        return pb.AbortActionResponse()

    async def get_run_details(
        self, request: pb.GetRunDetailsRequest, ctx: Call
    ) -> pb.GetRunDetailsResponse:
        root = require_root(self._store, request.run_id)
        return pb.GetRunDetailsResponse(details=run_watches.run_details(self._store, root))

    async def get_action_details(
        self, request: pb.GetActionDetailsRequest, ctx: Call
    ) -> pb.GetActionDetailsResponse:
        record = require_action(self._store, request.action_id)
        return pb.GetActionDetailsResponse(details=wire.action_details(self._store, record))

    async def get_action_data(
        self, request: pb.GetActionDataRequest, ctx: Call
    ) -> pb.GetActionDataResponse:
        record = require_action(self._store, request.action_id)
        inputs = await read_inputs(record)
        return pb.GetActionDataResponse(inputs=inputs, outputs=await read_outputs(record))

    async def get_action_data_u_r_is(
        self, request: pb.GetActionDataURIsRequest, ctx: Call
    ) -> pb.GetActionDataURIsResponse:
        record = require_action(self._store, request.action_id)
        if record.phase not in (engine.SUCCEEDED, engine.RECOVERED):
            raise not_found(f"outputs not available: {record.run}/{record.name} has no result")
        return pb.GetActionDataURIsResponse(
            inputs_uri=record.input_uri, outputs_uri=record.output_uri
        )

    async def signal_event(
        self, request: pb.SignalEventRequest, ctx: Call
    ) -> pb.SignalEventResponse:
        record = require_action(self._store, request.action_id)
        signal(self._platform, record, payload_literal(request.payload), subject(ctx))
        return pb.SignalEventResponse()

    async def list_runs(self, request: pb.ListRunsRequest, ctx: Call) -> pb.ListRunsResponse:
        return run_lists.runs(self._store, request)

    async def list_actions(
        self, request: pb.ListActionsRequest, ctx: Call
    ) -> pb.ListActionsResponse:
        return run_lists.actions(self._store, request)

    def watch_runs(
        self, request: pb.WatchRunsRequest, ctx: Call
    ) -> AsyncIterator[pb.WatchRunsResponse]:
        return run_watches.runs(self._platform, request)

    def watch_run_details(
        self, request: pb.WatchRunDetailsRequest, ctx: Call
    ) -> AsyncIterator[pb.WatchRunDetailsResponse]:
        return run_watches.details_of_run(self._platform, request)

    def watch_actions(
        self, request: pb.WatchActionsRequest, ctx: Call
    ) -> AsyncIterator[pb.WatchActionsResponse]:
        return run_watches.actions(self._platform, request)

    def watch_action_details(
        self, request: pb.WatchActionDetailsRequest, ctx: Call
    ) -> AsyncIterator[pb.WatchActionDetailsResponse]:
        return run_watches.details_of_action(self._platform, request)

    def watch_cluster_events(
        self, request: pb.WatchClusterEventsRequest, ctx: Call
    ) -> AsyncIterator[pb.WatchClusterEventsResponse]:
        return run_watches.cluster_events(self._platform, request)

"""RunService's streams as the backend serves them: no heartbeat, no end, and losses."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, TypeVar

import grpc
from flyteidl2.common import list_pb2
from flyteidl2.workflow import run_definition_pb2, run_service_pb2

from tests.quirks import messages
from tests.quirks.listing import ACTIONS, Refused, invalid, page
from tests.quirks.quirks import Quirks
from tests.quirks.rows import CONDITION, TERMINAL, TRACE, ActionKey, ActionRow
from tests.quirks.run_calls import action_key, not_found, run_key
from tests.quirks.streams import Streams
from tests.quirks.tree import OrphanError, Tree
from tests.quirks.world import ROOT, World

T = TypeVar("T")


class RunWatches:
    """WatchRuns, WatchRunDetails, WatchActions and WatchActionDetails."""

    def __init__(self, world: World, streams: Streams, quirks: Quirks) -> None:
        self._world = world
        self._streams = streams
        self._quirks = quirks

    async def WatchRuns(self, request: Any) -> AsyncIterator[Any]:
        """One snapshot in the default order, then one run a message; only a project filters."""
        target = request.WhichOneof("target")
        if target is None:
            raise invalid("target is required")
        with self._streams.subscribed("RunService/WatchRuns", self._world.changes) as subscriber:
            # A slow stream misses what changes before it has read its snapshot, no more than that.
            if rows := self._newest(request):
                yield _runs(rows)
            while True:
                key = await subscriber.next()
                row = self._world.actions[key]
                in_target = target != "project_id" or _is_in(row, request.project_id)
                if key.name == ROOT and in_target:
                    yield _runs([row])

    def _newest(self, request: Any) -> Sequence[ActionRow]:
        wanted = request.project_id if request.WhichOneof("target") == "project_id" else None
        rows = [r for r in self._world.roots() if wanted is None or _is_in(r, wanted)]
        query = list_pb2.ListRequest(limit=self._quirks.snapshot_rows)
        return page(query, rows, ACTIONS, messages.cell)[0]

    async def WatchRunDetails(self, request: Any) -> AsyncIterator[Any]:
        """A stub: empty messages, one at once and one for each change, for ever."""
        run = run_key(request.run_id)
        empty = run_service_pb2.WatchRunDetailsResponse(details=run_definition_pb2.RunDetails())
        with self._streams.subscribed(
            "RunService/WatchRunDetails", self._world.changes
        ) as subscriber:
            yield empty
            while True:
                key = await subscriber.next()
                if key == ActionKey(run, ROOT):
                    yield empty

    async def WatchActions(self, request: Any) -> AsyncIterator[Any]:
        """A snapshot in pages, then changed nodes with their ancestors; silent for unknown runs."""
        run = run_key(request.run_id)
        _check_filters(request.filter)
        tree = Tree()
        with self._streams.subscribed("RunService/WatchActions", self._world.changes) as subscriber:
            for rows in _in_pages(self._world.rows(run), self._quirks.actions_page):
                yield _enriched(tree.load(rows))
            while True:
                key = await subscriber.next()
                if key.run == run:
                    yield _enriched(_updated(tree, self._world.actions[key]))

    async def WatchActionDetails(self, request: Any) -> AsyncIterator[Any]:
        """Whole snapshots, several changes in one; ends by the last event, not by the phase."""
        key = action_key(request.action_id)
        if key not in self._world.actions:
            raise not_found(f"action [{key.name}]")
        row = self._world.actions[key]
        with self._streams.subscribed(
            "RunService/WatchActionDetails", self._world.changes
        ) as subscriber:
            while True:
                details = messages.details(row, request.action_id)
                is_last = _ends(row)  # as sent: it may change while the message is on its way
                yield run_service_pb2.WatchActionDetailsResponse(details=details)
                if is_last:
                    return
                while await subscriber.next() != key:
                    pass
                await asyncio.sleep(0)
                subscriber.take_all()

    async def WatchClusterEvents(self, request: Any) -> AsyncIterator[Any]:
        """All events so far in one message, then new ones; silent while there are none."""
        key = action_key(request.id)
        if key not in self._world.actions:
            raise not_found(f"action [{key.name}]")
        row, sent = self._world.actions[key], 0
        with self._streams.subscribed(
            "RunService/WatchClusterEvents", self._world.changes
        ) as subscriber:
            while True:
                events = messages.cluster_events(row, request.attempt)
                if fresh := events[sent:]:
                    yield run_service_pb2.WatchClusterEventsResponse(cluster_events=fresh)
                    sent = len(events)
                if _attempt_ends(row, request.attempt):
                    return
                while await subscriber.next() != key:
                    pass


def _attempt_ends(row: ActionRow, attempt: int) -> bool:
    ended = any(e.phase in TERMINAL for e in row.events if e.attempt == attempt)
    return ended or row.phase in TERMINAL


def _runs(rows: Sequence[ActionRow]) -> Any:
    return run_service_pb2.WatchRunsResponse(runs=[messages.run(row) for row in rows])


def _enriched(actions: Sequence[Any]) -> Any:
    return run_service_pb2.WatchActionsResponse(enriched_actions=actions)


def _is_in(row: ActionRow, project: Any) -> bool:
    return (row.project, row.domain) == (project.name, project.domain)


def _updated(tree: Tree, row: ActionRow) -> list[Any]:
    try:
        return tree.update(row)
    except OrphanError as error:
        # A plain Go error, hence UNKNOWN, and the end of the stream.
        message = f"failed to insert action [{row.name}]: parent node [{error}] not found"
        raise Refused(grpc.StatusCode.UNKNOWN, message) from error


def _ends(row: ActionRow) -> bool:
    """Never for conditions, traces, and actions that were aborted before they started."""
    if row.kind in (CONDITION, TRACE) or not row.events:
        return False
    latest = max(event.attempt for event in row.events)
    return [event for event in row.events if event.attempt == latest][-1].phase in TERMINAL


def _check_filters(filters: Sequence[Any]) -> None:
    allowed = {
        ("NAME", list_pb2.Filter.CONTAINS_CASE_INSENSITIVE),
        ("PHASE", list_pb2.Filter.VALUE_IN),
    }
    for condition in filters:
        if (condition.field, condition.function) not in allowed:
            raise invalid("unsupported filter")


def _in_pages(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]

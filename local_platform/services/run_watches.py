"""The watches of RunService: a snapshot, then changes, then the end when nothing can change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from flyteidl2.workflow import run_service_pb2 as pb
from flyteidl2.workflow.run_definition_pb2 import RunDetails

from local_platform import changes, engine, wire
from local_platform.action_tree import ActionTree, tree_filter
from local_platform.context import Platform
from local_platform.errors import invalid
from local_platform.names import require_action, require_root, require_scope
from local_platform.services import run_lists
from local_platform.store import ActionRecord, Store

# As many as the real backend gives; who wants more lists them.
_SNAPSHOT = 100


async def runs(
    platform: Platform, request: pb.WatchRunsRequest
) -> AsyncIterator[pb.WatchRunsResponse]:
    """The newest runs (an empty message when there is none), then every run that changes."""
    project, domain, topic = _runs_target(platform.store, request)
    with platform.changes.subscribe(topic) as subscription:
        newest = run_lists.newest(platform.store, project, domain, _SNAPSHOT)
        first = [wire.run(record) for record in newest if _in_target(record, request)]
        yield pb.WatchRunsResponse(runs=first)
        while True:
            records = await subscription.take()
            wanted = [record for record in records if _in_target(record, request)]
            if wanted:
                yield pb.WatchRunsResponse(runs=[wire.run(record) for record in wanted])


async def details_of_run(
    platform: Platform, request: pb.WatchRunDetailsRequest
) -> AsyncIterator[pb.WatchRunDetailsResponse]:
    """The run's details at every change of its root, until that is terminal."""
    root = require_root(platform.store, request.run_id)
    with platform.changes.subscribe(changes.of_action(root.key)) as subscription:
        while True:
            root = platform.store.actions.get(root.key) or root
            yield pb.WatchRunDetailsResponse(details=run_details(platform.store, root))
            if engine.is_terminal(root.phase):
                return
            await subscription.take()


async def details_of_action(
    platform: Platform, request: pb.WatchActionDetailsRequest
) -> AsyncIterator[pb.WatchActionDetailsResponse]:
    """The whole details of an action at every change, until it is terminal."""
    record = require_action(platform.store, request.action_id)
    with platform.changes.subscribe(changes.of_action(record.key)) as subscription:
        while True:
            record = platform.store.actions.get(record.key) or record
            details = wire.action_details(platform.store, record)
            yield pb.WatchActionDetailsResponse(details=details)
            if engine.is_terminal(record.phase):
                return
            await subscription.take()


async def actions(
    platform: Platform, request: pb.WatchActionsRequest
) -> AsyncIterator[pb.WatchActionsResponse]:
    """All actions of a run in batches, then those that change, until the run is terminal.

    An action comes after its parent. Whoever changes brings its ancestors along, since their
    counts of descendants by phase change with it.
    """
    root = require_root(platform.store, request.run_id)
    tree = ActionTree(tree_filter(request.filter))
    with platform.changes.subscribe(changes.of_run(root.key.run_key)) as subscription:
        for records in platform.store.actions.of_run(root.key.run_key):
            tree.apply(records)
            await asyncio.sleep(0)  # others' calls go on between the batches of a large run
        for batch in tree.snapshot(1000):
            yield pb.WatchActionsResponse(enriched_actions=batch)
        while not tree.is_terminal():
            changed = tree.apply(await subscription.take())
            if changed:
                yield pb.WatchActionsResponse(enriched_actions=changed)


async def cluster_events(
    platform: Platform, request: pb.WatchClusterEventsRequest
) -> AsyncIterator[pb.WatchClusterEventsResponse]:
    """What happened to an attempt, in sentences, until it is over."""
    record = require_action(platform.store, request.id)
    number, given = request.attempt, 0
    if number < 1:
        raise invalid("attempt counts from 1")
    with platform.changes.subscribe(changes.of_action(record.key)) as subscription:
        while True:
            attempt = platform.store.attempts.get(record.id, number)
            events = wire.cluster_events(attempt) if attempt else []
            if len(events) > given:
                yield pb.WatchClusterEventsResponse(cluster_events=events[given:])
                given = len(events)
            record = platform.store.actions.get(record.key) or record
            if engine.is_terminal(record.phase) or (attempt and attempt.ended_at is not None):
                return
            await subscription.take()


def run_details(store: Store, root: ActionRecord) -> RunDetails:
    run = store.actions.run(root.key.run_key)
    assert run is not None
    return wire.run_details(run, wire.action_details(store, root))


def _runs_target(store: Store, request: pb.WatchRunsRequest) -> tuple[str, str, changes.Topic]:
    match request.WhichOneof("target"):
        case "project_id":
            project = request.project_id
            require_scope(store, project.name, project.domain)
            scope = (project.name, project.domain)
        case "task_id":
            scope = (request.task_id.project, request.task_id.domain)
        case "org" | "cluster_id":
            scope = ("", "")
        case _:
            raise invalid("WatchRuns needs a project_id, a task_id, an org or a cluster_id")
    return *scope, changes.of_roots(*scope)


def _in_target(record: ActionRecord, request: pb.WatchRunsRequest) -> bool:
    if request.WhichOneof("target") != "task_id":
        return True
    task = request.task_id
    same_version = not task.version or record.task_version == task.version
    return record.task_name == task.name and same_version

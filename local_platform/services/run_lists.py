"""ListRuns and ListActions."""

from __future__ import annotations

from flyteidl2.common.list_pb2 import ListRequest
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.workflow import run_service_pb2 as pb
from flyteidl2.workflow.run_definition_pb2 import Run

from local_platform import engine, wire
from local_platform.errors import invalid
from local_platform.names import require_root, require_scope
from local_platform.store import ActionRecord, Store
from local_platform.store.listing import RUNS, Key, Query, query


def runs(store: Store, request: pb.ListRunsRequest) -> pb.ListRunsResponse:
    """Root actions in scope, newest first unless the request says otherwise."""
    wanted = query(request.request, RUNS)
    wanted.where("parent = ''")
    _narrow(store, request, wanted)
    records, token = store.actions.page(wanted)
    return pb.ListRunsResponse(runs=[_run(store, record) for record in records], token=token)


def actions(store: Store, request: pb.ListActionsRequest) -> pb.ListActionsResponse:
    """All actions of one run, in the order they came unless the request says otherwise."""
    root = require_root(store, request.run_id)
    wanted = query(request.request, RUNS, order=(Key("id", False),))
    wanted.where("project = ? AND domain = ? AND run = ?", *root.key.run_key)
    records, token = store.actions.page(wanted)
    return pb.ListActionsResponse(actions=[wire.action(record) for record in records], token=token)


def newest(store: Store, project: str, domain: str, limit: int) -> list[ActionRecord]:
    """The newest root actions of a project (or of all: ""), oldest of them first."""
    wanted = query(ListRequest(limit=limit), RUNS)
    wanted.where("parent = ''")
    if project:
        wanted.where("project = ? AND domain = ?", project, domain)
    records, _ = store.actions.page(wanted)
    return records[::-1]


def _narrow(store: Store, request: pb.ListRunsRequest, wanted: Query) -> None:
    """Adds the request's scope to the query."""
    match request.WhichOneof("scope_by"):
        case "project_id":
            project = request.project_id
            require_scope(store, project.name, project.domain)
            wanted.where("project = ? AND domain = ?", project.name, project.domain)
        case "task_name":
            task = request.task_name
            _of_task(wanted, task.project, task.domain, task.name)
        case "task_id":
            task_id = request.task_id
            _of_task(wanted, task_id.project, task_id.domain, task_id.name)
            wanted.where("task_version = ?", task_id.version)
        case "trigger_name":
            trigger = request.trigger_name
            wanted.where("project = ? AND domain = ?", trigger.project, trigger.domain)
            names = (trigger.name, trigger.task_name)
            wanted.where("trigger_name = ? AND trigger_task_name = ?", *names)
        case None if request.paused_actions_only:
            raise invalid("paused_actions_only needs a scope")
        case _:
            pass  # an org, or nothing: everything there is
    if request.paused_actions_only:
        wanted.where(_HAS_PAUSED, engine.PAUSED)


_HAS_PAUSED = (
    "EXISTS (SELECT 1 FROM action AS part WHERE part.project = action.project"
    " AND part.domain = action.domain AND part.run = action.run"
    " AND part.phase = ?)"
)


def _of_task(wanted: Query, project: str, domain: str, name: str) -> None:
    wanted.where("task_project = ? AND task_domain = ? AND task_name = ?", project, domain, name)


def _run(store: Store, record: ActionRecord) -> Run:
    run = store.actions.run(record.key.run_key)
    return wire.run(record, RunSpec.FromString(run.run_spec) if run else None)

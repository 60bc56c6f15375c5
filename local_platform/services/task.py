"""TaskService: deployed tasks and their versions."""

from __future__ import annotations

from flyteidl2.common.list_pb2 import ListRequest
from flyteidl2.task import task_definition_pb2 as definition
from flyteidl2.task import task_service_connect as connect
from flyteidl2.task import task_service_pb2 as pb
from flyteidl2.task.task_definition_pb2 import TaskIdentifier, TaskSpec

from local_platform import clock, wire
from local_platform.context import Call, Platform, subject
from local_platform.errors import invalid, missing
from local_platform.names import require_scope
from local_platform.new_actions import function_name, short_name
from local_platform.services.trigger import deploy_with_task
from local_platform.store import Store, TaskRecord
from local_platform.store.listing import TASKS, Query, query

_MAX_NAME, _MAX_VERSION = 255, 63
_MAX_SHORT_DESCRIPTION = 255


class TaskService(connect.TaskService):  # type: ignore[misc]
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._store = platform.store

    async def deploy_task(self, request: pb.DeployTaskRequest, ctx: Call) -> pb.DeployTaskResponse:
        """Adds a version of a task, or replaces it."""
        task = request.task_id
        require_scope(self._store, task.project, task.domain)
        _check_identifier(task)
        if not request.spec.HasField("task_template"):
            raise invalid("spec.task_template is empty")
        with self._store.transaction():
            spec_id = self._store.specs.put(request.spec)
            self._store.tasks.deploy(_record(task, request.spec, spec_id, subject(ctx)))
            key = (task.project, task.domain, task.name)
            deploy_with_task(
                self._store, key, task.version, list(request.triggers), by=subject(ctx)
            )
        return pb.DeployTaskResponse()

    async def get_task_details(
        self, request: pb.GetTaskDetailsRequest, ctx: Call
    ) -> pb.GetTaskDetailsResponse:
        task = request.task_id
        if not task.name or not task.version:
            raise invalid("task_id needs a name and a version")
        record = self._store.tasks.get(task.project, task.domain, task.name, task.version)
        if record is None:
            raise missing("task", f"{task.project}/{task.domain}/{task.name}@{task.version}")
        details = definition.TaskDetails(
            task_id=wire.task_id(record),
            metadata=_metadata(record),
            spec=self._store.specs.get(record.spec_id, TaskSpec),
        )
        return pb.GetTaskDetailsResponse(details=details)

    async def list_tasks(self, request: pb.ListTasksRequest, ctx: Call) -> pb.ListTasksResponse:
        """One row per task: its newest version among those that pass the filters."""
        wanted = query(request.request, TASKS)
        everything = query(ListRequest(), TASKS)
        for each in (wanted, everything):
            _narrow(self._store, request, each)
        for known in request.known_filters:
            if known.HasField("deployed_by"):
                wanted.where("deployed_by = ?", known.deployed_by)
        records, token = self._store.tasks.latest_page(wanted)
        counts = pb.ListTasksResponse.ListTasksMetadata(
            total=self._store.tasks.count_latest(everything),
            filtered_total=self._store.tasks.count_latest(wanted),
        )
        tasks = [self._task(record) for record in records]
        return pb.ListTasksResponse(tasks=tasks, token=token, metadata=counts)

    async def list_versions(
        self, request: pb.ListVersionsRequest, ctx: Call
    ) -> pb.ListVersionsResponse:
        """All versions of one task, newest first; none for a task that is not there."""
        task = request.task_name
        if not task.name:
            raise invalid("task_name.name is empty")
        wanted = query(request.request, TASKS)
        key = (task.project, task.domain, task.name)
        wanted.where("project = ? AND domain = ? AND name = ?", *key)
        records, token = self._store.tasks.versions_page(wanted)
        return pb.ListVersionsResponse(
            versions=[_version(record) for record in records], token=token
        )

    def _task(self, record: TaskRecord) -> definition.Task:
        task = definition.Task(task_id=wire.task_id(record), metadata=_metadata(record))
        key = (record.project, record.domain, record.name)
        latest = self._store.actions.newest_run_of_task(*key)
        if latest is not None:
            task.task_summary.latest_run.CopyFrom(
                definition.LatestRunSummary(
                    run_id=wire.run_id(latest.key.run_key),
                    run_time=clock.timestamp(latest.created_at),
                    phase=latest.phase,
                    root_task_name=latest.task_name,
                )
            )
        return task


def _narrow(store: Store, request: pb.ListTasksRequest, wanted: Query) -> None:
    if request.WhichOneof("scope_by") == "project_id":
        project = request.project_id
        require_scope(store, project.name, project.domain)
        wanted.where("project = ? AND domain = ?", project.name, project.domain)


def _check_identifier(task: TaskIdentifier) -> None:
    if not task.name or len(task.name) > _MAX_NAME:
        raise invalid(f"task_id.name must have 1 to {_MAX_NAME} characters")
    if not task.version or len(task.version) > _MAX_VERSION:
        raise invalid(f"task_id.version must have 1 to {_MAX_VERSION} characters")


def _record(task: TaskIdentifier, spec: TaskSpec, spec_id: str, by: str) -> TaskRecord:
    at = clock.now()
    return TaskRecord(
        id=0,
        project=task.project,
        domain=task.domain,
        name=task.name,
        version=task.version,
        environment=spec.environment.name,
        env_description=spec.environment.description,
        function_name=function_name(spec),
        short_name=short_name(spec),
        short_description=spec.documentation.short_description[:_MAX_SHORT_DESCRIPTION],
        deployed_by=by,
        spec_id=spec_id,
        created_at=at,
        updated_at=at,
    )


def _metadata(record: TaskRecord) -> definition.TaskMetadata:
    return definition.TaskMetadata(
        deployed_by=wire.identity(record.deployed_by),
        short_name=record.short_name,
        deployed_at=clock.timestamp(record.created_at),
        environment_name=record.environment,
        short_description=record.short_description,
    )


def _version(record: TaskRecord) -> pb.ListVersionsResponse.VersionResponse:
    return pb.ListVersionsResponse.VersionResponse(
        version=record.version,
        deployed_at=clock.timestamp(record.created_at),
        deployed_by=wire.identity(record.deployed_by),
    )

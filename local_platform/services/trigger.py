"""TriggerService: triggers are kept, listed and switched; `scheduler` fires them."""

from __future__ import annotations

from dataclasses import replace

from flyteidl2.common.identifier_pb2 import TriggerIdentifier, TriggerName
from flyteidl2.task.common_pb2 import TriggerAutomationSpec
from flyteidl2.task.task_definition_pb2 import TaskTrigger
from flyteidl2.trigger import trigger_definition_pb2 as definition
from flyteidl2.trigger import trigger_service_connect as connect
from flyteidl2.trigger import trigger_service_pb2 as pb

from local_platform import clock, schedules, wire
from local_platform.clock import timestamp
from local_platform.context import Call, Platform, subject
from local_platform.errors import failed_precondition, invalid, missing
from local_platform.names import require_scope
from local_platform.store import Store, TriggerKey, TriggerRecord
from local_platform.store.listing import TRIGGERS, Key, query
from local_platform.wire import ORG

_ORDER = (Key("active", True), Key("updated_at", True))
_HISTORY_LIMIT = 50


class TriggerService(connect.TriggerService):  # type: ignore[misc]
    def __init__(self, platform: Platform) -> None:
        self._store = platform.store

    async def deploy_trigger(
        self, request: pb.DeployTriggerRequest, ctx: Call
    ) -> pb.DeployTriggerResponse:
        """Adds or replaces a trigger. FAILED_PRECONDITION when `revision` is not the latest."""
        key = _key(request.name)
        require_scope(self._store, key.project, key.domain)
        current = self._store.triggers.get(key)
        if current and request.revision and request.revision != current.revision:
            raise failed_precondition(
                f"trigger {key.name} is at revision {current.revision}, not {request.revision}"
            )
        record = deploy(self._store, key, request.spec, request.automation_spec, by=subject(ctx))
        return pb.DeployTriggerResponse(trigger=_details(record))

    async def get_trigger_details(
        self, request: pb.GetTriggerDetailsRequest, ctx: Call
    ) -> pb.GetTriggerDetailsResponse:
        record = require_trigger(self._store, request.name)
        return pb.GetTriggerDetailsResponse(trigger=_details(record))

    async def get_trigger_revision_details(
        self, request: pb.GetTriggerRevisionDetailsRequest, ctx: Call
    ) -> pb.GetTriggerRevisionDetailsResponse:
        key, number = _key(request.id.name), request.id.revision
        found = self._store.triggers.revisions(key, below=number + 1, limit=1)
        if not found or found[0][0] != number:
            raise missing("trigger revision", f"{key.name}@{number}")
        details = definition.TriggerDetails.FromString(found[0][2])
        return pb.GetTriggerRevisionDetailsResponse(trigger=details)

    async def list_triggers(
        self, request: pb.ListTriggersRequest, ctx: Call
    ) -> pb.ListTriggersResponse:
        """Triggers in scope; active ones first, then the latest changed."""
        wanted = query(request.request, TRIGGERS, order=_ORDER)
        match request.WhichOneof("scope_by"):
            case "project_id":
                scope = request.project_id
                require_scope(self._store, scope.name, scope.domain)
                wanted.where("project = ? AND domain = ?", scope.name, scope.domain)
            case "task_name" | "task_id" as field:
                task = getattr(request, field)
                wanted.where("project = ? AND domain = ?", task.project, task.domain)
                wanted.where("task_name = ?", task.name)
                if field == "task_id":
                    wanted.where("task_version = ?", task.version)
        records, token = self._store.triggers.page(wanted)
        triggers = [_trigger(record) for record in records]
        return pb.ListTriggersResponse(triggers=triggers, token=token)

    async def get_trigger_revision_history(
        self, request: pb.GetTriggerRevisionHistoryRequest, ctx: Call
    ) -> pb.GetTriggerRevisionHistoryResponse:
        """All changes of a trigger, newest first, deletions among them."""
        key, token = _key(request.name), request.request.token
        if token and not token.isdigit():
            raise invalid(f'invalid token "{token}"')
        limit = request.request.limit or _HISTORY_LIMIT
        below = int(token) if token else 1 << 62
        found = self._store.triggers.revisions(key, below=below, limit=limit + 1)
        page = found[:limit]
        return pb.GetTriggerRevisionHistoryResponse(
            triggers=[_revision(key, *each) for each in page],
            token=str(page[-1][0]) if len(found) > limit else "",
        )

    async def update_triggers(
        self, request: pb.UpdateTriggersRequest, ctx: Call
    ) -> pb.UpdateTriggersResponse:
        """Switches triggers on or off; names that are not there are skipped."""
        change = (
            definition.TRIGGER_REVISION_ACTION_ACTIVATE
            if request.active
            else definition.TRIGGER_REVISION_ACTION_DEACTIVATE
        )
        for name in request.names:
            record = self._store.triggers.get(_key(name))
            if record is not None:
                _switch(self._store, record, change, active=request.active, by=subject(ctx))
        return pb.UpdateTriggersResponse()

    async def delete_triggers(
        self, request: pb.DeleteTriggersRequest, ctx: Call
    ) -> pb.DeleteTriggersResponse:
        """Deletes triggers and keeps their history; names that are not there are skipped."""
        for name in request.names:
            record = self._store.triggers.get(_key(name))
            if record is not None:
                _delete(self._store, record, by=subject(ctx))
        return pb.DeleteTriggersResponse()


def deploy(
    store: Store,
    key: TriggerKey,
    spec: definition.TriggerSpec,
    automation: TriggerAutomationSpec,
    *,
    by: str,
) -> TriggerRecord:
    """Adds or replaces a trigger. INVALID_ARGUMENT for a schedule that cannot be."""
    _check_schedule(automation)
    at = clock.now()
    current = store.triggers.get(key)
    record = TriggerRecord(
        id=current.id if current else 0,
        **key._asdict(),
        task_version=spec.task_version,
        automation_type=automation.type,
        active=int(spec.active),
        revision=store.triggers.next_revision(key),
        spec=spec.SerializeToString(),
        automation=automation.SerializeToString(),
        deployed_at=at,
        updated_at=at,
        deployed_by=by,
        updated_by=by,
        fired_at=current.fired_at if current else 0,
    )
    return _write(store, record, definition.TRIGGER_REVISION_ACTION_DEPLOY)


def deploy_with_task(
    store: Store,
    task: tuple[str, str, str],
    version: str,
    triggers: list[TaskTrigger],
    *,
    by: str,
) -> None:
    """The triggers that come with a task; of its others, none is left (unless none came)."""
    for trigger in triggers:
        spec = definition.TriggerSpec(
            run_spec=trigger.spec.run_spec,
            active=trigger.spec.active,
            task_version=version,
            description=trigger.spec.description,
        )
        if trigger.spec.HasField("inputs"):
            spec.inputs.CopyFrom(trigger.spec.inputs)
        elif trigger.spec.HasField("offloaded_input_data"):
            spec.offloaded_input_data.CopyFrom(trigger.spec.offloaded_input_data)
        deploy(store, TriggerKey(*task, trigger.name), spec, trigger.automation_spec, by=by)
    kept = {trigger.name for trigger in triggers}
    for record in store.triggers.of_task(*task) if kept else []:
        if record.name not in kept:
            _delete(store, record, by=by)


def require_trigger(store: Store, name: TriggerName) -> TriggerRecord:
    record = store.triggers.get(_key(name))
    if record is None:
        raise missing("trigger", f"{name.task_name}/{name.name}")
    return record


def _key(name: TriggerName) -> TriggerKey:
    if not name.name or not name.task_name:
        raise invalid("a trigger is named by its name and its task_name")
    return TriggerKey(name.project, name.domain, name.task_name, name.name)


def _check_schedule(automation: TriggerAutomationSpec) -> None:
    try:
        schedules.check(automation.schedule)
    except schedules.ScheduleError as error:
        raise invalid(str(error)) from None


def _switch(store: Store, record: TriggerRecord, change: int, *, active: bool, by: str) -> None:
    revision = store.triggers.next_revision(record.key)
    switched = replace(
        record, revision=revision, updated_at=clock.now(), active=int(active), updated_by=by
    )
    _write(store, switched, change)


def _write(store: Store, record: TriggerRecord, change: int) -> TriggerRecord:
    with store.transaction():
        record = store.triggers.put(record)
        _remember(store, record, change)
    return record


def _delete(store: Store, record: TriggerRecord, *, by: str) -> None:
    revision = store.triggers.next_revision(record.key)
    with store.transaction():
        store.triggers.delete(record)
        last = replace(record, revision=revision, active=0, updated_at=clock.now(), updated_by=by)
        _remember(store, last, definition.TRIGGER_REVISION_ACTION_DELETE)


def _remember(store: Store, record: TriggerRecord, change: int) -> None:
    details = _details(record).SerializeToString()
    store.triggers.add_revision(record.key, record.revision, change, details, record.updated_at)


def _id(key: TriggerKey, revision: int) -> TriggerIdentifier:
    name = TriggerName(org=ORG, **key._asdict())
    return TriggerIdentifier(name=name, revision=revision)


def _status(record: TriggerRecord) -> definition.TriggerStatus:
    return definition.TriggerStatus(
        deployed_at=timestamp(record.deployed_at),
        updated_at=timestamp(record.updated_at),
        triggered_at=timestamp(record.fired_at) if record.fired_at else None,
    )


def _metadata(record: TriggerRecord) -> definition.TriggerMetadata:
    return definition.TriggerMetadata(
        deployed_by=wire.identity(record.deployed_by), updated_by=wire.identity(record.updated_by)
    )


def _trigger(record: TriggerRecord) -> definition.Trigger:
    return definition.Trigger(
        id=_id(record.key, record.revision),
        metadata=_metadata(record),
        status=_status(record),
        active=bool(record.active),
        automation_spec=TriggerAutomationSpec.FromString(record.automation),
    )


def _details(record: TriggerRecord) -> definition.TriggerDetails:
    spec = definition.TriggerSpec.FromString(record.spec)
    spec.active = bool(record.active)
    return definition.TriggerDetails(
        id=_id(record.key, record.revision),
        metadata=_metadata(record),
        spec=spec,
        status=_status(record),
        automation_spec=TriggerAutomationSpec.FromString(record.automation),
        description=spec.description,
    )


def _revision(
    key: TriggerKey, number: int, change: int, details: bytes, at: int
) -> definition.TriggerRevision:
    then = definition.TriggerDetails.FromString(details)
    return definition.TriggerRevision(
        id=_id(key, number),
        metadata=then.metadata,
        status=then.status,
        action=change,
        created_at=timestamp(at),
    )

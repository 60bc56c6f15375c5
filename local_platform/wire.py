"""Records as the messages that clients read."""

from __future__ import annotations

from collections.abc import Iterable

from flyteidl2.common.identifier_pb2 import (
    ActionIdentifier,
    RunIdentifier,
    TriggerName,
    UserIdentifier,
)
from flyteidl2.common.identifier_pb2 import TriggerIdentifier as TriggerId
from flyteidl2.common.identity_pb2 import EnrichedIdentity, User, UserSpec
from flyteidl2.core.execution_pb2 import ContainerError, ExecutionError
from flyteidl2.core.literals_pb2 import Literal
from flyteidl2.task.common_pb2 import OutputReferences
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.task.task_definition_pb2 import TaskIdentifier, TaskSpec, TraceSpec
from flyteidl2.workflow.run_definition_pb2 import (
    AbortInfo,
    Action,
    ActionAttempt,
    ActionDetails,
    ActionMetadata,
    ActionStatus,
    ActionType,
    ClusterEvent,
    ConditionAction,
    ConditionActionMetadata,
    ErrorInfo,
    PhaseTransition,
    Run,
    RunDetails,
    SignalInfo,
    TaskActionMetadata,
    TraceActionMetadata,
)
from flyteidl2.workflow.state_service_pb2 import ActionUpdate

from local_platform import engine
from local_platform.clock import timestamp
from local_platform.store import (
    ActionKey,
    ActionRecord,
    AttemptRecord,
    RunKey,
    RunRecord,
    Store,
    TaskRecord,
)

ORG = "local"


def run_id(key: RunKey) -> RunIdentifier:
    return RunIdentifier(org=ORG, project=key.project, domain=key.domain, name=key.run)


def action_id(key: ActionKey) -> ActionIdentifier:
    return ActionIdentifier(run=run_id(key.run_key), name=key.name)


def task_id(record: TaskRecord) -> TaskIdentifier:
    return TaskIdentifier(
        org=ORG,
        project=record.project,
        domain=record.domain,
        name=record.name,
        version=record.version,
    )


def identity(subject: str) -> EnrichedIdentity | None:
    """A person by subject; None for nobody."""
    if not subject:
        return None
    user = User(id=UserIdentifier(subject=subject), spec=UserSpec(user_handle=subject))
    return EnrichedIdentity(user=user)


def run(record: ActionRecord, spec: RunSpec | None = None) -> Run:
    """A run by its root action; labels only when its spec is at hand."""
    labels = dict(spec.labels.values) if spec else {}
    return Run(action=action(record), labels=labels)


def action(record: ActionRecord) -> Action:
    return Action(id=action_id(record.key), metadata=_metadata(record), status=_status(record))


def run_details(run: RunRecord, root: ActionDetails) -> RunDetails:
    return RunDetails(run_spec=RunSpec.FromString(run.run_spec), action=root)


def action_details(store: Store, record: ActionRecord) -> ActionDetails:
    details = ActionDetails(
        id=action_id(record.key), metadata=_metadata(record), status=_status(record)
    )
    _set_result(details, record)
    _set_spec(details, store, record)
    attempts = store.attempts.of_action(record.id)
    details.attempts.extend(_attempt(record, attempt) for attempt in attempts)
    return details


def update(record: ActionRecord) -> ActionUpdate:
    """What a parent's process learns about a child."""
    message = ActionUpdate(
        action_id=action_id(record.key), phase=record.phase, output_uri=record.output_uri
    )
    if record.phase in (engine.FAILED, engine.TIMED_OUT):
        message.error.CopyFrom(_execution_error(record))
    if record.value is not None:
        message.value.CopyFrom(Literal.FromString(record.value))
    return message


def cluster_events(attempt: AttemptRecord) -> list[ClusterEvent]:
    return [
        ClusterEvent(occurred_at=timestamp(at), message=sentence)
        for at, sentence in attempt.events
        if sentence
    ]


def _metadata(record: ActionRecord) -> ActionMetadata:
    metadata = ActionMetadata(
        parent=record.parent,
        group=record.grp,
        executed_by=identity(record.created_by),
        action_type=record.kind,
        environment_name=record.environment,
        funtion_name=record.function_name,
        trigger_name=record.trigger_name,
        source=record.source,
    )
    if record.trigger_name:
        metadata.trigger_id.CopyFrom(_trigger_id(record))
    if record.kind == ActionType.ACTION_TYPE_TASK:
        metadata.task.CopyFrom(_task_metadata(record))
    elif record.kind == ActionType.ACTION_TYPE_TRACE:
        metadata.trace.CopyFrom(TraceActionMetadata(name=record.short_name))
    else:
        metadata.condition.CopyFrom(ConditionActionMetadata(name=record.short_name))
    return metadata


def _task_metadata(record: ActionRecord) -> TaskActionMetadata:
    task = TaskIdentifier(
        org=ORG,
        project=record.task_project,
        domain=record.task_domain,
        name=record.task_name,
        version=record.task_version,
    )
    return TaskActionMetadata(id=task, task_type=record.task_type, short_name=record.short_name)


def _trigger_id(record: ActionRecord) -> TriggerId:
    name = TriggerName(
        org=ORG,
        project=record.project,
        domain=record.domain,
        name=record.trigger_name,
        task_name=record.trigger_task_name,
    )
    return TriggerId(name=name, revision=record.trigger_revision)


def _status(record: ActionRecord) -> ActionStatus:
    status = ActionStatus(
        phase=record.phase,
        # As on the real backend this is the creation; attempts tell when it really ran.
        start_time=timestamp(record.created_at),
        attempts=record.attempts,
        cache_status=record.cache_status,
    )
    if record.ended_at is not None:
        status.end_time.CopyFrom(timestamp(record.ended_at))
    if record.duration_ms is not None:
        status.duration_ms = record.duration_ms
    return status


def _set_result(details: ActionDetails, record: ActionRecord) -> None:
    if record.phase == engine.ABORTED:
        aborted = AbortInfo(reason=record.abort_reason, aborted_by=identity(record.ended_by))
        details.abort_info.CopyFrom(aborted)
    elif record.error is not None:
        details.error_info.CopyFrom(ErrorInfo.FromString(record.error))
    elif record.value is not None:
        value = Literal.FromString(record.value)
        details.signal_info.CopyFrom(
            SignalInfo(signalled_by=identity(record.ended_by), output=value)
        )


def _set_spec(details: ActionDetails, store: Store, record: ActionRecord) -> None:
    if record.kind == ActionType.ACTION_TYPE_TASK:
        details.task.CopyFrom(store.specs.get(record.spec_id, TaskSpec))
    elif record.kind == ActionType.ACTION_TYPE_TRACE:
        details.trace.CopyFrom(store.specs.get(record.spec_id, TraceSpec))
    else:
        condition = store.specs.get(record.spec_id, ConditionAction)
        details.condition.CopyFrom(condition)
        details.metadata.condition.type.CopyFrom(condition.type)


def _attempt(record: ActionRecord, attempt: AttemptRecord) -> ActionAttempt:
    message = ActionAttempt(
        phase=attempt.phase,
        attempt=attempt.number,
        start_time=timestamp(attempt.started_at),
        outputs=_outputs(record, attempt),
        logs_available=any(phase == engine.RUNNING for phase, _ in attempt.transitions),
        cache_status=record.cache_status,
        cluster_events=cluster_events(attempt),
        phase_transitions=_transitions(attempt),
    )
    if attempt.ended_at is not None:
        message.end_time.CopyFrom(timestamp(attempt.ended_at))
    if attempt.error is not None:
        message.error_info.CopyFrom(ErrorInfo.FromString(attempt.error))
    return message


def _outputs(record: ActionRecord, attempt: AttemptRecord) -> OutputReferences:
    """As on the real backend both are where files would be, whether there are any or not."""
    if record.kind == ActionType.ACTION_TYPE_TASK:
        folder = attempt.output_uri
        return OutputReferences(
            output_uri=f"{folder}/outputs.pb", report_uri=f"{folder}/report.html"
        )
    return OutputReferences(output_uri=attempt.output_uri)


def _transitions(attempt: AttemptRecord) -> Iterable[PhaseTransition]:
    """Each phase from when it began to when the next did; a terminal one has no length."""
    starts = [at for _, at in attempt.transitions]
    ends: list[int | None] = [*starts[1:], attempt.ended_at]
    for (phase, start), end in zip(attempt.transitions, ends, strict=True):
        transition = PhaseTransition(phase=phase, start_time=timestamp(start))
        if end is not None:
            transition.end_time.CopyFrom(timestamp(end))
        yield transition


def _execution_error(record: ActionRecord) -> ExecutionError:
    error = ErrorInfo.FromString(record.error or b"")
    system = error.kind == ErrorInfo.KIND_SYSTEM
    return ExecutionError(
        code=error.code,
        message=error.message,
        kind=ExecutionError.SYSTEM if system else ExecutionError.USER,
        recoverability=(
            ContainerError.RECOVERABLE if record.recoverable else ContainerError.NON_RECOVERABLE
        ),
    )

"""Running again what ran before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flyteidl2.common import run_pb2 as common_run_pb2
from flyteidl2.task import common_pb2
from flyteidl2.task import run_pb2 as task_run_pb2

from remote_client._action_base import ROOT, read_details
from remote_client._action_io import read_data
from remote_client._context import resolve
from remote_client._launch import RunOptions, start_run
from remote_client._phase import ActionPhase
from remote_client._run_reads import read_run
from remote_client._scope import Scope
from remote_client._values import from_python, interface_of
from remote_client.errors import RemoteTaskUsageError
from remote_client.syncify import syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet
    from remote_client._run import Run

__all__ = ["rerun"]


@syncify.function
async def rerun(
    run_name: str,
    action_name: str = ROOT,
    inputs: Mapping[str, Any] | None = None,
    *,
    recover: bool = False,
    force_rerun_actions: Sequence[str] = (),
    options: RunOptions | None = None,
    client: ClientSet | None = None,
    project: str | None = None,
    domain: str | None = None,
    org: str | None = None,
) -> Run:
    """Start a run of the task of an earlier action, with its inputs and settings.

    `inputs` replaces some of them. `recover` asks the platform to take over what succeeded before,
    save for `force_rerun_actions`; the open-source backend does not do that. Raises NotFound,
    ValueError for an input that the task does not have, and RemoteTaskUsageError for an action that
    is no task.
    """
    client, scope = resolve(client, project=project, domain=domain, org=org)
    return await rerun_action(
        client,
        scope.required(),
        run_name,
        action_name,
        inputs or {},
        recover=recover,
        force_rerun_actions=force_rerun_actions,
        options=options or RunOptions(),
    )


async def rerun_action(
    client: ClientSet,
    scope: Scope,
    run_name: str,
    action_name: str,
    changes: Mapping[str, Any],
    *,
    recover: bool,
    force_rerun_actions: Sequence[str],
    options: RunOptions,
) -> Run:
    """See `rerun`."""
    details = await read_details(client, scope, run_name, action_name)
    if details.WhichOneof("spec") != "task":
        raise RemoteTaskUsageError(
            f"Action {action_name!r} of run {run_name!r} is no task, so it cannot be run again."
        )
    succeeded = ActionPhase.from_wire(details.status.phase).is_success
    action_id = scope.action_id(run_name, action_name)
    given, _ = await read_data(client, action_id, succeeded=succeeded)
    run = await read_run(client, scope, run_name)
    spec = _spec(run.run_spec, scope, run_name, action_name, recover, force_rerun_actions)
    return await start_run(
        client,
        scope,
        task={"task_spec": details.task},
        inputs=_changed(given, changes, details.task),
        options=options,
        spec=spec,
    )


def _spec(
    earlier: Any,
    scope: Scope,
    run_name: str,
    action_name: str,
    recover: bool,
    force_rerun_actions: Sequence[str],
) -> Any:
    """The earlier run's settings, without those that belong to it alone."""
    spec = task_run_pb2.RunSpec()
    spec.CopyFrom(earlier)
    for field in ("run_base_dir", "run_start_time", "related_to", "relation", "recover"):
        spec.ClearField(field)
    kinds = common_run_pb2.RelationType
    kind = kinds.RELATION_TYPE_RERUN if action_name == ROOT else kinds.RELATION_TYPE_SPAWN
    if recover:
        kind = kinds.RELATION_TYPE_RECOVER
        spec.recover.force_rerun_actions.extend(force_rerun_actions)
    spec.relation.related_to.CopyFrom(scope.run_id(run_name))
    spec.relation.relation_type = kind
    return spec


def _changed(given: Any, changes: Mapping[str, Any], task: Any) -> Any:
    """The Inputs message with some values replaced, in the order of the task's interface."""
    interface = interface_of(task.task_template.interface, task.default_inputs)
    unknown = [name for name in changes if name not in interface.inputs]
    if unknown:
        raise ValueError(
            f"Unknown inputs: {', '.join(unknown)}. The task takes {interface.signature}."
        )
    literals = {named.name: named.value for named in given.literals}
    for name, value in changes.items():
        literals[name] = from_python(value, interface.inputs[name].literal_type, name)
    order = [name for name in interface.inputs if name in literals]
    order += [name for name in literals if name not in interface.inputs]
    return common_pb2.Inputs(
        literals=[common_pb2.NamedLiteral(name=name, value=literals[name]) for name in order],
        context=given.context,
    )

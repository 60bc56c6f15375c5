"""Reading one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_definition_pb2, run_service_pb2

from remote_client._client.calls import call
from remote_client._scope import Scope

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet


async def read_run(client: ClientSet, scope: Scope, name: str) -> Any:
    """The details message of a run. Raises NotFound."""
    answer = await call(
        client,
        "run_service",
        "GetRunDetails",
        run_service_pb2.GetRunDetailsRequest(run_id=scope.run_id(name)),
        asked=f"read run {name!r} in {scope.label}",
    )
    return answer.details


def summary_of_run(details: Any) -> Any:
    """The part of a run's details that a `Run` is made of."""
    action = details.action
    return run_definition_pb2.Run(
        action=run_definition_pb2.Action(
            id=action.id, metadata=action.metadata, status=action.status
        ),
        labels=dict(details.run_spec.labels.values),
    )

"""Requests of the server's own tests, with identifiers filled in as clients must."""

from typing import Any

from flyteidl2.common import identifier_pb2, list_pb2
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.workflow import run_service_pb2

from tests.quirks.rows import RunKey
from tests.quirks.world import DOMAIN, PROJECT, ROOT

SCOPE = identifier_pb2.ProjectIdentifier(organization="acme", domain=DOMAIN, name=PROJECT)


def run_id(run: RunKey) -> Any:
    return identifier_pb2.RunIdentifier(
        org="acme", project=run.project, domain=run.domain, name=run.name
    )


def action_id(run: RunKey, name: str = ROOT) -> Any:
    return identifier_pb2.ActionIdentifier(run=run_id(run), name=name)


def list_runs(**request: Any) -> Any:
    return run_service_pb2.ListRunsRequest(
        project_id=SCOPE, request=list_pb2.ListRequest(**request)
    )


def watch_runs() -> Any:
    return run_service_pb2.WatchRunsRequest(project_id=SCOPE)


def watch_actions(run: RunKey) -> Any:
    return run_service_pb2.WatchActionsRequest(run_id=run_id(run))


def watch_details(run: RunKey, name: str = ROOT) -> Any:
    return run_service_pb2.WatchActionDetailsRequest(action_id=action_id(run, name))


def details(run: RunKey, name: str = ROOT) -> Any:
    return run_service_pb2.GetActionDetailsRequest(action_id=action_id(run, name))


def action_data(run: RunKey, name: str = ROOT) -> Any:
    return dataproxy_service_pb2.GetActionDataRequest(action_id=action_id(run, name))


def tail(run: RunKey, name: str = ROOT, attempt: int = 1) -> Any:
    return dataproxy_service_pb2.TailLogsRequest(action_id=action_id(run, name), attempt=attempt)


def condition(field: str, *values: str, function: int = 0) -> Any:
    return list_pb2.Filter(field=field, values=values, function=function)


def sort(key: str, *, ascending: bool = False) -> Any:
    return list_pb2.Sort(key=key, direction=int(ascending))

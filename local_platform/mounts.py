"""Which services there are, and which of their RPCs are streams."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectrpc.server import ConnectASGIApplication
from flyteidl2.actions import actions_service_pb2
from flyteidl2.actions.actions_service_connect import ActionsServiceASGIApplication
from flyteidl2.auth.auth_service_connect import AuthMetadataServiceASGIApplication
from flyteidl2.auth.identity_connect import IdentityServiceASGIApplication
from flyteidl2.cluster.service_connect import ClusterServiceASGIApplication
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.dataproxy.dataproxy_service_connect import DataProxyServiceASGIApplication
from flyteidl2.project.project_service_connect import ProjectServiceASGIApplication
from flyteidl2.secret.secret_connect import SecretServiceASGIApplication
from flyteidl2.settings.settings_service_connect import SettingsServiceASGIApplication
from flyteidl2.task.task_service_connect import TaskServiceASGIApplication
from flyteidl2.trigger.trigger_service_connect import TriggerServiceASGIApplication
from flyteidl2.workflow import run_service_pb2
from flyteidl2.workflow.run_service_connect import RunServiceASGIApplication

from local_platform.authorization.authority import Authority
from local_platform.context import Platform
from local_platform.services.actions import ActionsService
from local_platform.services.data_proxy import DataProxyService
from local_platform.services.identity import (
    AuthMetadataService,
    ClusterService,
    IdentityService,
)
from local_platform.services.project import ProjectService
from local_platform.services.run import RunService
from local_platform.services.secret import SecretService
from local_platform.services.settings import SettingsService
from local_platform.services.task import TaskService
from local_platform.services.trigger import TriggerService

_WITH_STREAMS = (run_service_pb2, actions_service_pb2, dataproxy_service_pb2)


def services(
    platform: Platform, address: str, authority: Authority | None = None
) -> Iterable[ConnectASGIApplication[Any]]:
    """All services as ASGI applications; with an authority they look at tokens."""
    gate = [authority.gate] if authority else []
    return [
        ProjectServiceASGIApplication(ProjectService(platform), interceptors=gate),
        TaskServiceASGIApplication(TaskService(platform), interceptors=gate),
        RunServiceASGIApplication(RunService(platform), interceptors=gate),
        ActionsServiceASGIApplication(ActionsService(platform), interceptors=gate),
        DataProxyServiceASGIApplication(DataProxyService(platform, address), interceptors=gate),
        SecretServiceASGIApplication(SecretService(platform), interceptors=gate),
        SettingsServiceASGIApplication(SettingsService(platform), interceptors=gate),
        TriggerServiceASGIApplication(TriggerService(platform), interceptors=gate),
        ClusterServiceASGIApplication(ClusterService(), interceptors=gate),
        IdentityServiceASGIApplication(IdentityService(authority), interceptors=gate),
        AuthMetadataServiceASGIApplication(AuthMetadataService(authority), interceptors=gate),
    ]


def streaming() -> frozenset[str]:
    """The paths of all server-streaming RPCs."""
    return frozenset(
        f"/{service.full_name}/{method.name}"
        for module in _WITH_STREAMS
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
        if method.server_streaming
    )

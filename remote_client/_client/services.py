"""The platform's services as gRPC stubs, made when first asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from typing import Any

import grpc

# property → (module of flyteidl2, stub class). Modules load at first use: most programs need three.
_STUBS = {
    "actions_service": ("actions.actions_service_pb2_grpc", "ActionsServiceStub"),
    "app_service": ("app.app_service_pb2_grpc", "AppServiceStub"),
    "app_logs_service": ("app.app_logs_service_pb2_grpc", "AppLogsServiceStub"),
    "auth_metadata_service": ("auth.auth_service_pb2_grpc", "AuthMetadataServiceStub"),
    "cluster_service": ("cluster.service_pb2_grpc", "ClusterServiceStub"),
    "dataproxy_service": ("dataproxy.dataproxy_service_pb2_grpc", "DataProxyServiceStub"),
    "identity_service": ("auth.identity_pb2_grpc", "IdentityServiceStub"),
    "logs_service": ("workflow.run_logs_service_pb2_grpc", "RunLogsServiceStub"),
    "project_service": ("project.project_service_pb2_grpc", "ProjectServiceStub"),
    "run_service": ("workflow.run_service_pb2_grpc", "RunServiceStub"),
    "secrets_service": ("secret.secret_pb2_grpc", "SecretServiceStub"),
    "settings_service": ("settings.settings_service_pb2_grpc", "SettingsServiceStub"),
    "task_service": ("task.task_service_pb2_grpc", "TaskServiceStub"),
    "translator_service": ("workflow.translator_service_pb2_grpc", "TranslatorServiceStub"),
    "trigger_service": ("trigger.trigger_service_pb2_grpc", "TriggerServiceStub"),
}


class ServiceStubs(ABC):
    """One property per service. Stubs are raw: requests and answers are flyteidl2 messages."""

    @abstractmethod
    def _stub(self, name: str) -> Any:
        """The stub for a name of the table above."""

    @property
    def actions_service(self) -> Any:
        """ActionsService: what a running parent uses to start children."""
        return self._stub("actions_service")

    @property
    def app_service(self) -> Any:
        """AppService: long-running apps."""
        return self._stub("app_service")

    @property
    def app_logs_service(self) -> Any:
        """AppLogsService: their logs."""
        return self._stub("app_logs_service")

    @property
    def auth_metadata_service(self) -> Any:
        """AuthMetadataService: where and how to sign in."""
        return self._stub("auth_metadata_service")

    @property
    def cluster_service(self) -> Any:
        """ClusterService: which cluster serves a request."""
        return self._stub("cluster_service")

    @property
    def dataproxy_service(self) -> Any:
        """DataProxyService: inputs, outputs, uploads, reports and logs."""
        return self._stub("dataproxy_service")

    @property
    def identity_service(self) -> Any:
        """IdentityService: who the platform takes the caller for."""
        return self._stub("identity_service")

    @property
    def logs_service(self) -> Any:
        """RunLogsService: logs on older platforms."""
        return self._stub("logs_service")

    @property
    def project_service(self) -> Any:
        """ProjectService: projects and their domains."""
        return self._stub("project_service")

    @property
    def project_domain_service(self) -> Any:
        """Another name of `project_service`."""
        return self._stub("project_service")

    @property
    def run_service(self) -> Any:
        """RunService: runs and actions."""
        return self._stub("run_service")

    @property
    def secrets_service(self) -> Any:
        """SecretService: secrets kept by the platform."""
        return self._stub("secrets_service")

    @property
    def settings_service(self) -> Any:
        """SettingsService: defaults per org, domain and project."""
        return self._stub("settings_service")

    @property
    def task_service(self) -> Any:
        """TaskService: deployed tasks and their versions."""
        return self._stub("task_service")

    @property
    def translator_service(self) -> Any:
        """TranslatorService: literals to JSON forms and back."""
        return self._stub("translator_service")

    @property
    def trigger_service(self) -> Any:
        """TriggerService: schedules and other triggers."""
        return self._stub("trigger_service")


class ChannelStubs(ServiceStubs):
    """The stubs of one channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self._made: dict[str, Any] = {}

    def _stub(self, name: str) -> Any:
        if name not in self._made:
            module, stub_class = _STUBS[name]
            stub = getattr(import_module(f"flyteidl2.{module}"), stub_class)
            self._made[name] = stub(self.channel)
        return self._made[name]

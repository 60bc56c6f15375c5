"""Changes to a task's specification which hold for one use of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from google.protobuf import struct_pb2

from remote_client._resources import (
    Resources,
    extended_resources_to_wire,
    resources_from_wire,
    resources_to_wire,
)
from remote_client._retry_strategy import (
    RetryStrategy,
    Timeout,
    retries_to_wire,
    runtime_to_wire,
    timeouts_to_wire,
)
from remote_client._secret_request import Secret, secrets_to_wire
from remote_client.errors import RemoteTaskUsageError

# How Kubernetes calls what `Resources` calls by shorter names.
_POD_RESOURCES: Final = {"disk": "ephemeral-storage", "gpu": "nvidia.com/gpu"}


def apply(
    spec: Any,
    *,
    short_name: str | None,
    resources: Resources | None,
    retries: int | RetryStrategy | None,
    timeout: int | timedelta | Timeout | None,
    env_vars: Mapping[str, str] | None,
    secrets: str | Secret | Sequence[str | Secret] | None,
) -> None:
    """Change the TaskSpec message in place; None leaves a property as it is."""
    template = spec.task_template
    if short_name is not None:
        spec.short_name = short_name
    if resources is not None:
        _set_resources(template, resources)
    if retries is not None:
        template.metadata.retries.CopyFrom(retries_to_wire(retries))
    if timeout is not None:
        _set_timeout(template.metadata, timeout)
    if env_vars is not None:
        _set_env_vars(template, env_vars)
    if secrets is not None:
        # Only the secrets: the identity that the task runs as stays.
        del template.security_context.secrets[:]
        template.security_context.secrets.extend(secrets_to_wire(secrets))


def _set_timeout(metadata: Any, timeout: int | timedelta | Timeout) -> None:
    for field, value in (
        ("timeout", runtime_to_wire(timeout)),
        ("timeouts", timeouts_to_wire(timeout)),
    ):
        metadata.ClearField(field)
        if value is not None:
            getattr(metadata, field).CopyFrom(value)


def _set_resources(template: Any, resources: Resources) -> None:
    wire = resources_to_wire(resources)
    if template.WhichOneof("target") == "k8s_pod":
        requests, limits = (_pod_names(one) for one in resources_from_wire(wire))
        container = _primary_container(template.k8s_pod)
        container["resources"] = {"requests": requests, "limits": limits}
    else:
        _container(template).resources.CopyFrom(wire)
    template.ClearField("extended_resources")
    extended = extended_resources_to_wire(resources)
    if extended is not None:
        template.extended_resources.CopyFrom(extended)


def _set_env_vars(template: Any, env_vars: Mapping[str, str]) -> None:
    if template.WhichOneof("target") == "k8s_pod":
        pairs = [{"name": key, "value": value} for key, value in env_vars.items()]
        _primary_container(template.k8s_pod)["env"] = pairs
        return
    container = _container(template)
    del container.env[:]
    for key, value in env_vars.items():
        container.env.add(key=key, value=value)


def _container(template: Any) -> Any:
    if template.WhichOneof("target") != "container":
        raise RemoteTaskUsageError(
            f"Task {template.id.name!r} runs in no container, so it has neither resources nor "
            "environment variables to override."
        )
    return template.container


def _primary_container(pod: Any) -> struct_pb2.Struct:
    containers = pod.pod_spec.fields["containers"].list_value.values
    primary = pod.primary_container_name
    for container in containers:
        if container.struct_value.fields["name"].string_value == primary:
            return container.struct_value
    raise RemoteTaskUsageError(f"The pod template has no container {primary!r}.")


def _pod_names(amounts: Mapping[str, str]) -> dict[str, str]:
    return {_POD_RESOURCES.get(name, name): amount for name, amount in amounts.items()}

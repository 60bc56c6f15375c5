"""Calls to a platform over grpcio, as short as tests want them.

Tasks here are shell commands instead of the SDK's entry point: the platform runs whatever command
a task names, and a shell starts a hundred times faster than the SDK.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from flyteidl2.actions import actions_service_pb2, actions_service_pb2_grpc
from flyteidl2.common import list_pb2, phase_pb2
from flyteidl2.common.identifier_pb2 import ActionIdentifier, ProjectIdentifier, RunIdentifier
from flyteidl2.core import security_pb2
from flyteidl2.core.tasks_pb2 import Container, TaskTemplate
from flyteidl2.core.types_pb2 import SimpleType
from flyteidl2.dataproxy import dataproxy_service_pb2, dataproxy_service_pb2_grpc
from flyteidl2.logs.dataplane.payload_pb2 import LogLine
from flyteidl2.project import project_service_pb2_grpc
from flyteidl2.secret import definition_pb2, payload_pb2, secret_pb2_grpc
from flyteidl2.task import task_service_pb2_grpc
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.trigger import trigger_service_pb2_grpc
from flyteidl2.workflow import run_service_pb2, run_service_pb2_grpc
from flyteidl2.workflow.run_definition_pb2 import ActionDetails

PROJECT, DOMAIN = "flytesnacks", "development"
TERMINAL = {
    phase_pb2.ACTION_PHASE_SUCCEEDED,
    phase_pb2.ACTION_PHASE_FAILED,
    phase_pb2.ACTION_PHASE_ABORTED,
    phase_pb2.ACTION_PHASE_TIMED_OUT,
}
PATIENCE_S = 60.0


def phase_name(phase: int) -> str:
    return phase_pb2.ActionPhase.Name(phase).removeprefix("ACTION_PHASE_")


def shell_spec(script: str, *, name: str = "shell", **metadata: Any) -> TaskSpec:
    """A task that is a shell script. `metadata` sets fields of TaskMetadata."""
    template = TaskTemplate(container=Container(args=["/bin/sh", "-c", script]), type="python")
    template.id.name, template.id.version = f"tests.{name}", "v1"
    template.id.project, template.id.domain = PROJECT, DOMAIN
    retries = metadata.pop("retries", 0)
    template.metadata.retries.retries = retries
    for field, seconds in metadata.items():
        if field == "timeout_s":
            template.metadata.timeout.FromNanoseconds(int(seconds * 1e9))
        else:
            getattr(template.metadata.timeouts, field).FromNanoseconds(int(seconds * 1e9))
    return TaskSpec(task_template=template, short_name=name)


def asks_for_secret(spec: TaskSpec, key: str) -> TaskSpec:
    """The spec, with a secret in the task's environment."""
    wanted = security_pb2.Secret(key=key, mount_requirement=security_pb2.Secret.ENV_VAR)
    spec.task_template.security_context.secrets.append(wanted)
    return spec


def wait_for(condition: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
    """Returns the first true value of `condition`. AssertionError after the time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} did not happen in {timeout_s} s")


class Calls:
    """Stubs and shortcuts over one channel."""

    def __init__(self, endpoint: str) -> None:
        self.channel = grpc.insecure_channel(endpoint)
        self.runs = run_service_pb2_grpc.RunServiceStub(self.channel)
        self.actions = actions_service_pb2_grpc.ActionsServiceStub(self.channel)
        self.data = dataproxy_service_pb2_grpc.DataProxyServiceStub(self.channel)
        self.projects = project_service_pb2_grpc.ProjectServiceStub(self.channel)
        self.tasks = task_service_pb2_grpc.TaskServiceStub(self.channel)
        self.secrets = secret_pb2_grpc.SecretServiceStub(self.channel)
        self.triggers = trigger_service_pb2_grpc.TriggerServiceStub(self.channel)

    def close(self) -> None:
        self.channel.close()

    def start(self, script: str, *, name: str = "", **metadata: Any) -> RunIdentifier:
        """Starts a run of a shell script."""
        return self.start_spec(shell_spec(script, **metadata), name=name)

    def start_spec(self, spec: TaskSpec, *, name: str = "", **request: Any) -> RunIdentifier:
        """Starts a run of a task spec."""
        asked = run_service_pb2.CreateRunRequest(task_spec=spec, **request)
        if name:
            asked.run_id.CopyFrom(RunIdentifier(project=PROJECT, domain=DOMAIN, name=name))
        else:
            asked.project_id.CopyFrom(ProjectIdentifier(name=PROJECT, domain=DOMAIN))
        return self.runs.CreateRun(asked).run.action.id.run

    def enqueue(
        self, run: RunIdentifier, child: str, script: str, *, parent: str = "a0", **metadata: Any
    ) -> ActionIdentifier:
        """What a parent's process does to start a child."""
        action = actions_service_pb2.Action(
            action_id=action_id(run, child),
            parent_action_name=parent,
            input_uri="/nowhere/inputs.pb",
        )
        action.task.spec.CopyFrom(shell_spec(script, name=child, **metadata))
        self.actions.Enqueue(actions_service_pb2.EnqueueRequest(action=action))
        return action.action_id

    def enqueue_condition(self, run: RunIdentifier, name: str, *, timeout_s: float = 0) -> None:
        """A condition that waits for an integer."""
        action = actions_service_pb2.Action(
            action_id=action_id(run, name), parent_action_name="a0", input_uri="/nowhere"
        )
        action.condition.name = name
        action.condition.type.simple = SimpleType.INTEGER
        if timeout_s:
            action.condition.timeout.FromNanoseconds(int(timeout_s * 1e9))
        self.actions.Enqueue(actions_service_pb2.EnqueueRequest(action=action))

    def signal(self, run: RunIdentifier, name: str, **value: Any) -> None:
        """Signals a condition; the keyword is a field of EventPayload."""
        payload = run_service_pb2.EventPayload(**value)
        self.runs.SignalEvent(
            run_service_pb2.SignalEventRequest(action_id=action_id(run, name), payload=payload)
        )

    def details(self, run: RunIdentifier, action: str = "a0") -> ActionDetails:
        request = run_service_pb2.GetActionDetailsRequest(action_id=action_id(run, action))
        return self.runs.GetActionDetails(request).details

    def phase(self, run: RunIdentifier, action: str = "a0") -> str:
        return phase_name(self.details(run, action).status.phase)

    def wait(self, run: RunIdentifier, action: str = "a0") -> ActionDetails:
        """The details of an action when it is terminal."""
        request = run_service_pb2.WatchActionDetailsRequest(action_id=action_id(run, action))
        last = None
        for message in self.runs.WatchActionDetails(request, timeout=PATIENCE_S):
            last = message.details
        assert last is not None
        assert last.status.phase in TERMINAL
        return last

    def wait_phase(self, run: RunIdentifier, phase: str, action: str = "a0") -> None:
        wait_for(lambda: self.phase(run, action) == phase, f"{action} in phase {phase}")

    def tail(self, run: RunIdentifier, action: str = "a0", attempt: int = 1) -> list[LogLine]:
        """All log lines of an attempt, when it is over."""
        return [line for batch in self.tail_batches(run, action, attempt) for line in batch]

    def tail_batches(
        self, run: RunIdentifier, action: str = "a0", attempt: int = 1
    ) -> Iterator[list[LogLine]]:
        """Log lines as they come, without the empty first message."""
        request = dataproxy_service_pb2.TailLogsRequest(
            action_id=action_id(run, action), attempt=attempt
        )
        for message in self.data.TailLogs(request, timeout=PATIENCE_S):
            for logs in message.logs:
                yield list(logs.lines)

    def text(self, run: RunIdentifier, action: str = "a0", attempt: int = 1) -> str:
        return "".join(line.message for line in self.tail(run, action, attempt))

    def abort(self, run: RunIdentifier, reason: str = "") -> None:
        self.runs.AbortRun(run_service_pb2.AbortRunRequest(run_id=run, reason=reason))

    def create_secret(self, name: str, value: str, *, project: str = "", domain: str = "") -> None:
        """A secret of a project and domain, or of everyone."""
        identifier = definition_pb2.SecretIdentifier(name=name, project=project, domain=domain)
        spec = definition_pb2.SecretSpec(binary_value=value.encode())
        request = payload_pb2.CreateSecretRequest(id=identifier, secret_spec=spec)
        self.secrets.CreateSecret(request)

    def list_runs(self, **request: Any) -> run_service_pb2.ListRunsResponse:
        """ListRuns in the project; keywords are fields of common.ListRequest."""
        scope = ProjectIdentifier(name=PROJECT, domain=DOMAIN)
        listing = list_pb2.ListRequest(**request)
        asked = run_service_pb2.ListRunsRequest(project_id=scope, request=listing)
        return self.runs.ListRuns(asked)


class Watch:
    """Collects the messages of a stream in a thread."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.messages: list[Any] = []
        self.error: grpc.RpcError | None = None
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for message in self.call:
                self.messages.append(message)
        except grpc.RpcError as error:
            self.error = error
        finally:
            self.ended.set()

    def wait(self, condition: Callable[[list[Any]], Any], what: str = "the message") -> Any:
        return wait_for(lambda: condition(list(self.messages)), what)

    def wait_end(self) -> None:
        assert self.ended.wait(PATIENCE_S), "the stream did not end"

    def cancel(self) -> None:
        self.call.cancel()
        self.ended.wait(PATIENCE_S)


def action_id(run: RunIdentifier, name: str) -> ActionIdentifier:
    return ActionIdentifier(run=run, name=name)

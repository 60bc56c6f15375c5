"""The Remote Platform API of Flyte 2 as an async client library.

    import remote_client as remote

    remote.init("localhost:8090", insecure=True, project="flytesnacks", domain="development")
    for run in remote.Run.listall(limit=5):
        print(run.name, run.phase)

Every call blocks in a plain thread, can be awaited inside a running event loop, and has `.aio`.
"""

from __future__ import annotations

import os

# gRPC's core writes to the error stream when a connection is lost, which our streams survive. It
# reads this when it is imported.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

from remote_client._action import Action
from remote_client._action_details import ActionDetails
from remote_client._action_io import ActionInputs, ActionOutputs
from remote_client._app import App, AppCondition
from remote_client._attempt import AbortInfo, Attempt, ClusterEvent, ErrorInfo, PhaseTransitionInfo
from remote_client._client.auth import (
    AccessTokenNotFoundError,
    AuthenticationError,
    AuthenticationPending,
    AuthOptions,
)
from remote_client._client.config import ConfigError
from remote_client._client.controlplane import ClientSet, Console
from remote_client._client.endpoint import EndpointError
from remote_client._condition import Condition
from remote_client._filters import FieldFilter, SortBy, TimeFilter
from remote_client._init import init, init_from_api_key, init_from_config
from remote_client._json import ToJSONMixin
from remote_client._launch import RunOptions
from remote_client._lazy_task import LazyEntity
from remote_client._listing import Page
from remote_client._local_task import task
from remote_client._log_line import LogLine
from remote_client._logs import AsyncLogViewer, Logs
from remote_client._phase import ActionPhase
from remote_client._project import Domain, Project
from remote_client._rerun import rerun
from remote_client._resources import Resources
from remote_client._retry_strategy import Backoff, RetryStrategy, Timeout
from remote_client._run import Run
from remote_client._run_details import RunDetails
from remote_client._schedule import Cron, FixedRate
from remote_client._secret import Secret as RemoteSecret
from remote_client._secret_request import Secret, SecretRequest
from remote_client._settings import Setting, SettingLevel, SettingsLevels
from remote_client._task import Task
from remote_client._task_details import TaskDetails
from remote_client._task_query import TaskVersion
from remote_client._trigger import Trigger, TriggerDetails, TriggerRevision
from remote_client._user import User
from remote_client._values import Interface, RenderedValue
from remote_client._watch import StreamState
from remote_client.errors import RemoteError

__all__ = [
    "AbortInfo",
    "AccessTokenNotFoundError",
    "Action",
    "ActionDetails",
    "ActionInputs",
    "ActionOutputs",
    "ActionPhase",
    "App",
    "AppCondition",
    "AsyncLogViewer",
    "Attempt",
    "AuthOptions",
    "AuthenticationError",
    "AuthenticationPending",
    "Backoff",
    "ClientSet",
    "ClusterEvent",
    "Condition",
    "ConfigError",
    "Console",
    "Cron",
    "Domain",
    "EndpointError",
    "ErrorInfo",
    "FieldFilter",
    "FixedRate",
    "Interface",
    "LazyEntity",
    "LogLine",
    "Logs",
    "Page",
    "PhaseTransitionInfo",
    "Project",
    "RemoteError",
    "RemoteSecret",
    "RenderedValue",
    "Resources",
    "RetryStrategy",
    "Run",
    "RunDetails",
    "RunOptions",
    "Secret",
    "SecretRequest",
    "Setting",
    "SettingLevel",
    "SettingsLevels",
    "SortBy",
    "StreamState",
    "Task",
    "TaskDetails",
    "TaskVersion",
    "TimeFilter",
    "Timeout",
    "ToJSONMixin",
    "Trigger",
    "TriggerDetails",
    "TriggerRevision",
    "User",
    "init",
    "init_from_api_key",
    "init_from_config",
    "rerun",
    "task",
]

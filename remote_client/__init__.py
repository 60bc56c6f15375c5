"""The Remote Platform API of Flyte 2 as an async client library.

    import remote_client as remote

    remote.init("localhost:8090", insecure=True, project="flytesnacks", domain="development")
    for run in remote.Run.listall(limit=5):
        print(run.name, run.phase)

Every call blocks in a plain thread, can be awaited inside a running event loop, and has `.aio`.
"""

from __future__ import annotations

from remote_client._action import Action
from remote_client._action_details import ActionDetails
from remote_client._action_io import ActionInputs, ActionOutputs
from remote_client._attempt import (
    AbortInfo,
    Attempt,
    ClusterEvent,
    ErrorInfo,
    PhaseTransitionInfo,
)
from remote_client._client.controlplane import ClientSet, Console
from remote_client._filters import TimeFilter
from remote_client._init import init
from remote_client._json import ToJSONMixin
from remote_client._listing import Page
from remote_client._log_line import LogLine
from remote_client._logs import Logs
from remote_client._phase import ActionPhase
from remote_client._project import Domain, Project
from remote_client._run import Run
from remote_client._run_details import RunDetails
from remote_client._values import Interface, RenderedValue
from remote_client._watch import StreamState
from remote_client.errors import RemoteError

__all__ = [
    "AbortInfo",
    "Action",
    "ActionDetails",
    "ActionInputs",
    "ActionOutputs",
    "ActionPhase",
    "Attempt",
    "ClientSet",
    "ClusterEvent",
    "Console",
    "Domain",
    "ErrorInfo",
    "Interface",
    "LogLine",
    "Logs",
    "Page",
    "PhaseTransitionInfo",
    "Project",
    "RemoteError",
    "RenderedValue",
    "Run",
    "RunDetails",
    "StreamState",
    "TimeFilter",
    "ToJSONMixin",
    "init",
]

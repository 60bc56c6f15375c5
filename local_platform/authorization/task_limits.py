"""What the token of a task's process may be used for: its own run, and looking tasks up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flyteidl2.common.identifier_pb2 import RunIdentifier

from local_platform.store.records import ActionKey

_RunOf = Callable[[Any], RunIdentifier]
_ACTIONS = "flyteidl2.actions.ActionsService"
_RUNS = "flyteidl2.workflow.RunService"
_DATA = "flyteidl2.dataproxy.DataProxyService"
_TASKS = "flyteidl2.task.TaskService"


def _by_run(request: Any) -> RunIdentifier:
    return request.run_id


def _by_action(request: Any) -> RunIdentifier:
    return request.action_id.run


# How each RPC that a task may call names the run that it is about.
_RUN_OF: dict[str, _RunOf] = {
    f"{_ACTIONS}/Enqueue": lambda request: request.action.action_id.run,
    f"{_ACTIONS}/WatchForUpdates": lambda request: request.parent_action_id.run,
    f"{_RUNS}/WatchClusterEvents": lambda request: request.id.run,
    f"{_DATA}/CreateDownloadLink": lambda request: request.action_attempt_id.action_id.run,
    **dict.fromkeys((f"{_ACTIONS}/{name}" for name in ("Update", "Abort", "Signal")), _by_action),
    **dict.fromkeys(
        (
            f"{_RUNS}/{name}"
            for name in (
                "AbortRun",
                "GetRunDetails",
                "WatchRunDetails",
                "ListActions",
                "WatchActions",
            )
        ),
        _by_run,
    ),
    **dict.fromkeys(
        (
            f"{_RUNS}/{name}"
            for name in (
                "GetActionDetails",
                "WatchActionDetails",
                "GetActionData",
                "GetActionDataURIs",
                "AbortAction",
                "SignalEvent",
            )
        ),
        _by_action,
    ),
    **dict.fromkeys((f"{_DATA}/{name}" for name in ("GetActionData", "TailLogs")), _by_action),
}
# A task may call tasks that were deployed by others, and asks where and who it is.
_ABOUT_NO_RUN = frozenset(
    {
        f"{_TASKS}/GetTaskDetails",
        f"{_TASKS}/ListTasks",
        f"{_TASKS}/ListVersions",
        "flyteidl2.auth.IdentityService/UserInfo",
        "flyteidl2.cluster.ClusterService/SelectCluster",
    }
)


def refusal(rpc: str, request: Any, action: ActionKey) -> str:
    """Why a process of `action` may not make this call; "" when it may.

    `rpc` is `package.Service/Method`, `request` its message.
    """
    if rpc in _ABOUT_NO_RUN:
        return ""
    run_of = _RUN_OF.get(rpc)
    if run_of is None:
        return f"the token of a running task is not for {rpc.rpartition('.')[2]}"
    run = run_of(request)
    if (run.project, run.domain, run.name) != tuple(action.run_key):
        return f"the token of a task of {action.run} is not for other runs"
    return ""

"""RunService's unary calls as the backend answers them."""

import secrets
import string
from typing import Any

import grpc
from flyteidl2.workflow import run_definition_pb2, run_service_pb2

from tests.quirks import messages
from tests.quirks.listing import ACTIONS, Refused, invalid, page
from tests.quirks.rows import CONDITION, PAUSED, SUCCEEDED, ActionKey, ActionRow, RunKey
from tests.quirks.world import ROOT, World

_LETTERS = string.ascii_lowercase + string.digits


def run_key(identifier: Any) -> RunKey:
    """The run asked for; the org is ignored. A missing identifier panics the server."""
    if not (identifier.project and identifier.domain and identifier.name):
        raise Refused(grpc.StatusCode.UNAVAILABLE, "connection reset: nil pointer dereference")
    return RunKey(identifier.project, identifier.domain, identifier.name)


def action_key(identifier: Any) -> ActionKey:
    """The action asked for."""
    if not identifier.name:
        raise Refused(grpc.StatusCode.UNAVAILABLE, "connection reset: nil pointer dereference")
    return ActionKey(run_key(identifier.run), identifier.name)


def not_found(what: str) -> Refused:
    return Refused(grpc.StatusCode.NOT_FOUND, f"{what} not found")


class RunCalls:
    """CreateRun, details, lists and aborts."""

    def __init__(self, world: World) -> None:
        self._world = world

    def row(self, key: ActionKey) -> ActionRow:
        """The action's row; NOT_FOUND when there is none."""
        if key not in self._world.actions:
            raise not_found(f"action [{key.name}]")
        return self._world.actions[key]

    async def CreateRun(self, request: Any) -> Any:
        """A name that exists is not refused: the run of that name is the answer."""
        scope, name = self._new_run(request)
        if scope.project not in self._world.projects:
            raise not_found(f'project "{scope.project}"')
        key = ActionKey(RunKey(scope.project, scope.domain, name), ROOT)
        if key not in self._world.actions:
            self._insert(request, scope.project, name)
        return run_service_pb2.CreateRunResponse(run=messages.run(self.row(key)))

    def _insert(self, request: Any, project: str, name: str) -> None:
        task = request.task_id
        if task.name and (task.project, task.domain, task.name, task.version) not in (
            self._world.tasks
        ):
            raise Refused(grpc.StatusCode.UNKNOWN, f"failed to get task [{task.name}]")
        inputs = self._world.uploads.get(request.offloaded_input_data.uri, request.inputs)
        name_of_task = task.name or request.task_spec.task_template.id.name
        self._world.add_run(name, name_of_task, project=project, inputs=inputs)

    def _new_run(self, request: Any) -> tuple[RunKey, str]:
        if request.WhichOneof("id") == "run_id":
            key = run_key(request.run_id)
            if len(key.name) > 30:
                raise invalid("run name is longer than 30 characters")
            return key, key.name
        if request.WhichOneof("id") != "project_id":
            raise Refused(grpc.StatusCode.UNAVAILABLE, "connection reset: nil pointer dereference")
        name = "r" + "".join(secrets.choice(_LETTERS) for _ in range(19))
        scope = request.project_id
        return RunKey(scope.name, scope.domain, name), name

    async def GetRunDetails(self, request: Any) -> Any:
        """The root's error is not told here, only by GetActionDetails."""
        key = run_key(request.run_id)
        if ActionKey(key, ROOT) not in self._world.actions:
            raise not_found(f"run [{key.name}]")
        row = self._world.actions[ActionKey(key, ROOT)]
        asked = run_service_pb2.GetActionDetailsRequest(
            action_id={"run": request.run_id, "name": ROOT}
        )
        details = run_definition_pb2.RunDetails(action=messages.details(row, asked.action_id))
        details.action.ClearField("error_info")
        return run_service_pb2.GetRunDetailsResponse(details=details)

    async def GetActionDetails(self, request: Any) -> Any:
        row = self.row(action_key(request.action_id))
        details = messages.details(row, request.action_id)
        return run_service_pb2.GetActionDetailsResponse(details=details)

    async def ListRuns(self, request: Any) -> Any:
        rows = [row for row in self._world.roots() if _in_scope(row, request)]
        if request.paused_actions_only:
            rows = [row for row in rows if row.phase == PAUSED]
        chosen, token = page(request.request, rows, ACTIONS, messages.cell)
        runs = [messages.run(row) for row in chosen]
        return run_service_pb2.ListRunsResponse(runs=runs, token=token)

    async def ListActions(self, request: Any) -> Any:
        """An unknown run has no actions, which is no error."""
        rows = self._world.rows(run_key(request.run_id))
        chosen, token = page(request.request, rows, ACTIONS, messages.cell)
        actions = [messages.bare_action(row) for row in chosen]
        return run_service_pb2.ListActionsResponse(actions=actions, token=token)

    async def SignalEvent(self, request: Any) -> Any:
        """The same answer again is fine, another one is refused."""
        row = self.row(action_key(request.action_id))
        if row.kind != CONDITION or row.phase not in (PAUSED, SUCCEEDED):
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "not a condition that waits")
        if request.payload.WhichOneof("value") != "string_value":
            raise invalid("the condition takes a string")
        given = request.payload.string_value
        if row.phase == PAUSED:
            self._world.signal(row.key.run, row.name, given)
        elif row.outputs.literals[0].value.scalar.primitive.string_value != given:
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "already signalled")
        return run_service_pb2.SignalEventResponse()

    async def AbortRun(self, request: Any) -> Any:
        """No guard: a run that has ended becomes ABORTED too."""
        key = ActionKey(run_key(request.run_id), ROOT)
        self.row(key)
        self._world.abort(key, request.reason)
        return run_service_pb2.AbortRunResponse()

    async def AbortAction(self, request: Any) -> Any:
        key = action_key(request.action_id)
        self.row(key)
        self._world.abort(key, request.reason)
        return run_service_pb2.AbortActionResponse()


def _in_scope(row: ActionRow, request: Any) -> bool:
    match request.WhichOneof("scope_by"):
        case "org":
            return True
        case "project_id":
            project = request.project_id
            return (row.project, row.domain) == (project.name, project.domain)
        case "task_name":
            task = request.task_name
            asked = (task.project, task.domain, task.name)
            return (row.project, row.domain, row.task_name) == asked
        case "task_id":
            task = request.task_id
            asked = (task.project, task.domain, task.name, task.version)
            return (row.project, row.domain, row.task_name, row.task_version) == asked
        case "trigger_name":
            return False
        case _:
            raise invalid("scope_by is required")

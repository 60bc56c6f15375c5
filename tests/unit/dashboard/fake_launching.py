"""Tasks of the fake platform, and what was launched, run again or uploaded on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flyteidl2.core import interface_pb2, types_pb2
from flyteidl2.task import common_pb2, run_pb2, task_definition_pb2
from flyteidl2.workflow import run_definition_pb2

from dashboard.pages import Scope
from remote_client import (
    ActionDetails,
    ActionInputs,
    Page,
    RunDetails,
    RunOptions,
    Task,
    TaskDetails,
    TaskVersion,
)
from remote_client._scope import Scope as ClientScope
from remote_client._values import from_python
from remote_client.errors import AlreadyExists, NotFound, RemoteTaskNotFoundError
from tests.unit.dashboard import things

WITHIN = ClientScope(project="shop", domain="development")
INT = types_pb2.LiteralType(simple=types_pb2.INTEGER)
STR = types_pb2.LiteralType(simple=types_pb2.STRING)


def list_of(member: Any) -> Any:
    return types_pb2.LiteralType(collection_type=member)


def map_of(member: Any) -> Any:
    return types_pb2.LiteralType(map_value_type=member)


def union_of(*variants: Any) -> Any:
    return types_pb2.LiteralType(union_type=types_pb2.UnionType(variants=variants))


def interface(types: Mapping[str, Any]) -> Any:
    entries = [
        interface_pb2.VariableEntry(key=key, value=interface_pb2.Variable(type=of))
        for key, of in types.items()
    ]
    return interface_pb2.TypedInterface(inputs=interface_pb2.VariableMap(variables=entries))


def task_message(
    types: Mapping[str, Any],
    defaults: Mapping[str, Any] | None = None,
    *,
    name: str = "env.load",
    version: str = "v1",
) -> Any:
    """A TaskDetails message; `defaults` are Python values by input."""
    message = task_definition_pb2.TaskDetails()
    message.task_id.project, message.task_id.domain = "shop", "development"
    message.task_id.name, message.task_id.version = name, version
    message.metadata.deployed_at.FromDatetime(things.at(0))
    message.spec.environment.name = name.partition(".")[0]
    message.spec.task_template.interface.CopyFrom(interface(types))
    for key, value in (defaults or {}).items():
        message.spec.default_inputs.append(
            common_pb2.NamedParameter(
                name=key,
                parameter={"var": {"type": types[key]}, "default": from_python(value, types[key])},
            )
        )
    return message


def task(types: Mapping[str, Any], defaults: Mapping[str, Any] | None = None, **more: Any) -> Any:
    return TaskDetails(task_message(types, defaults, **more), None, WITHIN)  # type: ignore[arg-type]


class FakeLaunching:
    """Tables that a test fills: `tasks_there` by name, newest version last."""

    details_there: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self.tasks_there: dict[str, list[TaskDetails]] = {}
        self.task_questions: list[dict[str, Any]] = []
        self.launched: list[tuple[TaskDetails, dict[str, Any], RunOptions]] = []
        self.rerun_changes: list[tuple[str, str, dict[str, Any], RunOptions]] = []
        self.run_specs: dict[str, Any] = {}
        self.given: dict[str, Any] = {}
        self.recovered: list[str] = []
        self.taken_names: set[str] = set()
        self.uploads: list[tuple[str, bytes]] = []
        self.launch_error: Exception | None = None

    def add_task(
        self, types: Mapping[str, Any], defaults: Mapping[str, Any] | None = None, **more: Any
    ) -> TaskDetails:
        made: TaskDetails = task(types, defaults, **more)
        self.tasks_there.setdefault(made.name, []).append(made)
        return made

    def add_run(self, types: Mapping[str, Any], given: Mapping[str, Any], spec: Any = None) -> None:
        """A run `r1` whose root action was given these values."""
        details = things.details("a0", "failed")
        message = details._pb
        message.task.CopyFrom(task_message(types).spec)
        self.details_there["a0"] = ActionDetails(message, None, WITHIN)  # type: ignore[arg-type]
        self.run_specs["r1"] = spec or run_pb2.RunSpec()
        self.given = {key: from_python(value, types[key]) for key, value in given.items()}

    async def tasks_page(self, scope: Scope, **question: Any) -> Page[Task]:
        self.task_questions.append(question)
        found = [versions[-1] for versions in self.tasks_there.values()]
        return Page([_listed(each) for each in found if question["text"] in each.name], "")

    async def task(self, scope: Scope, name: str, version: str = "") -> TaskDetails:
        for each in reversed(self.tasks_there.get(name, [])):
            if version in ("", each.version):
                return each
        raise RemoteTaskNotFoundError(f"There is no task {name!r}.")

    async def newest_version(self, scope: Scope, name: str) -> str:
        return (await self.task(scope, name)).version

    async def versions_page(
        self, scope: Scope, name: str, *, token: str, limit: int
    ) -> Page[TaskVersion]:
        newest_first = reversed(self.tasks_there.get(name, []))
        found = [TaskVersion(each.version, things.at(0), "ana") for each in newest_first]
        start = int(token or 0)
        more = str(start + limit) if len(found) > start + limit else ""
        return Page(found[start : start + limit], more)

    async def runs_of_task(self, scope: Scope, name: str, limit: int) -> list[Any]:
        runs = [things.run("ok", "succeeded", start=10, end=14), things.run("bad", "failed")]
        return runs if name in self.tasks_there else []

    async def launch(
        self, task: TaskDetails, inputs: Mapping[str, Any], options: RunOptions
    ) -> Any:
        if self.launch_error is not None:
            raise self.launch_error
        if options.name in self.taken_names:
            raise AlreadyExists(f"Run {options.name} exists.")
        self.launched.append((task, dict(inputs), options))
        return things.run(options.name or "r-new")

    async def run_details(self, scope: Scope, name: str) -> RunDetails:
        if name not in self.run_specs:
            raise NotFound(f"There is no run {name!r}.")
        message = run_definition_pb2.RunDetails(run_spec=self.run_specs[name])
        message.action.id.run.name, message.action.id.name = name, "a0"
        return RunDetails(message, None, WITHIN)  # type: ignore[arg-type]

    async def given_inputs(self, action: Any) -> ActionInputs:
        literals = [
            common_pb2.NamedLiteral(name=name, value=value) for name, value in self.given.items()
        ]
        return ActionInputs(common_pb2.Inputs(literals=literals))

    async def rerun_changed(
        self,
        scope: Scope,
        run: str,
        action: str,
        inputs: Mapping[str, Any],
        options: RunOptions,
        *,
        recover: bool = False,
    ) -> Any:
        self.rerun_changes.append((run, action, dict(inputs), options))
        self.recovered += [run] if recover else []
        return things.run(f"{run}-changed")

    async def is_free(self, scope: Scope, name: str) -> bool:
        return name not in self.taken_names

    async def upload(self, scope: Scope, file: Any, name: str, folder: str = "") -> str:
        self.uploads.append((name, file.read()))
        return f"s3://bucket/{folder or 'content'}/{name}"


def _listed(details: TaskDetails) -> Task:
    message = task_definition_pb2.Task(task_id=details._pb.task_id, metadata=details._pb.metadata)
    message.metadata.environment_name = details.environment_name
    return Task(message, None, WITHIN)  # type: ignore[arg-type]

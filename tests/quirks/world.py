"""The world that a quirks server shows: projects, tasks, runs, pods, and what happens to them.

Its verbs do what the backend's executor does, with the same gaps: see each one's docstring.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flyteidl2.project import project_service_pb2
from flyteidl2.task import common_pb2, task_definition_pb2
from flyteidl2.workflow import run_definition_pb2

from tests.quirks.changes import Changes
from tests.quirks.rows import (
    ABORTED,
    FAILED,
    INITIALIZING,
    PAUSED,
    QUEUED,
    RUNNING,
    SUCCEEDED,
    TASK,
    TERMINAL,
    TIMED_OUT,
    WAITING,
    ActionKey,
    ActionRow,
    Event,
    Pod,
    RunKey,
)

PROJECT, DOMAIN = "flytesnacks", "development"
ROOT = "a0"
DOMAINS = ("development", "staging", "production")


class World:
    """Everything in the backend's database and cluster. Times have whole seconds."""

    def __init__(self, buffer: int = 100) -> None:
        self.changes = Changes(buffer)
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.projects: dict[str, Any] = {}
        self.tasks: dict[tuple[str, ...], Any] = {}
        self.actions: dict[ActionKey, ActionRow] = {}
        self.pods: dict[tuple[ActionKey, int], Pod] = {}
        self.uploads: dict[str, Any] = {}
        self.secrets: dict[tuple[str, str, str], datetime] = {}
        self.add_project(PROJECT)

    def tick(self, seconds: int = 1) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def add_project(self, name: str, state: int = 0, description: str = "") -> None:
        """A project with the three domains that the backend is configured with."""
        self.projects[name] = project_service_pb2.Project(
            id=name,
            name=name,
            description=description,
            state=state,
            domains=[project_service_pb2.Domain(id=d, name=d.title()) for d in DOMAINS],
        )

    def add_task(self, name: str, version: str = "v1", spec: Any = None) -> None:
        """A deployed task; a second later than the one before, so that the newest is known."""
        self.tick()
        details = task_definition_pb2.TaskDetails(spec=spec)
        details.metadata.deployed_at.FromDatetime(self.now)
        details.metadata.short_name = name.rpartition(".")[2]
        self.tasks[PROJECT, DOMAIN, name, version] = details

    def add_run(
        self, name: str, task: str = "demo.main", *, project: str = PROJECT, **fields: Any
    ) -> RunKey:
        """A queued run, a second younger than the one before. Watches are not told of it."""
        self.tick()
        run = RunKey(project, DOMAIN, name)
        self._insert(run, ROOT, "", task, **fields)
        return run

    def add_action(
        self, run: RunKey, name: str, parent: str = ROOT, *, task: str = "demo.child", **fields: Any
    ) -> None:
        """A child appears, which makes its parent RUNNING."""
        self._insert(run, name, parent, task, **fields)
        self._notify(ActionKey(run, name))
        above = self.actions.get(ActionKey(run, parent))
        if above is not None and above.phase < RUNNING:
            self.report(run, RUNNING, parent)

    def _insert(self, run: RunKey, name: str, parent: str, task: str, **fields: Any) -> None:
        key = ActionKey(run, name)
        version = fields.pop("version", "v1")
        row = ActionRow(key, parent, task, version, self.now, self.now, **fields)
        row.events.append(Event(1, row.phase, self.now))
        self.actions[key] = row

    def report(
        self,
        run: RunKey,
        phase: int,
        name: str = ROOT,
        *,
        attempt: int | None = None,
        error: str = "",
        outputs: dict[str, Any] | None = None,
    ) -> None:
        """An event of the executor: the row follows it where the backend's guard allows.

        WAITING_FOR_RESOURCES is an event only, the row stays QUEUED; an attempt that has not come
        to RUNNING leaves the row on the attempt before it.
        """
        row = self.actions[ActionKey(run, name)]
        attempt = attempt or max((event.attempt for event in row.events), default=1)
        info = run_definition_pb2.ErrorInfo(message=error, kind=1, code="USER") if error else None
        has_log = RUNNING <= phase <= FAILED
        row.events.append(Event(attempt, phase, self.now, info, has_log))
        if phase == SUCCEEDED and outputs is not None:
            row.outputs = named_literals(common_pb2.Outputs, outputs)
        if phase != WAITING and (attempt == row.attempts or phase >= RUNNING):
            self._write(row, phase, attempt)
        self._notify(row.key)

    def run_ahead(self, run: RunKey, phase: int, name: str = ROOT) -> None:
        """The row has the phase before its event is there, as it is for a moment in the backend."""
        row = self.actions[ActionKey(run, name)]
        self._write(row, phase, row.attempts)
        self._notify(row.key)

    def cluster_event(self, run: RunKey, text: str, name: str = ROOT) -> None:
        """The cluster reports something about the present attempt."""
        row = self.actions[ActionKey(run, name)]
        row.cluster_events.append((row.attempts, self.now, text))
        self._notify(row.key)

    def signal(self, run: RunKey, name: str, value: Any) -> None:
        """A person answers a condition."""
        row = self.actions[ActionKey(run, name)]
        row.outputs = named_literals(common_pb2.Outputs, {"o0": value})
        self.report(run, SUCCEEDED, name)

    def _write(self, row: ActionRow, phase: int, attempt: int) -> None:
        allowed = (
            row.phase <= phase
            or row.phase in (FAILED, TIMED_OUT)
            or (row.phase == PAUSED and phase in TERMINAL)
        )
        if not allowed:
            return
        row.phase, row.attempts, row.updated_at = phase, attempt, self.now
        row.ended_at = self.now if phase in TERMINAL else None

    def start(self, run: RunKey, name: str = ROOT, attempt: int | None = None) -> Pod:
        """From INITIALIZING to RUNNING, with a pod that writes a log."""
        self.report(run, INITIALIZING, name, attempt=attempt)
        self.report(run, RUNNING, name, attempt=attempt)
        row = self.actions[ActionKey(run, name)]
        return self.pods.setdefault((row.key, row.attempts), Pod())

    def fail_attempt(self, run: RunKey, name: str = ROOT) -> None:
        """An attempt fails and is tried again: its pod goes, with its log, and no event says why.

        The next attempt is queued; the row shows the old one until the new one runs.
        """
        row = self.actions[ActionKey(run, name)]
        self.set_pod((row.key, row.attempts), "gone")
        self.tick()
        self.report(run, QUEUED, name, attempt=row.attempts + 1)

    def finish(self, run: RunKey, phase: int = SUCCEEDED, name: str = ROOT, **report: Any) -> None:
        """The pod exits, which ends its log, and then the phase event comes."""
        row = self.actions[ActionKey(run, name)]
        self.set_pod((row.key, row.attempts), "finished")
        self.tick()
        self.report(run, phase, name, **report)

    def abort(self, key: ActionKey, reason: str) -> None:
        """What AbortRun and AbortAction do: this row alone, whatever its phase, and no event."""
        row = self.actions[key]
        row.phase, row.abort_reason = ABORTED, reason or "User requested abort"
        row.updated_at = row.ended_at = self.now
        self._notify(key)

    def cascade(self, run: RunKey) -> None:
        """The cluster follows an abort: pods go, and every action that goes on is ABORTED."""
        for row in self.rows(run):
            if row.phase in TERMINAL and row.key.name != ROOT:
                continue
            self.set_pod((row.key, row.attempts), "gone")
            self.report(run, ABORTED, row.key.name)

    def log(self, run: RunKey, *texts: str, name: str = ROOT, at_ns: int = 0) -> None:
        """Write lines into the log of the action's present attempt, a microsecond apart."""
        row = self.actions[ActionKey(run, name)]
        pod = self.pods[row.key, row.attempts]
        start = int(self.now.timestamp()) * 1_000_000_000
        for text in texts:
            time_ns = at_ns or start + len(pod.lines) * 1_000
            pod.lines.append((time_ns, text))
        pod.changed.notify(None)

    def set_pod(self, key: tuple[ActionKey, int], state: str) -> None:
        """Finish or delete a pod; a log that is being followed ends."""
        if pod := self.pods.get(key):
            pod.state = state
            pod.changed.notify(None)

    def rows(self, run: RunKey) -> list[ActionRow]:
        """The actions of a run by creation."""
        rows = (row for row in self.actions.values() if row.key.run == run)
        return sorted(rows, key=lambda row: (row.created_at, row.name))

    def roots(self) -> list[ActionRow]:
        """The root actions of all runs."""
        return [row for row in self.actions.values() if not row.parent]

    def _notify(self, key: ActionKey) -> None:
        self.changes.notify(key)


def named_literals(kind: Any, values: dict[str, Any]) -> Any:
    """`Inputs` or `Outputs` of plain values (int, str) or of literals."""
    fields = {int: "integer", str: "string_value", bool: "boolean", float: "float_value"}
    message = kind()
    for name, value in values.items():
        named = message.literals.add(name=name)
        if type(value) in fields:
            setattr(named.value.scalar.primitive, fields[type(value)], value)
        else:
            named.value.CopyFrom(value)
    return message


def run_names(runs: Iterable[Any]) -> list[str]:
    """Names of `Run` messages, for assertions."""
    return [run.action.id.run.name for run in runs]


__all__ = ["DOMAIN", "PROJECT", "ROOT", "TASK", "World", "named_literals", "run_names"]

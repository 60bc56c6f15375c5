"""The command line and the environment that a task gets."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from flyteidl2.core.tasks_pb2 import Container, K8sPod, TaskTemplate
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.task.task_definition_pb2 import TaskSpec

from local_platform.executor import Launch
from local_platform.launch import CannotLaunchError, Site, prepare
from local_platform.layout import AttemptFiles
from local_platform.store import RunRecord
from tests.unit.local_platform.records import DOMAIN, PROJECT, action, key

SITE = Site(endpoint="localhost:1234", home=Path("/data/home"))
FILES = AttemptFiles(Path("/data"), key(), 2)


def _prepare(
    *args: str, env: dict[str, str] | None = None, run_env: dict[str, str] | None = None
) -> Launch:
    container = Container(args=args)
    for name, value in (env or {}).items():
        container.env.add(key=name, value=value)
    run_spec = RunSpec()
    for name, value in (run_env or {}).items():
        run_spec.envs.values.add(key=name, value=value)
    return _launch(TaskTemplate(container=container), run_spec)


def _launch(template: TaskTemplate, run_spec: RunSpec | None = None) -> Launch:
    record = action(run_base="/data/runs/r1", input_uri="/data/in/inputs.pb", task_name="t.main")
    started = 1_700_000_000_123_456_789
    run = RunRecord(PROJECT, DOMAIN, "r1", (run_spec or RunSpec()).SerializeToString(), started)
    spec = TaskSpec(task_template=template)
    return prepare(SITE, record, 2, run, spec, {"TOKEN": "secret"}, FILES)


def test_the_runtime_is_run_by_this_interpreter() -> None:
    launch = _prepare("a0", "--inputs", "{{.input}}")
    assert launch.argv[:4] == [sys.executable, "-m", "flyte._bin.runtime", "a0"]


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{{.input}}", "/data/in/inputs.pb"),
        ("{{ .InputPrefix }}", "/data/in"),
        ("{{$outputPrefix}}", "/data/runs/r1/a0/2"),
        ("{{.rawOutputDataPrefix}}", f"/data/raw/{PROJECT}/{DOMAIN}/r1/a0/2"),
        ("{{.checkpointOutputPrefix}}", "/data/runs/r1/a0/2/_flytecheckpoints"),
        ("{{.prevCheckpointPrefix}}", "/data/runs/r1/a0/1/_flytecheckpoints"),
        ("{{.runName}}-{{.actionName}}", "r1-a0"),
        ("{{.runStartTime}}", "2023-11-14T22:13:20.123456+00:00"),
        ("{{.unknown}}", "{{.unknown}}"),
        ("plain", "plain"),
    ],
)
def test_templates_are_filled_in(template: str, filled: str) -> None:
    assert _prepare("run", template).argv == ["run", filled]


def test_nearer_variables_win_and_the_platforms_own_always() -> None:
    launch = _prepare(
        "run",
        env={"A": "task", "B": "task", "RUN_NAME": "wrong"},
        run_env={"B": "run", "HOME": "/root"},
    )
    assert launch.env["A"] == "task"
    assert launch.env["B"] == "run"
    assert launch.env["RUN_NAME"] == "r1"
    assert launch.env["HOME"] == "/data/home"
    assert launch.env["TOKEN"] == "secret"


def test_it_tells_the_runtime_where_it_is() -> None:
    env = _prepare("run").env
    assert env["_U_EP_OVERRIDE"] == "localhost:1234"
    assert env["_U_RUN_BASE"] == "/data/runs/r1"
    assert env["_U_USE_ACTIONS"] == "1"
    assert env["_U_ORG_NAME"]
    assert env["FLYTE_ATTEMPT_NUMBER"] == "1"
    assert env["TMPDIR"] == str(FILES.tmp)
    assert env["PYTHONUNBUFFERED"] == "1"


def test_the_servers_own_secrets_stay_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "of the dashboard")
    monkeypatch.setenv("FLYTE_ENDPOINT", "elsewhere")
    monkeypatch.setenv("LANG", "C.UTF-8")
    env = _prepare("run").env
    assert "SECRET_KEY" not in env
    assert "FLYTE_ENDPOINT" not in env
    assert env["LANG"] == "C.UTF-8"
    assert env["PATH"].startswith(str(Path(sys.executable).parent))


def test_a_pod_template_runs_its_primary_container() -> None:
    pod = K8sPod(primary_container_name="main")
    containers = [
        {"name": "sidecar", "args": ["proxy"]},
        {"name": "main", "args": ["run", "{{.runName}}"], "env": [{"name": "A", "value": "1"}]},
    ]
    pod.pod_spec.update({"containers": containers})
    launch = _launch(TaskTemplate(k8s_pod=pod))
    assert launch.argv == ["run", "r1"]
    assert launch.env["A"] == "1"


def test_a_task_without_a_command_cannot_be_launched() -> None:
    with pytest.raises(CannotLaunchError, match="spark"):
        _launch(TaskTemplate(type="spark"))

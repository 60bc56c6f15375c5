"""The real Flyte SDK and its command line against the local platform."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flyteidl2.common.identifier_pb2 import ActionAttemptIdentifier, RunIdentifier
from flyteidl2.core.catalog_pb2 import CatalogCacheStatus
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.workflow import run_service_pb2
from flyteidl2.workflow.run_definition_pb2 import EnrichedAction

from tests.contract.platform_calls import (
    DOMAIN,
    PROJECT,
    Calls,
    action_id,
    phase_name,
    wait_for,
)
from tests.contract.platform_process import PlatformProcess

pytestmark = pytest.mark.sdk

PROGRAM = Path(__file__).with_name("platform_program.py")
SUBMIT = """
import json, flyte, program
flyte.init_from_config(".flyte/config.yaml")
started = {}
for label, task, inputs in [
    ("asks", program.asks, {}),
    ("catcher", program.catcher, {}),
    ("nested", program.nested, {"n": 2}),
    ("flaky", program.flaky, {}),
    ("crash", program.crash, {}),
    ("files", program.passes_files, {}),
    ("endless", program.endless, {}),
    ("secretive", program.secretive, {}),
    ("reporting", program.reporting, {}),
]:
    started[label] = flyte.run(task, **inputs).name
first = flyte.run(program.costly, x=4)
first.wait(quiet=True)
started["costly"] = first.name
started["costly again"] = flyte.run(program.costly, x=4).name
started["uses costly"] = flyte.run(program.uses_costly, x=4).name
print("STARTED", json.dumps(started))
"""


class Sdk:
    """Commands in a folder with the program, a config and a home of its own."""

    def __init__(self, folder: Path, platform: PlatformProcess) -> None:
        self.folder = folder
        platform.write_config(folder)
        shutil.copy(PROGRAM, folder / "program.py")
        (folder / "home").mkdir()

    def __call__(self, *command: str) -> str:
        """What a command printed, without colours. AssertionError when it fails."""
        env = {"HOME": str(self.folder / "home"), "PATH": os.environ["PATH"]}
        env |= {"NO_COLOR": "1", "COLUMNS": "200", "FLYTE_TELEMETRY_OPT_OUT": "1"}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        printed = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        assert done.returncode == 0, printed
        return printed

    def flyte(self, *arguments: str) -> str:
        return self(str(Path(sys.executable).with_name("flyte")), *arguments)


@pytest.fixture(scope="module")
def sdk(platform: PlatformProcess, tmp_path_factory: pytest.TempPathFactory) -> Sdk:
    return Sdk(tmp_path_factory.mktemp("sdk"), platform)


@pytest.fixture(scope="module")
def calls(platform: PlatformProcess) -> Iterator[Calls]:
    calls = Calls(platform.endpoint)
    yield calls
    calls.close()


@pytest.fixture(scope="module")
def started(sdk: Sdk, calls: Calls) -> dict[str, RunIdentifier]:
    """Runs of the program's tasks, all submitted by one process."""
    calls.create_secret("sdk-token", "twelve chars")
    printed = sdk(sys.executable, "-c", SUBMIT)
    names: dict[str, str] = json.loads(printed.partition("STARTED")[2].splitlines()[0])
    return {
        label: RunIdentifier(project=PROJECT, domain=DOMAIN, name=name)
        for label, name in names.items()
    }


def _output(calls: Calls, run: RunIdentifier) -> Any:
    """The first output of a run, a primitive."""
    request = dataproxy_service_pb2.GetActionDataRequest(action_id=action_id(run, "a0"))
    primitive = calls.data.GetActionData(request).outputs.literals[0].value.scalar.primitive
    return getattr(primitive, primitive.WhichOneof("value"))


def _nodes(calls: Calls, run: RunIdentifier) -> list[EnrichedAction]:
    """All actions of a finished run."""
    request = run_service_pb2.WatchActionsRequest(run_id=run)
    return [
        node for message in calls.runs.WatchActions(request) for node in message.enriched_actions
    ]


def _succeeded(calls: Calls, run: RunIdentifier) -> bool:
    details = calls.wait(run)
    return phase_name(details.status.phase) == "SUCCEEDED"


def test_children_groups_maps_and_traces_make_one_tree(
    calls: Calls, started: dict[str, RunIdentifier]
) -> None:
    run = started["nested"]
    assert _succeeded(calls, run)
    assert _output(calls, run) == (0 + 1) + (0 + 1)
    actions = [node.action for node in _nodes(calls, run)]
    names = sorted(each.metadata.task.short_name or each.metadata.trace.name for each in actions)
    assert names == ["add", "cube", "cube", "middle", "middle", "nested", "square", "square"]
    middles = [each for each in actions if each.metadata.task.short_name == "middle"]
    assert {each.metadata.group for each in middles} == {"squares"}
    squares = [each for each in actions if each.metadata.task.short_name == "square"]
    assert {each.metadata.parent for each in squares} == {each.id.name for each in middles}


def test_an_exception_is_retried_until_it_passes(
    calls: Calls, started: dict[str, RunIdentifier]
) -> None:
    run = started["flaky"]
    details = calls.wait(run)
    assert phase_name(details.status.phase) == "SUCCEEDED"
    messages = [attempt.error_info.message for attempt in details.attempts]
    assert "not on attempt 0" in messages[0]
    assert "not on attempt 1" in messages[1]
    assert details.attempts[0].error_info.code == "RuntimeError"
    assert "attempt 1\n" in calls.text(run, attempt=2)


def test_a_childs_error_reaches_its_parent(calls: Calls, started: dict[str, RunIdentifier]) -> None:
    run = started["catcher"]
    assert _succeeded(calls, run)
    assert _output(calls, run) == "ValueError: broken for good"
    child = next(node.action for node in _nodes(calls, run) if node.action.metadata.parent)
    assert "Traceback" in calls.text(run, child.id.name)


def test_a_process_that_dies_is_a_failure(calls: Calls, started: dict[str, RunIdentifier]) -> None:
    details = calls.wait(started["crash"])
    assert details.error_info.code == "ExitCode"
    assert "7" in details.error_info.message


def test_files_folders_and_dataclasses_pass_between_tasks(
    calls: Calls, started: dict[str, RunIdentifier]
) -> None:
    assert _succeeded(calls, started["files"])
    assert _output(calls, started["files"]) == "loose words, 1 inside, depth 1.5"


def test_results_are_cached_for_roots_and_children_alike(
    calls: Calls, started: dict[str, RunIdentifier]
) -> None:
    for label in ("costly", "costly again", "uses costly"):
        assert _succeeded(calls, started[label])
        assert _output(calls, started[label]) == 5
    first, again = (calls.details(started[label]) for label in ("costly", "costly again"))
    assert first.status.cache_status == CatalogCacheStatus.CACHE_POPULATED
    assert again.status.cache_status == CatalogCacheStatus.CACHE_HIT
    assert calls.tail(started["costly again"]) == []
    child = next(
        node.action for node in _nodes(calls, started["uses costly"]) if node.action.metadata.parent
    )
    assert child.status.cache_status == CatalogCacheStatus.CACHE_HIT


def test_a_time_limit_of_the_sdk_is_kept(calls: Calls, started: dict[str, RunIdentifier]) -> None:
    assert phase_name(calls.wait(started["endless"]).status.phase) == "TIMED_OUT"


def test_a_secret_reaches_the_task(calls: Calls, started: dict[str, RunIdentifier]) -> None:
    assert _succeeded(calls, started["secretive"])
    assert _output(calls, started["secretive"]) == len("twelve chars")


def test_a_report_can_be_fetched(calls: Calls, started: dict[str, RunIdentifier]) -> None:
    run = started["reporting"]
    assert _succeeded(calls, run)
    request = dataproxy_service_pb2.CreateDownloadLinkRequest(
        artifact_type=dataproxy_service_pb2.ARTIFACT_TYPE_REPORT,
        action_attempt_id=ActionAttemptIdentifier(action_id=action_id(run, "a0"), attempt=1),
    )
    [url] = calls.data.CreateDownloadLink(request).pre_signed_urls.signed_url
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "All is well" in answer.read().decode()


def test_the_code_that_an_action_ran_can_be_fetched(
    calls: Calls, started: dict[str, RunIdentifier]
) -> None:
    run = started["reporting"]
    assert _succeeded(calls, run)
    request = dataproxy_service_pb2.CreateDownloadLinkRequest(
        artifact_type=dataproxy_service_pb2.ARTIFACT_TYPE_CODE_BUNDLE,
        action_attempt_id=ActionAttemptIdentifier(action_id=action_id(run, "a0"), attempt=1),
    )
    [url] = calls.data.CreateDownloadLink(request).pre_signed_urls.signed_url
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.headers["content-type"] == "application/octet-stream"
        with tarfile.open(fileobj=io.BytesIO(answer.read())) as archive:
            assert any(name.endswith("program.py") for name in archive.getnames())


def test_a_condition_is_answered_by_a_signal(
    calls: Calls, started: dict[str, RunIdentifier]
) -> None:
    run = started["asks"]

    def paused() -> str:
        request = run_service_pb2.ListActionsRequest(run_id=run)
        actions = calls.runs.ListActions(request).actions
        return next((each.id.name for each in actions if each.status.phase == 9), "")

    condition = wait_for(paused, "the condition")
    calls.signal(run, condition, bool_value=True)
    assert _succeeded(calls, run)
    assert _output(calls, run) == "answered True"


def _run_name(printed: str) -> str:
    found = re.search(r"/runs/([a-z0-9-]+)", printed)
    assert found, printed
    return found[1]


def test_the_command_line_runs_and_follows_the_log(sdk: Sdk, calls: Calls) -> None:
    printed = sdk.flyte("run", "--follow", "program.py", "hello", "--name", "tester")
    assert "hello tester" in printed
    run = RunIdentifier(project=PROJECT, domain=DOMAIN, name=_run_name(printed))
    assert _succeeded(calls, run)
    assert "hello tester" in sdk.flyte("get", "io", run.name)


def test_the_command_line_aborts_a_fan_out(sdk: Sdk, calls: Calls) -> None:
    run = RunIdentifier(project=PROJECT, domain=DOMAIN, name="to-be-aborted")
    sdk.flyte("run", "--name", run.name, "program.py", "holds", "--n", "3")
    request = run_service_pb2.ListActionsRequest(run_id=run)
    wait_for(lambda: len(calls.runs.ListActions(request).actions) == 4, "the children")
    sdk.flyte("abort", "run", run.name, "--reason", "seen enough")
    phases = {phase_name(each.status.phase) for each in calls.runs.ListActions(request).actions}
    assert phases == {"ABORTED"}
    assert calls.details(run).abort_info.reason == "seen enough"


def test_a_deployed_task_is_listed_and_run_by_name(sdk: Sdk, calls: Calls) -> None:
    sdk.flyte("deploy", "--version", "v7", "program.py", "env")
    assert "program.hello" in sdk.flyte("get", "task")
    printed = sdk.flyte("run", "deployed-task", "program.hello", "--name", "deployed")
    run = RunIdentifier(project=PROJECT, domain=DOMAIN, name=_run_name(printed))
    assert _succeeded(calls, run)
    assert _output(calls, run) == "hello deployed"
    assert calls.details(run).metadata.task.id.version == "v7"

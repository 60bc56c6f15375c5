"""Watches: the snapshot, every change, and the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from flyteidl2.actions import actions_service_pb2
from flyteidl2.common.identifier_pb2 import ProjectIdentifier, RunIdentifier
from flyteidl2.common.list_pb2 import Filter
from flyteidl2.project import project_service_pb2
from flyteidl2.workflow import run_service_pb2
from flyteidl2.workflow.run_definition_pb2 import EnrichedAction

from tests.contract.platform_calls import (
    DOMAIN,
    PROJECT,
    Calls,
    Watch,
    action_id,
    phase_name,
)
from tests.contract.platform_process import PlatformProcess


@pytest.fixture
def calls(platform: PlatformProcess) -> Iterator[Calls]:
    calls = Calls(platform.endpoint)
    yield calls
    calls.close()


def _gate(folder: Path) -> tuple[Path, str]:
    gate = folder / "gate"
    return gate, f"until [ -e {gate} ]; do sleep 0.02; done"


def _names(messages: list[run_service_pb2.WatchRunsResponse]) -> list[str]:
    return [run.action.id.run.name for message in messages for run in message.runs]


def _nodes(messages: list[run_service_pb2.WatchActionsResponse]) -> dict[str, EnrichedAction]:
    """The newest state of each action."""
    return {node.action.id.name: node for message in messages for node in message.enriched_actions}


def _counts(node: EnrichedAction) -> dict[str, int]:
    counts = node.children_phase_counts.items()
    return {phase_name(phase): count for phase, count in counts if count}


def test_a_new_run_is_announced_at_its_creation(calls: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    scope = ProjectIdentifier(name=PROJECT, domain=DOMAIN)
    watch = Watch(calls.runs.WatchRuns(run_service_pb2.WatchRunsRequest(project_id=scope)))
    watch.wait(bool, "the snapshot")
    before = len(watch.messages)
    run = calls.start(waiting)
    watch.wait(lambda messages: run.name in _names(messages[before:]), "the new run")
    gate.touch()
    watch.wait(
        lambda messages: any(
            each.action.id.run.name == run.name
            and phase_name(each.action.status.phase) == "SUCCEEDED"
            for message in messages
            for each in message.runs
        ),
        "its end",
    )
    watch.cancel()


def test_a_watch_of_one_project_hears_of_no_other(calls: Calls) -> None:
    other = project_service_pb2.Project(id="quiet-neighbours", name="quiet")
    calls.projects.CreateProject(project_service_pb2.CreateProjectRequest(project=other))
    scope = ProjectIdentifier(name="quiet-neighbours", domain=DOMAIN)
    watch = Watch(calls.runs.WatchRuns(run_service_pb2.WatchRunsRequest(project_id=scope)))
    watch.wait(bool, "the empty snapshot")
    calls.wait(calls.start("true"))
    everywhere = Watch(calls.runs.WatchRuns(run_service_pb2.WatchRunsRequest(org="local")))
    everywhere.wait(_names, "a snapshot of all projects")
    assert _names(watch.messages) == []
    watch.cancel()
    everywhere.cancel()


def test_the_tree_comes_parents_first_and_counts_all_descendants(
    calls: Calls, tmp_path: Path
) -> None:
    gate, waiting = _gate(tmp_path)
    run = calls.start(waiting)
    calls.enqueue(run, "child", waiting)
    request = run_service_pb2.WatchActionsRequest(run_id=run)
    watch = Watch(calls.runs.WatchActions(request))
    watch.wait(lambda messages: {"a0", "child"} <= set(_nodes(messages)), "the snapshot")
    calls.enqueue(run, "grandchild", "true", parent="child")
    watch.wait(
        lambda messages: _counts(_nodes(messages)["a0"]) == {"RUNNING": 1, "SUCCEEDED": 1},
        "the counts",
    )
    nodes = _nodes(watch.messages)
    assert nodes["grandchild"].action.metadata.parent == "child"
    assert nodes["grandchild"].action.metadata.task.short_name == "grandchild"
    assert _counts(nodes["child"]) == {"SUCCEEDED": 1}
    gate.touch()
    watch.wait_end()
    assert watch.error is None
    ended = _nodes(watch.messages)
    assert phase_name(ended["a0"].action.status.phase) == "SUCCEEDED"
    first_seen = list(dict.fromkeys(_nodes(watch.messages[:1])))
    assert first_seen[0] == "a0"


def test_a_finished_run_is_shown_whole_and_the_watch_ends(calls: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    run = calls.start(waiting)
    calls.enqueue(run, "child", "true")
    calls.wait(run, "child")
    gate.touch()
    calls.wait(run)
    watch = Watch(calls.runs.WatchActions(run_service_pb2.WatchActionsRequest(run_id=run)))
    watch.wait_end()
    assert list(_nodes(watch.messages)) == ["a0", "child"]


def test_a_filter_keeps_the_ancestors_of_what_it_finds(calls: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    run = calls.start(waiting)
    calls.enqueue(run, "needle", "true")
    calls.enqueue(run, "hay", "true")
    gate.touch()
    calls.wait(run)
    wanted = Filter(function=Filter.CONTAINS_CASE_INSENSITIVE, field="NAME", values=["NEED"])
    request = run_service_pb2.WatchActionsRequest(run_id=run, filter=[wanted])
    watch = Watch(calls.runs.WatchActions(request))
    watch.wait_end()
    meets = {name: node.meets_filter for name, node in _nodes(watch.messages).items()}
    assert meets == {"a0": True, "needle": True, "hay": False}


def test_details_are_watched_until_the_end(calls: Calls) -> None:
    run = calls.start("true")
    request = run_service_pb2.WatchRunDetailsRequest(run_id=run)
    watch = Watch(calls.runs.WatchRunDetails(request))
    watch.wait_end()
    last = watch.messages[-1].details.action
    assert phase_name(last.status.phase) == "SUCCEEDED"
    assert last.id.run.name == run.name


def test_a_parent_is_told_of_children_after_a_sentinel(calls: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    run = calls.start(waiting)
    calls.enqueue(run, "early", "true")
    calls.wait(run, "early")
    parent = action_id(run, "a0")
    request = actions_service_pb2.WatchForUpdatesRequest(parent_action_id=parent)
    watch = Watch(calls.actions.WatchForUpdates(request))
    watch.wait(lambda messages: len(messages) == 2, "the snapshot")
    assert watch.messages[0].action_update.action_id.name == "early"
    assert watch.messages[1].control_message.sentinel
    calls.enqueue(run, "late", "exit 3")
    watch.wait(lambda messages: messages[-1].action_update.HasField("error"), "the failure")
    failed = watch.messages[-1].action_update
    assert failed.action_id.name == "late"
    assert failed.error.code == "ExitCode"
    assert failed.output_uri.endswith("/late/1")
    gate.touch()
    calls.wait(run)
    watch.cancel()


def test_a_condition_waits_for_its_signal(calls: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    run = calls.start(waiting)
    calls.enqueue_condition(run, "approve")
    assert calls.phase(run, "approve") == "PAUSED"
    with pytest.raises(grpc.RpcError) as caught:
        calls.signal(run, "approve", string_value="yes")
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    calls.signal(run, "approve", int_value=42)
    calls.signal(run, "approve", int_value=42)
    details = calls.wait(run, "approve")
    assert phase_name(details.status.phase) == "SUCCEEDED"
    assert details.signal_info.output.scalar.primitive.integer == 42
    assert details.condition.name == "approve"
    with pytest.raises(grpc.RpcError) as caught:
        calls.signal(run, "approve", int_value=43)
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    gate.touch()
    calls.wait(run)


def test_a_condition_that_nobody_signals_times_out(calls: Calls, tmp_path: Path) -> None:
    gate, waiting = _gate(tmp_path)
    run = calls.start(waiting)
    calls.enqueue_condition(run, "forgotten", timeout_s=0.1)
    assert phase_name(calls.wait(run, "forgotten").status.phase) == "TIMED_OUT"
    gate.touch()
    calls.wait(run)


@pytest.mark.parametrize(
    "stream",
    [
        lambda calls, run: calls.runs.WatchActions(run_service_pb2.WatchActionsRequest(run_id=run)),
        lambda calls, run: calls.runs.WatchRunDetails(
            run_service_pb2.WatchRunDetailsRequest(run_id=run)
        ),
        lambda calls, run: calls.runs.WatchActionDetails(
            run_service_pb2.WatchActionDetailsRequest(action_id=action_id(run, "a0"))
        ),
        lambda calls, run: calls.actions.WatchForUpdates(
            actions_service_pb2.WatchForUpdatesRequest(parent_action_id=action_id(run, "a0"))
        ),
    ],
    ids=["actions", "run", "action", "children"],
)
def test_a_watch_of_an_unknown_run_is_not_found(calls: Calls, stream) -> None:  # type: ignore[no-untyped-def]
    nowhere = RunIdentifier(project=PROJECT, domain=DOMAIN, name="nowhere")
    with pytest.raises(grpc.RpcError) as caught:
        list(stream(calls, nowhere))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND

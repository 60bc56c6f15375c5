"""The selected action's panel, and rows of lists."""

from __future__ import annotations

from flyteidl2.core import literals_pb2

from dashboard.panels import Values, action_panel, attempt_rows, no_outputs_note
from dashboard.rows import project_row, run_order, run_row
from remote_client import ActionPhase
from tests.unit.dashboard.things import SCOPE, at, condition_details, details, project, run


def test_an_attempt_that_has_a_successor_has_failed_though_the_platform_says_running() -> None:
    rows = attempt_rows(SCOPE, details("a0", attempt_phases=("running", "running")))
    assert [row.phase.key for row in rows] == ["failed", "running"]
    assert (rows[0].ended_at, rows[1].ended_at) == (at(20), None)


def test_each_attempt_links_to_its_own_log() -> None:
    rows = attempt_rows(SCOPE, details("fit", attempt_phases=("failed", "succeeded")))
    assert [row.log_url.split("?")[1] for row in rows] == [
        "i=fit&tab=logs&attempt=1",
        "i=fit&tab=logs&attempt=2",
    ]


def test_the_error_carries_its_class() -> None:
    panel = action_panel(SCOPE, details("a0", "failed", error=("KeyError", "'x'")), Values())
    assert panel.error == "KeyError: 'x'"


def test_an_action_that_goes_on_has_no_end() -> None:
    panel = action_panel(SCOPE, details("a0", "running"), Values())
    assert panel.ended_at is None
    assert panel.kind == "action"


def test_only_an_action_that_goes_on_below_the_root_can_be_aborted_by_itself() -> None:
    def abort_url(name: str, phase: str) -> str:
        return action_panel(SCOPE, details(name, phase), Values()).abort_url

    assert abort_url("fit", "running").endswith("/runs/r1/actions/fit/abort")
    assert abort_url("a0", "running") == ""
    assert abort_url("fit", "failed") == ""


def test_a_question_has_its_form_and_its_deadline() -> None:
    panel = action_panel(SCOPE, condition_details(timeout_s=60), Values()).condition
    assert panel is not None
    assert panel.is_waiting
    assert (panel.prompt, panel.answer_type, panel.deadline) == ("Ship it?", "bool", at(60))
    assert panel.answer_url.endswith("/runs/r1/actions/go/signal")


def test_an_answered_question_says_by_whom() -> None:
    answer = literals_pb2.Literal()
    answer.scalar.primitive.boolean = False
    details_of = condition_details(phase="succeeded", answer=answer, by="ana")
    panel = action_panel(SCOPE, details_of, Values()).condition
    assert panel is not None
    assert not panel.is_waiting
    assert (panel.answer, panel.answered_by) == ("False", "ana")


def test_time_is_told_as_queue_setup_and_run() -> None:
    action = details("fit", "running", attempt_phases=("running",))
    attempt = action._pb.attempts[0]
    phases = ("queued", "waiting_for_resources", "initializing", "running")
    for number, phase in enumerate(phases):
        stay = attempt.phase_transitions.add()
        stay.phase = ActionPhase(phase).to_protobuf_value()
        stay.start_time.FromDatetime(at(number))
        if phase != "running":
            stay.end_time.FromDatetime(at(number + 1))
    (row,) = attempt_rows(SCOPE, action)
    assert [(s.label, s.since, s.until) for s in row.stages] == [
        ("queue", at(0), at(2)),
        ("setup", at(2), at(3)),
        ("run", at(3), None),
    ]


def test_a_link_that_a_plugin_made_up_is_no_link() -> None:
    action = details("fit", "running", attempt_phases=("running",))
    for uri in ("https://spark.example/ui", "javascript:alert(1)"):
        action._pb.attempts[0].log_info.add(uri=uri, name="UI", ready=True)
    (row,) = attempt_rows(SCOPE, action)
    assert [link.url for link in row.links] == ["https://spark.example/ui", ""]


def test_it_says_why_there_are_no_outputs() -> None:
    assert "succeeded" in no_outputs_note(ActionPhase.RUNNING)
    assert "failed" in no_outputs_note(ActionPhase.FAILED)
    assert no_outputs_note(ActionPhase.SUCCEEDED) == ""


def test_a_run_that_goes_on_has_no_end_in_its_row() -> None:
    row = run_row(SCOPE, run("r1", "running", label="main"))
    assert (row.task_name, row.ended_at) == ("env.main", None)
    assert row.url == "/v2/domain/development/project/shop/runs/r1"


def test_runs_order_by_creation_then_name() -> None:
    runs = [run("b", start=1), run("c", start=2), run("a", start=2)]
    assert [r.name for r in sorted(runs, key=run_order)] == ["b", "a", "c"]


def test_a_project_lists_its_domains_in_the_platforms_order() -> None:
    row = project_row(project("shop", ("development", "production")))
    assert row.domains == ("development", "production")
    assert not row.is_archived

"""The selected action's panel, and rows of lists."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.panels import Values, action_panel, attempt_rows, no_outputs_note, value_rows
from dashboard.rows import project_row, run_order, run_row
from remote_client import ActionPhase
from tests.unit.dashboard.things import SCOPE, at, details, project, run


@dataclass
class Rendered:
    name: str
    type_name: str
    text: str


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


def test_long_values_are_folded() -> None:
    rows = value_rows([Rendered("a", "str", "short"), Rendered("b", "str", "x" * 5000)])
    assert [row.is_long for row in rows] == [False, True]


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

"""Runs side by side: what is matched with what, and what counts as a difference."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import AsyncClient

from dashboard.compare.diffs import MOST_LINES, MOST_SHOWN, diff_of
from dashboard.compare.matching import action_rows, packs_of, value_rows
from dashboard.compare.views import wanted
from dashboard.tree_nodes import Facts
from remote_client._values import TypedValue
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.test_access_matrix import content
from tests.unit.dashboard.things import SCOPE, action, at, details, run

COMPARE = "/v2/domain/development/project/shop/compare"


class Tree:
    """As much of an action tree as is asked for."""

    def __init__(self, *actions: Any) -> None:
        self._all = [Facts.of(each) for each in actions]

    @property
    def root(self) -> Facts:
        return self._all[0]

    def children(self, name: str) -> list[Facts]:
        return [facts for facts in self._all if facts.parent_name == name]


def facts(name: str, label: str, start: float, end: float, phase: str = "succeeded") -> Any:
    parent = "" if name == "a0" else "a0"
    return action(name, phase, label=label, parent=parent, start=start, end=end)


NOW: datetime = at(100)


def test_actions_are_matched_by_their_place_and_fan_outs_count_as_one() -> None:
    one = Tree(facts("a0", "main", 0, 10), facts("x", "fit", 0, 2), facts("y", "fit", 2, 6))
    two = Tree(facts("a0", "other", 0, 20), facts("z", "fit", 0, 12), facts("w", "load", 0, 1))
    packs = [packs_of(each, NOW) for each in (one, two)]
    rows, more = action_rows(SCOPE, ["r1", "r2"], packs, lambda path: f"?{path}")
    assert more == 0
    told = {row.path: [(b.count, b.ms, b.change) if b else None for b in row.bars] for row in rows}
    assert told == {
        "": [(1, 10_000, ""), (1, 20_000, "+100 %")],
        "fit": [(2, 6_000, ""), (1, 12_000, "+100 %")],
        "load": [None, (1, 1_000, "")],
    }
    assert [row.is_missing for row in rows] == [False, False, True]
    assert [bool(row.log_url) for row in rows] == [True, True, False]
    assert rows[0].bars[1].percent == 100.0  # type: ignore[union-attr]


def test_the_one_that_failed_speaks_for_a_fan_out() -> None:
    tree = Tree(
        facts("a0", "main", 0, 10), facts("x", "fit", 0, 9), facts("y", "fit", 0, 1, "failed")
    )
    (pack,) = (each for path, each in packs_of(tree, NOW).items() if path.endswith("fit"))
    assert pack.speaker is not None
    assert pack.speaker.name == "y"


def test_what_goes_on_lasts_until_now() -> None:
    tree = Tree(action("a0", "running", start=40))
    (pack,) = packs_of(tree, NOW).values()
    assert pack.ms == 60_000


def test_values_that_differ_come_first() -> None:
    def value(name: str, text: str) -> TypedValue:
        return TypedValue(name, "int", text, int(text))

    rows = value_rows([[value("a", "1"), value("b", "2")], [value("a", "1"), value("b", "3")]])
    assert [(row.label, row.cells, row.is_different) for row in rows] == [
        ("b", ("2", "3"), True),
        ("a", ("1", "1"), False),
    ]
    (only,) = value_rows([[value("a", "1")], []])
    assert (only.cells, only.is_different) == (("1", None), True)


def test_a_difference_numbers_both_sides_and_leaves_out_what_is_the_same() -> None:
    old = [f"line {n}" for n in range(50)]
    new = [*old[:20], "line twenty", *old[21:], "more"]
    diff = diff_of("Log", ("r1", "r2"), old, new)
    changed = [(line.kind, line.old, line.new, line.text) for line in diff.lines]
    assert ("gone", 21, None, "line 20") in changed
    assert ("new", None, 21, "line twenty") in changed
    assert ("new", None, 51, "more") in changed
    assert [text for kind, _, _, text in changed if kind == "skip"] == [
        "17 lines the same",
        "23 lines the same",
    ]


@pytest.mark.parametrize(("text", "words"), [(["a"], "the same"), ([], "empty")])
def test_no_difference_is_said_in_words(text: list[str], words: str) -> None:
    diff = diff_of("Log", ("r1", "r2"), text, text)
    assert diff.lines == ()
    assert words in diff.note


def test_a_difference_is_bounded_and_says_so() -> None:
    old, new = [f"a{n}" for n in range(5000)], [f"b{n}" for n in range(5000)]
    diff = diff_of("Log", ("r1", "r2"), old, new)
    assert len(diff.lines) == MOST_SHOWN
    assert f"first {MOST_LINES:,} lines" in diff.note
    assert "more lines differ" in diff.note


def test_an_address_names_each_run_once_and_four_at_most() -> None:
    assert wanted(["a,b", "a", " c ", "", "d", "e"]) == ["a", "b", "c", "d"]


@pytest.fixture
async def runs(platform: FakePlatform) -> FakePlatform:
    for name in ("r1", "r2"):
        platform.runs_there[name] = run(name, "succeeded", end=7)
    platform.details_there["a0"] = details("a0", "succeeded")
    await platform.actions.give([action("a0", "succeeded", label="main", end=7)])
    platform.values["inputs"] = [TypedValue("city", "str", "<b>Bremen</b>", "<b>Bremen</b>")]
    return platform


async def test_the_page_puts_runs_side_by_side(browser: AsyncClient, runs: FakePlatform) -> None:
    page = await content(await browser.get(f"{COMPARE}?run=r1&run=r2"))
    assert page.count('<th scope="col">') == 2
    assert "&lt;b&gt;Bremen&lt;/b&gt;" in page
    assert "<b>Bremen" not in page
    assert f'href="{COMPARE}?run=r2&amp;run=r1"' in page
    assert f'href="{COMPARE}?run=r2"' in page


async def test_one_run_and_none_teach_what_to_do(browser: AsyncClient, runs: FakePlatform) -> None:
    assert "Choose two to four runs" in await content(await browser.get(COMPARE))
    assert "Add another one" in await content(await browser.get(f"{COMPARE}?run=r1"))


async def test_a_run_that_there_is_not_is_named(browser: AsyncClient, runs: FakePlatform) -> None:
    page = await content(await browser.get(f"{COMPARE}?run=r1&run=<i>no</i>"))
    assert "There is no run" in page
    assert "<i>no" not in page

"""The action tree: every action in its place, whatever order it was told of in."""

from __future__ import annotations

import itertools
import random

from dashboard.pages import TreeRow
from dashboard.trees import ActionTree
from remote_client import Action
from tests.unit.dashboard.things import SCOPE, action, at


def grown(*actions: Action) -> ActionTree:
    tree = ActionTree(SCOPE, "r1")
    tree.merge(actions)
    return tree


def keys(rows: list[TreeRow]) -> list[str]:
    return [row.key for row in rows]


def counts(row: TreeRow) -> dict[str, int]:
    return {style.key: count for style, count in row.counts}


def row_of(tree: ActionTree, key: str) -> TreeRow:
    return next(row for row in tree.rows() if row.key == key)


FAMILY = (
    action("a0", below={"running": 1, "succeeded": 3}),
    action("load", "succeeded", parent="a0", start=1),
    action("fit-2", "running", parent="a0", group="fit", start=3),
    action("fit-1", "succeeded", parent="a0", group="fit", start=2),
    action("deep", "succeeded", parent="fit-1", start=4),
)


def test_rows_come_depth_first_by_creation() -> None:
    rows = grown(*FAMILY).rows()
    assert keys(rows) == ["a0", "load", "group:a0:fit", "fit-1", "deep", "fit-2"]
    assert [row.depth for row in rows] == [0, 1, 1, 2, 3, 2]
    assert rows[3].parent == "group:a0:fit"


def test_the_order_in_which_actions_are_told_makes_no_difference() -> None:
    expected = grown(*FAMILY).rows()
    for seed in range(20):
        shuffled = list(FAMILY)
        random.Random(seed).shuffle(shuffled)
        tree = grown()
        for one in shuffled:
            tree.merge([one])
        assert tree.rows() == expected


def test_an_action_counts_all_its_descendants_and_a_group_its_members() -> None:
    tree = grown(*FAMILY)
    assert counts(row_of(tree, "a0")) == {"running": 1, "succeeded": 3}
    assert counts(row_of(tree, "group:a0:fit")) == {"running": 1, "succeeded": 1}
    assert counts(row_of(tree, "fit-1")) == {"succeeded": 1}


def test_a_change_touches_the_row_and_everything_above_it() -> None:
    tree = grown(*FAMILY)
    tree.taken_changes()
    tree.merge([action("fit-2", "failed", parent="a0", group="fit", start=3)])
    assert [node.key for node in tree.taken_changes()] == ["a0", "group:a0:fit", "fit-2"]
    assert counts(row_of(tree, "a0")) == {"succeeded": 3, "failed": 1}
    assert tree.taken_changes() == []


def test_a_group_fares_as_its_members_do() -> None:
    tree = grown(*FAMILY)
    assert row_of(tree, "group:a0:fit").phase.key == "running"
    assert row_of(tree, "group:a0:fit").ended_at is None
    tree.merge([action("fit-2", "failed", parent="a0", group="fit", start=3, end=9)])
    group = row_of(tree, "group:a0:fit")
    assert (group.phase.key, group.started_at, group.ended_at) == ("failed", at(2), at(9))


def test_it_is_complete_when_it_has_as_many_as_the_root_counts() -> None:
    tree = grown(action("a0", below={"running": 2}), action("b", parent="a0"))
    assert not tree.is_complete
    tree.merge([action("c", parent="a0")])
    assert tree.is_complete
    assert tree.running == 3


def test_an_orphan_keeps_it_incomplete_and_out_of_the_rows() -> None:
    tree = grown(action("a0"), action("child", parent="unknown"))
    assert keys(tree.rows()) == ["a0"]
    assert not tree.is_complete


def test_it_is_settled_when_nothing_can_change_any_more() -> None:
    tree = grown(action("a0", "aborted", below={"running": 1}), action("b", parent="a0"))
    assert not tree.is_settled
    tree.merge(
        [
            action("a0", "aborted", below={"aborted": 1}),
            action("b", "aborted", parent="a0"),
        ]
    )
    assert tree.is_settled


def test_the_same_group_name_under_two_parents_is_two_groups() -> None:
    tree = grown(
        action("a0"),
        action("x", parent="a0", group="g"),
        action("y", parent="x", group="g"),
    )
    assert keys(tree.rows()) == ["a0", "group:a0:g", "x", "group:x:g", "y"]


def test_a_row_links_to_its_action_and_a_group_to_nothing() -> None:
    tree = grown(*FAMILY)
    assert row_of(tree, "load").url.endswith("/runs/r1?i=load")
    assert row_of(tree, "group:a0:fit").url == ""


def test_a_chain_deeper_than_python_recurses_is_no_trouble() -> None:
    names = ["a0", *(f"n{n}" for n in range(3000))]
    chain = [action("a0")] + [
        action(name, parent=above) for above, name in itertools.pairwise(names)
    ]
    assert grown(*chain).rows()[-1].depth == 3000

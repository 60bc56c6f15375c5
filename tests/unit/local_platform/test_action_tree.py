"""The tree of a run keeps its counts while it grows and changes."""

from __future__ import annotations

import pytest
from connectrpc.errors import ConnectError
from flyteidl2.common.list_pb2 import Filter
from flyteidl2.workflow.run_definition_pb2 import EnrichedAction
from hypothesis import given, settings
from hypothesis import strategies as st

from local_platform import engine
from local_platform.action_tree import ActionTree, tree_filter
from local_platform.engine import FAILED, QUEUED, RUNNING, SUCCEEDED
from local_platform.store import ActionRecord
from tests.unit.local_platform.records import action


def _everything(_: ActionRecord) -> bool:
    return True


def _counts(nodes: list[EnrichedAction]) -> dict[str, dict[int, int]]:
    return {
        node.action.id.name: {
            phase: count for phase, count in node.children_phase_counts.items() if count
        }
        for node in nodes
    }


def test_counts_are_of_all_descendants() -> None:
    tree = ActionTree(_everything)
    tree.apply(
        [
            action("a0", id=1, phase=RUNNING),
            action("child", id=2, parent="a0", phase=RUNNING),
            action("leaf", id=3, parent="child", phase=SUCCEEDED),
        ]
    )
    [nodes] = tree.snapshot(10)
    assert _counts(nodes) == {
        "a0": {RUNNING: 1, SUCCEEDED: 1},
        "child": {SUCCEEDED: 1},
        "leaf": {},
    }


def test_a_change_brings_its_ancestors_along_and_nobody_else() -> None:
    tree = ActionTree(_everything)
    tree.apply([action("a0", id=1), action("one", id=2, parent="a0")])
    tree.apply([action("two", id=3, parent="a0"), action("leaf", id=4, parent="one")])
    changed = tree.apply([action("leaf", id=4, parent="one", phase=FAILED)])
    assert _counts(changed) == {"a0": {QUEUED: 2, FAILED: 1}, "one": {FAILED: 1}, "leaf": {}}
    gone = changed[0].children_phase_counts
    assert dict(gone) == {QUEUED: 2, FAILED: 1}


def test_it_ends_with_its_root() -> None:
    tree = ActionTree(_everything)
    tree.apply([action("a0", id=1, phase=RUNNING)])
    assert not tree.is_terminal()
    tree.apply([action("a0", id=1, phase=engine.ABORTED)])
    assert tree.is_terminal()


def test_snapshots_come_in_batches_with_parents_first() -> None:
    tree = ActionTree(_everything)
    tree.apply([action("a0", id=1), *(action(f"c{n}", id=n, parent="a0") for n in range(2, 8))])
    batches = list(tree.snapshot(3))
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert batches[0][0].action.id.name == "a0"


def test_a_filter_follows_changes_up_the_tree() -> None:
    failed = Filter(function=Filter.VALUE_IN, field="PHASE", values=[str(FAILED)])
    tree = ActionTree(tree_filter([failed]))
    tree.apply([action("a0", id=1), action("child", id=2, parent="a0")])
    assert [node.meets_filter for node in next(tree.snapshot(9))] == [False, False]
    changed = tree.apply([action("child", id=2, parent="a0", phase=FAILED)])
    assert [node.meets_filter for node in changed] == [True, True]
    changed = tree.apply([action("child", id=2, parent="a0", phase=QUEUED)])
    assert [node.meets_filter for node in changed] == [False, False]


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(function=Filter.EQUAL, field="NAME", values=["x"]),
        Filter(function=Filter.VALUE_IN, field="PHASE", values=["failed"]),
        Filter(function=Filter.VALUE_IN, field="COLOUR", values=["1"]),
    ],
)
def test_other_filters_are_refused(wanted: Filter) -> None:
    with pytest.raises(ConnectError):
        tree_filter([wanted])


_PHASES = st.sampled_from([QUEUED, RUNNING, SUCCEEDED, FAILED])


@settings(deadline=None)  # the machine may be busy
@given(
    parents=st.lists(st.integers(min_value=0, max_value=30), min_size=1, max_size=15),
    updates=st.lists(st.tuples(st.integers(min_value=0, max_value=15), _PHASES), max_size=25),
)
def test_changes_add_up_to_a_fresh_snapshot(
    parents: list[int], updates: list[tuple[int, int]]
) -> None:
    records = [action("n0", id=1)]
    for number, parent in enumerate(parents, start=1):
        records.append(action(f"n{number}", id=number + 1, parent=f"n{parent % number}"))
    live = ActionTree(_everything)
    live.apply(records)
    shown = {node.action.id.name: node for node in next(live.snapshot(99))}
    for place, phase in updates:
        index = place % len(records)
        old = records[index]
        records[index] = action(old.name, id=old.id, parent=old.parent, phase=phase)
        shown |= {node.action.id.name: node for node in live.apply([records[index]])}
    fresh = ActionTree(_everything)
    fresh.apply(records)
    assert _counts(list(shown.values())) == _counts(next(fresh.snapshot(99)))

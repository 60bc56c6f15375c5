"""Trees of any size: what is in sight, how it is numbered, and how little is drawn of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.live import registry
from dashboard.live.lens import MAX_LINES, Lens, More
from dashboard.live.protocol import RunArgs
from dashboard.timelines import critical_path
from dashboard.tree_views import TreeView
from dashboard.trees import FANOUT_FROM, ActionTree
from remote_client import Action
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import SCOPE, action, run
from tests.unit.dashboard.waiting import until


def fan(size: int, **more: Any) -> list[Action]:
    """A root and so many children of one name."""
    children = [
        action(f"f{n:05}", "succeeded", parent="a0", label="fit", start=n, **more)
        for n in range(size)
    ]
    return [action("a0", below={"succeeded": size}, label="main"), *children]


def grown(*actions: Action) -> ActionTree:
    tree = ActionTree(SCOPE, "r1")
    tree.merge(actions)
    return tree


def seen(tree: ActionTree, query: str = "") -> list[str]:
    lens = Lens(tree, TreeView.of(query))
    lens.refresh(1)
    return list(lens.lines)


def labels(tree: ActionTree) -> dict[str, str]:
    return {node.key: node.label for node in tree.walk()}


def test_namesakes_are_numbered_in_the_order_of_their_starts() -> None:
    tree = grown(
        action("a0"),
        action("y", parent="a0", label="fit", start=2),
        action("z", parent="a0", label="fit", start=1),
        action("x", parent="a0", label="load", start=3),
    )
    assert labels(tree) == {"a0": "a0", "z": "fit[0]", "y": "fit[1]", "x": "load"}


def test_a_number_once_given_is_never_changed() -> None:
    tree = grown(action("a0"), action("y", parent="a0", label="fit", start=2))
    assert labels(tree)["y"] == "fit"
    tree.merge([action("z", parent="a0", label="fit", start=1)])
    assert (labels(tree)["y"], labels(tree)["z"]) == ("fit[0]", "fit[1]")


def test_many_namesakes_stand_under_one_line_and_the_open_ones_stay_in_sight() -> None:
    tree = grown(*fan(FANOUT_FROM - 1))
    before = seen(tree)
    assert "fanout:a0:fit" not in before
    tree.merge(fan(FANOUT_FROM))
    after = seen(tree)
    assert after[:2] == ["a0", "fanout:a0:fit"]
    assert set(before) < set(after)
    fanout = tree.node("fanout:a0:fit")
    assert fanout is not None
    assert fanout.family is not None
    assert fanout.family.counts == {"succeeded": FANOUT_FROM}


def test_fifty_thousand_actions_are_a_page_of_lines() -> None:
    tree = grown(*fan(50_000))
    lens = Lens(tree, TreeView())
    lens.refresh(1)
    assert len(lens.lines) == 103
    more = lens.lines["more:fanout:a0:fit"]
    assert isinstance(more, More)
    assert (more.shown, more.total) == (100, 50_000)
    assert len(seen(tree, "fold=all&more=499:fanout:a0:fit")) == MAX_LINES + 1


def test_the_action_of_the_panel_is_shown_wherever_it_stands() -> None:
    tree = grown(*fan(5_000))
    assert seen(tree, "i=f04321")[-2:] == ["more:fanout:a0:fit", "f04321"]


def test_a_search_finds_by_label_and_a_filter_by_phase_each_with_what_is_above() -> None:
    tree = grown(*fan(5_000), action("bad", "failed", parent="a0", label="fit", start=9))
    assert seen(tree, "q=FIT[4321]") == ["a0", "fanout:a0:fit", "f04320"]
    assert seen(tree, "phase=failed") == ["a0", "fanout:a0:fit", "bad"]
    assert seen(tree, "phase=failed&q=load") == []


def test_what_is_found_follows_the_changes() -> None:
    tree = grown(*fan(100))
    lens = Lens(tree, TreeView.of("phase=failed"))
    lens.refresh(1)
    tree.taken_changes()
    tree.merge([action("f00042", "failed", parent="a0", label="fit", start=42)])
    lens.hear(tree.taken_changes())
    lens.refresh(2)
    assert lens.entered["f00042"] == 2
    tree.merge([action("f00042", "succeeded", parent="a0", label="fit", start=42)])
    lens.hear(tree.taken_changes())
    lens.refresh(3)
    assert lens.gone["f00042"] == 3


def test_a_view_survives_its_way_through_an_address() -> None:
    text = "fold=none&more=2%3Aa0&open=group%3Aa0%3Ag&phase=failed&q=fit&shut=x&view=timeline"
    view = TreeView.of(text)
    assert TreeView.of(view.text) == view
    assert (view.mode, view.pages_of("a0"), view.search) == ("timeline", 3, "fit")
    assert TreeView.of("view=x&fold=y&phase=z&more=q") == TreeView()


def test_the_critical_path_goes_back_from_the_end() -> None:
    tree = grown(
        action("a0", "succeeded", start=0, end=10),
        action("early", "succeeded", parent="a0", start=1, end=3),
        action("beside", "succeeded", parent="a0", start=1, end=2),
        action("late", "succeeded", parent="a0", start=4, end=10),
    )
    assert {node.key for node in critical_path(tree)} == {"a0", "early", "late"}


# --- what viewers are sent ------------------------------------------------------------------------


def read(viewer: Any) -> list[dict[str, Any]]:
    frames = []
    while (body := viewer.next_body()) is not None:
        frames.append(json.loads("{" + body + "}"))
    return frames


@pytest.fixture
async def big(platform: FakePlatform, upstreams: None) -> FakePlatform:
    platform.runs_there["r1"] = run("r1")
    await platform.actions.give(fan(2_000))
    return platform


async def test_views_of_one_run_share_its_stream_and_its_drawn_lines(big: FakePlatform) -> None:
    viewers = [
        registry.join(RunArgs("shop", "development", "r1", view), cursor=None, wake=lambda: None)
        for view in ("", "i=f00001", "phase=succeeded")
    ]
    topic: Any = viewers[0].topic
    await until(lambda: topic.tree.size == 2_001 and not topic.tree._changed)
    for viewer in viewers:
        assert any(frame["type"] == "snapshot" for frame in read(viewer))
    assert big.actions.opened == 1
    assert topic.lines.drawn < 150


async def test_opening_a_branch_sends_what_the_page_lacks_and_no_more(big: FakePlatform) -> None:
    shut = RunArgs("shop", "development", "r1", "shut=fanout:a0:fit")
    viewer = registry.join(shut, cursor=None, wake=lambda: None)
    topic: Any = viewer.topic
    await until(lambda: topic.tree.size == 2_001 and not topic.tree._changed)
    last = read(viewer)[-1]
    assert last["cursor"]
    opened = RunArgs("shop", "development", "r1")
    again = registry.join(opened, cursor=last["cursor"], wake=lambda: None)
    viewer.leave()
    (update,) = [frame for frame in read(again) if frame["type"] == "update"]
    keys = [row["key"] for row in update["rows"]]
    assert len(keys) == 101
    assert "a0" not in keys
    back = registry.join(shut, cursor=update["cursor"], wake=lambda: None)
    (update,) = [frame for frame in read(back) if frame["type"] == "update"]
    assert (update["rows"], len(update["removed"])) == ([], 101)

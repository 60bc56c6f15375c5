"""Values as trees and as text to copy: of any type, and of bounded size."""

from __future__ import annotations

import ast
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from dashboard.action_tabs.value_copies import as_json, as_python
from dashboard.action_tabs.value_trees import (
    MOST_MEMBERS,
    MOST_NODES,
    TreeMaker,
    duration_words,
    located,
    moment_words,
)
from dashboard.action_tabs.value_views import Place, value_views
from remote_client._values import DataFrame, Dir, File, Offloaded, Opaque, TypedValue, Unreadable
from tests.unit.dashboard.things import SCOPE

PLACE = Place(SCOPE, "r1", "a0", "outputs")


def node(value: Any) -> Any:
    (view,) = value_views(PLACE, [TypedValue("o0", "any", "", value)])
    return view.node


def all_nodes(tree: Any) -> list[Any]:
    return [tree, *(below for child in tree.children for below in all_nodes(child))]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "leaf", "None"),
        (True, "leaf", "True"),
        (2**60, "leaf", str(2**60)),
        (float("nan"), "leaf", "nan"),
        ("", "text", ""),
        ("<b>", "text", "<b>"),
        (datetime(2026, 1, 1, 6, tzinfo=UTC), "moment", "2026-01-01 06:00:00 UTC"),
        (timedelta(hours=1, seconds=1.5), "leaf", "1 h 1.5 s"),
        (b"\x00\x01", "leaf", "2 bytes · bytes · 00 01 …"),
        (Opaque(b"\x80\x04abc"), "note", None),
        (Unreadable("msgpack of 3 bytes, malformed"), "note", None),
    ],
)
def test_each_type_has_its_form(value: Any, kind: str, text: str | None) -> None:
    shown = node(value)
    assert shown.kind == kind
    assert text is None or shown.text == text


def test_a_members_path_is_python_that_leads_to_it() -> None:
    value = {"flights": [{"gate": "a'b"}], 3: "three"}
    leaves = [each for each in all_nodes(node(value)) if each.kind == "text"]
    for leaf in leaves:
        assert eval(leaf.path, {"o0": value}) == leaf.text


def test_a_value_of_any_size_makes_a_tree_of_bounded_size() -> None:
    tree = node([[["x"] * 200] * 200] * 200)
    assert len(all_nodes(tree)) <= MOST_NODES + 1
    assert tree.count == 200
    assert tree.more == 200 - len(tree.children)
    assert len(node(list(range(10_000))).children) == MOST_MEMBERS


def test_a_long_text_is_cut_and_says_by_how_much() -> None:
    long = node("x" * 12_345)
    assert (len(long.text), long.more, long.is_open) == (10_000, 2_345, False)


def test_an_endless_name_is_cut_and_its_path_left_out() -> None:
    (child,) = node({"k" * 100_000: {"x": 1}}).children
    assert len(child.key) < 300
    assert [each.path for each in all_nodes(child)] == ["", ""]


def test_files_are_told_from_dicts_wherever_they_stand() -> None:
    sent = {"path": "s3://b/k/x.csv", "name": "x.csv", "format": "csv", "hash": None}
    tree = node({"files": [File("s3://b/a.png"), Dir("s3://b/d"), DataFrame("s3://b/t"), sent]})
    files = [each.file for each in all_nodes(tree) if each.kind == "file"]
    assert [(f.kind, f.uri) for f in files] == [
        ("file", "s3://b/a.png"),
        ("dir", "s3://b/d"),
        ("table", "s3://b/t"),
        ("file", "s3://b/k/x.csv"),
    ]


def test_a_store_that_is_not_ours_gives_an_address_and_no_link(settings: Any) -> None:
    settings.FILE_STORES = ["/data/raw"]
    near, far = (node(File(uri)).file for uri in ("/data/raw/x.csv", "http://169.254.169.254/x"))
    assert near.download_url
    assert near.is_reachable
    assert (far.download_url, far.preview_url, far.is_reachable) == ("", "", False)


def test_a_pointer_leads_to_the_member_that_the_link_was_made_for() -> None:
    value = {"a/b~c": [{"f": 7}]}
    pointers: list[str] = []
    TreeMaker(lambda pointer, ref: pointers.append(pointer) or None).node(  # type: ignore[func-returns-value,arg-type,return-value]
        {"a/b~c": [{"f": File("x")}]}, key="", path="o0", pointer=""
    )
    assert located(value, pointers[0]) == 7
    for wrong in ("/a", "/a~1b~0c/1", "/a~1b~0c/x", "/a~1b~0c/0/g/h"):
        with pytest.raises(KeyError):
            located(value, wrong)


def test_json_is_json_whatever_the_value() -> None:
    value = {
        "n": [float("inf"), 2**60, None],
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "d": timedelta(seconds=90),
        "f": File("s3://b/x"),
        "b": b"\x01",
        3: (1, 2),
        "u": Unreadable("no"),
    }
    assert json.loads(as_json(value)) == {
        "n": ["inf", 2**60, None],
        "at": "2026-01-01T00:00:00+00:00",
        "d": 90.0,
        "f": "s3://b/x",
        "b": "01",
        "3": [1, 2],
        "u": None,
    }


@pytest.mark.parametrize(
    "value",
    [
        [1, "a'b", None, (1,), {}],
        {"at": datetime(2026, 1, 1, tzinfo=UTC), "d": timedelta(1)},
        [File("s3://b/x"), Dir("y"), DataFrame("z"), Offloaded("u", 3, "str"), Opaque(b"x")],
        float("-inf"),
    ],
)
def test_python_is_one_expression(value: Any) -> None:
    ast.parse(as_python(value), mode="eval")


def test_plain_python_evaluates_to_the_value() -> None:
    value = {"a": [1, 2.5, None, True, "x\n'\""], "t": (1,), "b": b"\x00"}
    assert eval(as_python(value)) == value


def test_moments_keep_their_digits_and_zone() -> None:
    east = timezone(timedelta(hours=2))
    assert moment_words(datetime(2026, 1, 1, 1, 2, 3, 4, UTC)) == "2026-01-01 01:02:03.000004 UTC"
    assert moment_words(datetime(2026, 1, 1, tzinfo=east)) == "2026-01-01 00:00:00+02:00"
    assert moment_words(datetime(2026, 1, 1)) == "2026-01-01 00:00:00 UTC"


def test_durations_are_exact() -> None:
    assert duration_words(timedelta()) == "0 s"
    assert duration_words(timedelta(days=2, microseconds=1)) == "2 d 0.000001 s"
    assert duration_words(-timedelta(minutes=3)) == "-3 min"

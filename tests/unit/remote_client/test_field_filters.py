"""Conditions on any column, and orders of several keys, as they stand in a listing's request."""

from __future__ import annotations

import pytest
from flyteidl2.common import list_pb2

from remote_client import FieldFilter
from remote_client._filters import list_request


@pytest.mark.parametrize(
    ("function", "number"),
    [
        ("equal", list_pb2.Filter.EQUAL),
        ("less_than_or_equal", list_pb2.Filter.LESS_THAN_OR_EQUAL),
        ("contains_case_insensitive", list_pb2.Filter.CONTAINS_CASE_INSENSITIVE),
        ("value_in", list_pb2.Filter.VALUE_IN),
    ],
)
def test_a_condition_names_a_column_and_a_comparison(function: str, number: int) -> None:
    condition = FieldFilter(function, "phase", ("4", "5")).to_protobuf()  # type: ignore[arg-type]
    assert (condition.function, condition.field, list(condition.values)) == (
        number,
        "phase",
        ["4", "5"],
    )


def test_one_key_is_the_plain_order_and_several_are_a_list() -> None:
    single = list_request(limit=5, sort_by=("created_at", "desc"))
    assert (single.sort_by.key, len(single.sort_by_fields)) == ("created_at", 0)
    double = list_request(limit=5, sort_by=(("task_name", "asc"), ("run_name", "desc")))
    assert [(key.key, key.direction) for key in double.sort_by_fields] == [
        ("task_name", list_pb2.Sort.ASCENDING),
        ("run_name", list_pb2.Sort.DESCENDING),
    ]
    assert not list_request(limit=5).HasField("sort_by")


def test_a_direction_is_one_of_two() -> None:
    with pytest.raises(ValueError, match="neither"):
        list_request(limit=5, sort_by=("created_at", "down"))  # type: ignore[arg-type]

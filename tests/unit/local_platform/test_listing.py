"""List requests become SQL with nothing of the caller's in it but values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from connectrpc.errors import ConnectError
from flyteidl2.common.list_pb2 import Filter, ListRequest, Sort

from local_platform import clock, engine
from local_platform.store import Store
from local_platform.store.listing import RUNS, Query, query
from tests.unit.local_platform.records import action


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "platform.db")
    yield store
    store.close()


def _query(**request: object) -> Query:
    return query(ListRequest(**request), RUNS)


def _all_pages(store: Store, **request: object) -> list[str]:
    names, token = [], ""
    while True:
        records, token = store.actions.page(_query(token=token, **request))
        names += [record.run for record in records]
        if not token:
            return names


def _fill(store: Store, count: int) -> None:
    for number in range(count):
        phase = engine.FAILED if number % 3 == 0 else engine.SUCCEEDED
        store.actions.create(
            action(
                run=f"r{number}", created_at=number // 2, phase=phase, duration_ms=number or None
            )
        )


def test_pages_hold_every_row_once_whatever_the_order(store: Store) -> None:
    _fill(store, 23)
    everything = {f"r{number}" for number in range(23)}
    orders = [
        [],
        [Sort(key="created_at", direction=Sort.ASCENDING)],
        [Sort(key="phase"), Sort(key="created_at", direction=Sort.ASCENDING)],
        [Sort(key="duration_ms", direction=Sort.ASCENDING), Sort(key="run_name")],
    ]
    for order in orders:
        names = _all_pages(store, limit=4, sort_by_fields=order)
        assert len(names) == 23
        assert set(names) == everything


def test_the_newest_comes_first_by_default(store: Store) -> None:
    _fill(store, 5)
    assert _all_pages(store) == ["r4", "r3", "r2", "r1", "r0"]


def test_rows_that_arrive_between_pages_move_nothing(store: Store) -> None:
    _fill(store, 4)
    first, token = store.actions.page(_query(limit=2))
    store.actions.create(action(run="late", created_at=99))
    second, _ = store.actions.page(_query(limit=2, token=token))
    assert [record.run for record in (*first, *second)] == ["r3", "r2", "r1", "r0"]


@pytest.mark.parametrize(
    ("function", "field", "values", "expected"),
    [
        (Filter.EQUAL, "run_name", ["a_b"], ["a_b"]),
        (Filter.NOT_EQUAL, "run_name", ["a_b"], ["A%B", "acb"]),
        (Filter.CONTAINS, "run_name", ["_"], ["a_b"]),
        (Filter.CONTAINS, "run_name", ["a"], ["a_b", "acb"]),
        (Filter.CONTAINS_CASE_INSENSITIVE, "run_name", ["%b"], ["A%B"]),
        (Filter.CONTAINS_CASE_INSENSITIVE, "run_name", ["a"], ["A%B", "a_b", "acb"]),
        (Filter.ENDS_WITH, "run_name", ["b"], ["a_b", "acb"]),
        (Filter.NOT_ENDS_WITH, "run_name", ["b"], ["A%B"]),
        (Filter.VALUE_IN, "run_name", ["acb"], ["acb"]),
        (Filter.VALUE_IN, "run_name", ["acb", "a_b"], ["a_b", "acb"]),
        (Filter.VALUE_NOT_IN, "run_name", ["acb", "a_b"], ["A%B"]),
        (Filter.GREATER_THAN, "run_name", ["a_b"], ["acb"]),
        (Filter.EQUAL, "phase", ["5"], ["A%B", "a_b", "acb"]),
        (Filter.EQUAL, "phase", ["1", "0"], []),
        (Filter.EQUAL, "run_source", ["RUN_SOURCE_UNSPECIFIED"], ["A%B", "a_b", "acb"]),
    ],
)
def test_filters_mean_what_they_say(
    store: Store, function: int, field: str, values: list[str], expected: list[str]
) -> None:
    for name in ("A%B", "a_b", "acb"):
        store.actions.create(action(run=name, phase=engine.SUCCEEDED))
    wanted = Filter(function=function, field=field, values=values)
    assert sorted(_all_pages(store, filters=[wanted])) == expected


def test_times_are_compared_as_times(store: Store) -> None:
    noon = clock.parse("2026-05-01T12:00:00Z")
    store.actions.create(action(run="before", created_at=noon - 1))
    store.actions.create(action(run="after", created_at=noon + 1))
    since = Filter(
        function=Filter.GREATER_THAN_OR_EQUAL,
        field="created_at",
        values=["2026-05-01T14:00:00+02:00"],
    )
    assert _all_pages(store, filters=[since]) == ["after"]


@pytest.mark.parametrize(
    "request_",
    [
        ListRequest(limit=201),
        ListRequest(token="%%%"),
        ListRequest(token="WzFd"),
        ListRequest(sort_by=Sort(key="id; DROP TABLE action")),
        ListRequest(filters=[Filter(field="1=1 --", values=["x"])]),
        ListRequest(filters=[Filter(field="phase", values=["five"])]),
        ListRequest(filters=[Filter(field="created_at", values=["yesterday"])]),
        ListRequest(filters=[Filter(field="run_source", values=["MOON"])]),
        ListRequest(filters=[Filter(field="phase")]),
    ],
)
def test_it_refuses_what_it_does_not_know(request_: ListRequest) -> None:
    with pytest.raises(ConnectError):
        query(request_, RUNS)

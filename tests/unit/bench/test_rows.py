"""What the table of the benchmarks says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.report import table, write_results
from bench.rows import RatioAtLeast, Row
from bench.side_by_side import Sample, rows_of, side_by_side

BUDGET = RatioAtLeast(0.6)


def row(**ratios: float) -> Row:
    return Row("Logs.tail", "lines/s", 1234.5, 2000.0, ratios, BUDGET)


def test_a_budget_is_kept_only_when_every_ratio_keeps_it() -> None:
    assert row(clock=0.6, cpu=0.9).is_kept
    assert not row(clock=0.9, cpu=0.59).is_kept
    assert not row().is_kept


def test_the_table_tells_what_was_missed() -> None:
    lines = table([row(clock=0.9, cpu=0.5)]).splitlines()
    assert lines[0].split() == ["what", "figure", "baseline", "unit", "ratio", "budget", "verdict"]
    assert "1,234" in lines[2]
    assert "90% clock, 50% cpu" in lines[2]
    assert lines[2].endswith("MISSED")


def test_the_results_file_has_the_machine_and_the_verdict(tmp_path: Path) -> None:
    path = tmp_path / "bench" / "results.json"
    write_results(path, {"cores": 2}, [row(clock=0.9), row(clock=0.1)])
    results = json.loads(path.read_text())
    assert results["machine"] == {"cores": 2}
    assert results["all_kept"] is False
    assert [one["verdict"] for one in results["rows"]] == ["kept", "MISSED"]


def test_a_ratio_is_taken_within_its_round() -> None:
    # The machine was ten times slower in the second round, for both alike.
    bare = [Sample(100, 1.0, 0.5), Sample(100, 10.0, 5.0), Sample(100, 1.0, 0.5)]
    ours = [Sample(100, 2.0, 1.0), Sample(100, 20.0, 10.0), Sample(100, 2.0, 1.0)]
    samples = {"bare": bare, "ours": ours}
    (found,) = rows_of(samples, {"ours": "bare"}, unit="x/s", budget=BUDGET)
    assert found.ratios == {"clock": 0.5, "cpu": 0.5}
    assert (found.figure, found.baseline) == (50.0, 100.0)


async def test_the_ways_take_turns_after_one_round_to_warm_up() -> None:
    order: list[str] = []

    def way(name: str) -> object:
        async def work() -> int:
            order.append(name)
            return 1

        return work

    samples = await side_by_side({"a": way("a"), "b": way("b")}, rounds=2)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert [len(taken) for taken in samples.values()] == [2, 2]


async def test_ways_that_did_different_work_are_not_compared() -> None:
    async def one() -> int:
        return 1

    async def two() -> int:
        return 2

    with pytest.raises(RuntimeError, match="did not do the same work"):
        await side_by_side({"one": one, "two": two}, rounds=1)

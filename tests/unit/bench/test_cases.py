"""Every benchmark runs; what it measures on a busy machine is nobody's test."""

from __future__ import annotations

import pytest

from bench.cases import CASES
from bench.effort import Effort


@pytest.mark.parametrize("name", CASES)
async def test_a_benchmark_runs_to_its_table(name: str) -> None:
    rows = await CASES[name](Effort(rounds=1, scale=0.01))
    assert rows
    assert all(row.figure > 0 and row.baseline > 0 and row.ratios for row in rows)

"""`make bench`: runs the benchmarks, prints the table, writes the results.

The exit status is 1 when a budget is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import machine
from bench.cases import CASES
from bench.effort import ROUNDS, Effort
from bench.report import default_path, table, write_results
from bench.rows import Row


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    home = Path(os.environ.get("FLIGHTBOARD_HOME") or ".flightboard")
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=CASES, action="append", help="run this case alone")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="repetitions of each")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full size")
    parser.add_argument("--out", type=Path, default=default_path(home), help="the results file")
    return parser.parse_args(given)


async def run_cases(names: Sequence[str], effort: Effort) -> list[Row]:
    """The rows of the cases, one case after the other."""
    rows: list[Row] = []
    for name in names:
        print(f"Measuring {name} …", file=sys.stderr, flush=True)
        rows += await CASES[name](effort)
    return rows


def main() -> int:
    """Run what the command line asks for."""
    asked = arguments()
    here = machine.describe()
    print(machine.one_line(here))
    if machine.is_overloaded(here):
        print("Other programs are busy here: ratios by the clock will be unsteady.")
    rows = asyncio.run(run_cases(asked.only or list(CASES), Effort(asked.rounds, asked.scale)))
    here["load_averages_after"] = machine.load_averages()
    write_results(asked.out, here, rows)
    print(f"\n{table(rows)}\n\nResults: {asked.out}")
    return 0 if all(row.is_kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

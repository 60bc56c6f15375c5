"""The table for people and the results file for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.rows import Row

_HEADINGS = ("what", "figure", "baseline", "unit", "ratio", "budget", "verdict")
# These columns hold numbers, which line up at their right end.
_NUMBERS = {"figure", "baseline"}


def table(rows: Sequence[Row]) -> str:
    """The rows under their headings, in columns."""
    cells = [_HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADINGS))]
    lines = [
        "  ".join(
            text.rjust(width) if heading in _NUMBERS else text.ljust(width)
            for text, width, heading in zip(line, widths, _HEADINGS, strict=True)
        ).rstrip()
        for line in cells
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    ratios = ", ".join(f"{value:.0%} {name}" for name, value in row.ratios.items())
    figures = (f"{row.figure:,.0f}", f"{row.baseline:,.0f}")
    return (row.what, *figures, row.unit, ratios, row.budget.text, row.verdict)


def write_results(path: Path, machine: dict[str, Any], rows: Sequence[Row]) -> None:
    """Write everything that was measured as JSON; folders are made where they are missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    results = {
        "machine": machine,
        "all_kept": all(row.is_kept for row in rows),
        "rows": [row.to_dict() for row in rows],
    }
    path.write_text(json.dumps(results, indent=2) + "\n")


def default_path(home: Path) -> Path:
    """A new file for this moment in the data folder."""
    return home / "bench" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"

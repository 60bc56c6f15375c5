"""What a benchmark says: a figure beside its baseline, and whether the budget was kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Budget(Protocol):
    """A limit that a row keeps or misses."""

    @property
    def text(self) -> str:
        """How the table names it."""
        ...

    def is_kept_by(self, row: Row) -> bool:
        """Whether the row stays within it."""
        ...


@dataclass(frozen=True, slots=True)
class RatioAtLeast:
    """The figure is at least this part of the baseline, by every measure that was taken."""

    least: float

    @property
    def text(self) -> str:
        return f">= {self.least:.0%}"

    def is_kept_by(self, row: Row) -> bool:
        return bool(row.ratios) and min(row.ratios.values()) >= self.least


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    `figure` and `baseline` are medians in `unit`. `ratios` has the median of the rounds' ratios by
    name of the measure, such as "clock" and "cpu". `samples` has what each round gave.
    """

    what: str
    unit: str
    figure: float
    baseline: float
    ratios: Mapping[str, float]
    budget: Budget
    samples: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_kept(self) -> bool:
        """True when the budget is kept."""
        return self.budget.is_kept_by(self)

    @property
    def verdict(self) -> str:
        """The word for the table."""
        return "kept" if self.is_kept else "MISSED"

    def to_dict(self) -> dict[str, Any]:
        """The row as the results file has it."""
        return {
            "what": self.what,
            "unit": self.unit,
            "figure": self.figure,
            "baseline": self.baseline,
            "ratios": dict(self.ratios),
            "budget": self.budget.text,
            "verdict": self.verdict,
            "samples": dict(self.samples),
        }

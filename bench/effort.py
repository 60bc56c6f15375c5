"""How much a benchmark does."""

from __future__ import annotations

from dataclasses import dataclass

# Many short rounds rather than few long ones: a neighbour's burst then spoils few of them.
ROUNDS = 21


@dataclass(frozen=True, slots=True)
class Effort:
    """`rounds` counts repetitions; `scale` makes the work smaller, and its figures mean little."""

    rounds: int = ROUNDS
    scale: float = 1.0

    def of(self, count: int) -> int:
        """The count at this scale, never below what makes sense."""
        return max(int(count * self.scale), 10)

"""How much a benchmark does."""

from __future__ import annotations

from dataclasses import dataclass

# Enough rounds for a median that one bad moment of the machine does not move.
ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Effort:
    """`rounds` counts repetitions; `scale` makes the work smaller, and its figures mean little."""

    rounds: int = ROUNDS
    scale: float = 1.0

    def of(self, count: int) -> int:
        """The count at this scale, never below what makes sense."""
        return max(int(count * self.scale), 10)

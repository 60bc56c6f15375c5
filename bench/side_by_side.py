"""Measuring several ways of doing the same work, in turns, so that the machine's moods hit all.

Every round runs each way once, in an order that rotates. Two measures are taken of each: the clock,
which sees waiting, and the processor time of this process, which sees work that a slow server or a
busy machine would hide. A ratio is taken within its round; the median of the rounds counts.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from statistics import median

from bench.rows import Budget, Row

# Does the work once and returns how many units it handled.
Work = Callable[[], Awaitable[int]]

# A way that takes so long never ends: what it waits for does not come.
LONGEST_S = 120.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One execution of one way: how many units it handled, in how many seconds."""

    units: int
    clock_s: float
    cpu_s: float

    @property
    def per_second(self) -> float:
        """Units per second of the clock."""
        return self.units / self.clock_s

    @property
    def per_cpu_second(self) -> float:
        """Units per second of this process's processor time."""
        return self.units / self.cpu_s


async def side_by_side(ways: Mapping[str, Work], *, rounds: int) -> dict[str, list[Sample]]:
    """Samples of each way, one for each round; a round that warms up comes before and is dropped.

    Raises RuntimeError when two ways did not handle the same number of units, and TimeoutError when
    one of them does not end.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in ways}
    names = list(ways)
    for number in range(rounds + 1):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            sample = await _measure(ways[name])
            if number:
                samples[name].append(sample)
    _must_be_the_same_work(samples)
    return samples


async def _measure(work: Work) -> Sample:
    # Garbage of the way before must not be collected in this one's time.
    gc.collect()
    clock, cpu = time.perf_counter(), time.process_time()
    async with asyncio.timeout(LONGEST_S):
        units = await work()
    return Sample(units, time.perf_counter() - clock, time.process_time() - cpu)


def _must_be_the_same_work(samples: Mapping[str, list[Sample]]) -> None:
    handled = {name: {one.units for one in taken} for name, taken in samples.items()}
    if len(set.union(*handled.values())) != 1:
        raise RuntimeError(f"The ways did not do the same work: {handled}")


def rows_of(
    samples: Mapping[str, list[Sample]],
    baselines: Mapping[str, str],
    *,
    unit: str,
    budget: Budget,
) -> list[Row]:
    """A row for each way in `baselines`, which names the way that it is held against."""
    return [
        _row(name, samples[name], samples[bare], unit, budget) for name, bare in baselines.items()
    ]


def _row(name: str, taken: list[Sample], bare: list[Sample], unit: str, budget: Budget) -> Row:
    rounds = list(zip(taken, bare, strict=True))
    return Row(
        what=name,
        unit=unit,
        figure=median(one.per_second for one in taken),
        baseline=median(one.per_second for one in bare),
        ratios={
            "clock": median(one.per_second / base.per_second for one, base in rounds),
            "cpu": median(one.per_cpu_second / base.per_cpu_second for one, base in rounds),
        },
        budget=budget,
        samples={"figure": [_numbers(one) for one in taken], "baseline": [*map(_numbers, bare)]},
    )


def _numbers(sample: Sample) -> dict[str, float]:
    return {"units": sample.units, "clock_s": sample.clock_s, "cpu_s": sample.cpu_s}

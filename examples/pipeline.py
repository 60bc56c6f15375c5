"""Many kinds of values and three levels of actions: dataclasses, files, maps and a report.

flyte run examples/pipeline.py main
"""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flyte
import flyte.io
import flyte.report

env = flyte.TaskEnvironment(name="pipeline")


@dataclass
class Flight:
    """One departure."""

    number: str
    gate: int
    leaves_at: datetime
    delay: timedelta


@env.task
async def load(count: int) -> list[Flight]:
    """Make up a timetable."""
    first = datetime(2026, 1, 1, 6, 0, tzinfo=UTC)
    return [
        Flight(f"FB{100 + n}", n % 4 + 1, first + timedelta(minutes=15 * n), timedelta(minutes=n))
        for n in range(count)
    ]


@env.task
async def delay_of(flight: Flight) -> float:
    """Minutes that one flight is late."""
    print(f"{flight.number} at gate {flight.gate}")
    return flight.delay.total_seconds() / 60


@env.task(report=True)
async def publish(delays: list[float]) -> flyte.io.File:
    """Write the board to a file, and a report to look at."""
    await flyte.report.replace.aio(f"<h1>Delays</h1><p>{len(delays)} flights</p>")
    await flyte.report.flush.aio()
    path = Path(tempfile.mkdtemp()) / "board.csv"
    path.write_text("minutes late\n" + "\n".join(str(delay) for delay in delays))
    return await flyte.io.File.from_local(str(path))


@env.task
async def main(
    flights: int = 4, title: str = "Morning departures"
) -> tuple[dict[str, float], flyte.io.File]:
    """Load, work on every flight, publish."""
    print(title)
    timetable = await load(flights)
    delays = []
    async for delay in flyte.map.aio(delay_of, timetable):
        if isinstance(delay, Exception):
            raise delay
        delays.append(delay)
    board = await publish(delays)
    return {flight.number: delay for flight, delay in zip(timetable, delays, strict=True)}, board

"""Every kind of value: scalars, moments, trees, a picture, a folder, a table and a report.

flyte run examples/values.py main
"""

import enum
import json
import struct
import tempfile
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flyte
import flyte.io
import flyte.report

env = flyte.TaskEnvironment(name="values")


class Seat(enum.Enum):
    """Where a passenger sits."""

    WINDOW = "window"
    AISLE = "aisle"


@dataclass
class Passenger:
    """One of a flight's passengers."""

    name: str
    seat: str
    bags: list[float] = field(default_factory=list)


@dataclass
class Manifest:
    """All that a gate knows of a flight."""

    flight: str
    leaves_at: datetime
    passengers: list[Passenger]
    notes: dict[str, str]


def picture(width: int = 96, height: int = 48) -> bytes:
    """A PNG of a sunrise, by hand: two chunks and a checksum each."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    rows = b"".join(
        b"\0"
        + bytes(
            (255 - 3 * y, 120 + 2 * y, 40 + (x + y) % 64)[c] for x in range(width) for c in range(3)
        )
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@env.task
async def scalars(
    seat: Seat = Seat.WINDOW, at: datetime = datetime(2026, 1, 1, 6, 30, tzinfo=UTC)
) -> tuple[int, float, bool, str, Seat, datetime, timedelta, str | None]:
    """One of each; the last one is missing."""
    text = "<b>not markup</b> & <script>alert('nor this')</script>"
    return 2**53 + 1, 0.1, True, text, seat, at, timedelta(hours=1, seconds=1.5), None


@env.task
async def trees() -> tuple[Manifest, dict[str, list[int]], str]:
    """Values with members, and a long text."""
    passengers = [Passenger(f"passenger {n}", f"{n}A", [23.0, n / 2]) for n in range(30)]
    manifest = Manifest(
        "FB100", datetime(2026, 1, 1, 6, 45, tzinfo=UTC), passengers, {"gate/door": "<i>4</i>"}
    )
    return manifest, {"squares": [n * n for n in range(12)]}, "one line of many\n" * 400


@env.task
async def files() -> tuple[flyte.io.File, flyte.io.File, flyte.io.Dir]:
    """A picture, a page and a folder."""
    here = Path(tempfile.mkdtemp())
    (here / "sunrise.png").write_bytes(picture())
    (here / "notes.html").write_text("<h1>Notes</h1><script>document.title = 'ran'</script>")
    folder = here / "board"
    (folder / "gates").mkdir(parents=True)
    (folder / "flights.csv").write_text("flight,gate\nFB100,4\nFB101,<b>5</b>\n")
    (folder / "gates" / "four.json").write_text(json.dumps({"open": True, "queue": [3, 4]}))
    return (
        await flyte.io.File.from_local(str(here / "sunrise.png")),
        await flyte.io.File.from_local(str(here / "notes.html")),
        await flyte.io.Dir.from_local(str(folder)),
    )


@env.task
async def table(rows: int = 1200) -> flyte.io.DataFrame:
    """A table of delays."""
    import pyarrow as pa

    frame = pa.table(
        {
            "flight": [f"FB{100 + n}" for n in range(rows)],
            "delay_min": [n % 17 / 2 if n % 5 else None for n in range(rows)],
            "leaves_at": [
                datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(rows)
            ],
            "gate": [f"<b>{n % 9}</b>" for n in range(rows)],
        }
    )
    return flyte.io.DataFrame.wrap_df(frame)


@env.task(report=True)
async def report() -> str:
    """A page that draws itself, and that tries what it must not."""
    await flyte.report.replace.aio(
        "<h1>Departures</h1><p id='said'>waiting</p><script>"
        "let said = 'ran';"
        "try { said += document.cookie ? ' cookie' : ''; } catch { said += ' no-cookie'; }"
        "try { said += parent.document ? ' parent' : ''; } catch { said += ' no-parent'; }"
        "document.getElementById('said').textContent = said;</script>"
    )
    await flyte.report.flush.aio()
    return "see the report"


@env.task
async def main() -> tuple[
    tuple[int, float, bool, str, Seat, datetime, timedelta, str | None],
    flyte.io.File,
    flyte.io.Dir,
    flyte.io.DataFrame,
]:
    """Make all of them."""
    one_of_each = await scalars()
    await trees()
    sunrise, _, board = await files()
    delays = await table()
    await report()
    return one_of_each, sunrise, board, delays

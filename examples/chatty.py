"""Writes a lot of log: colours, a progress line, other scripts, a very long line, many lines.

flyte run examples/chatty.py main --lines 5000
"""

import asyncio
import sys

import flyte

env = flyte.TaskEnvironment(name="chatty")

LEVELS = (
    ("\x1b[32mINFO\x1b[0m", "loaded batch"),
    ("\x1b[33mWARNING\x1b[0m", "slow answer from shard"),
    ("\x1b[1;31mERROR\x1b[0m", "lost and found again: shard"),
)


def show_progress(done: int, total: int) -> None:
    """One line that overwrites itself, as download tools draw it."""
    filled = 30 * done // total
    sys.stdout.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {100 * done // total:3d} %")
    sys.stdout.flush()


@env.task
async def main(lines: int = 600, pause_s: float = 0.005) -> int:
    """Write so many lines, with everything that makes a log hard to show."""
    print("Grüße · こんにちは · Здравствуйте · مرحبا · 🛫 departures")
    print("<b>not markup</b> & <script>alert('nor this')</script>")
    for step in range(51):
        show_progress(step, 50)
        await asyncio.sleep(pause_s)
    print()
    print("one line of ten kilobytes: " + "0123456789" * 1000)
    for number in range(lines):
        level, text = LEVELS[0 if number % 7 else (1 if number % 2 else 2)]
        print(f"{level} {text} {number:05d} \x1b[2mof {lines}\x1b[0m", flush=True)
        await asyncio.sleep(pause_s)
    return lines

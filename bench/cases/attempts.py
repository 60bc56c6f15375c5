"""Short actions on the local platform: attempts that are forked against attempts that start cold.

A platform of each kind runs beside the other, and they are measured in turns by the same program.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import urllib.request
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.effort import Effort
from bench.rows import Row

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = _ROOT / "bench" / "attempt_program.py"
_CONFIG = """\
admin:
  endpoint: dns:///localhost:{port}
  insecure: true
task:
  project: flytesnacks
  domain: development
"""
# An import and a start on a machine that others keep busy.
_LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class AtMost:
    """The figure is at most this part of a cold start; `goal_ms` is for a machine of its own."""

    most: float
    goal_ms: int

    @property
    def text(self) -> str:
        """How the table names it."""
        return f"<= {self.most:.0%} (goal {self.goal_ms} ms)"

    def is_kept_by(self, row: Row) -> bool:
        """Whether the row stays within it."""
        return bool(row.ratios) and max(row.ratios.values()) <= self.most


# What is measured, as the table and the program name it. The goals over what cold starts took.
_MEASURED = {
    "hello": ("hello, submitted to done", AtMost(0.65, 350)),
    "child": ("a child action", AtMost(0.5, 150)),
}


async def measure(effort: Effort) -> list[Row]:
    """Milliseconds of a run with one action, and of a child action within one."""
    async with _program() as forked, _program("--cold-start") as cold:
        return [await _row(name, forked, cold, effort.rounds) for name in _MEASURED]


async def _row(name: str, forked: Process, cold: Process, rounds: int) -> Row:
    what, budget = _MEASURED[name]
    taken: list[tuple[float, float]] = []
    for _ in range(rounds + 1):
        taken.append((await _milliseconds(forked, name), await _milliseconds(cold, name)))
    pairs = taken[1:]  # the first warms up
    return Row(
        what=what,
        unit="ms",
        figure=median(fork for fork, _ in pairs),
        baseline=median(start for _, start in pairs),
        ratios={"clock": median(fork / start for fork, start in pairs)},
        budget=budget,
        samples={"figure": [fork for fork, _ in pairs], "baseline": [start for _, start in pairs]},
    )


async def _milliseconds(program: Process, name: str) -> float:
    assert program.stdin is not None
    program.stdin.write(f"{name}\n".encode())
    await program.stdin.drain()
    return 1000 * float((await _line(program, "SECONDS")).split()[1])


@asynccontextmanager
async def _program(*options: str) -> AsyncIterator[Process]:
    """The measuring program on a platform of its own, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="flightboard-bench-") as name:
        folder = Path(name)
        async with _platform(folder / "data", *options) as port:
            (folder / ".flyte").mkdir()
            (folder / ".flyte" / "config.yaml").write_text(_CONFIG.format(port=port))
            shutil.copy(_PROGRAM, folder)
            env = {"HOME": name, "PATH": os.environ["PATH"], "FLYTE_TELEMETRY_OPT_OUT": "1"}
            async with _started(_PROGRAM.name, cwd=folder, env=env) as program:
                yield program


@asynccontextmanager
async def _platform(data: Path, *options: str) -> AsyncIterator[int]:
    """The port of a platform that is ready, warm unless it is to start cold."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    words = ["-m", "local_platform", "--port", str(port), "--data-dir", str(data), *options]
    async with _started(*words, cwd=_ROOT, env=dict(os.environ)) as process:
        if "--cold-start" not in options:
            await _line(process, "Attempts are forked")
        await _answers(f"http://127.0.0.1:{port}/healthz")
        yield port


async def _answers(url: str) -> None:
    async with asyncio.timeout(_LONGEST_S):
        while True:
            try:
                await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=5).close())  # noqa: S310
                return
            except OSError:
                await asyncio.sleep(0.05)


async def _line(process: Process, part: str) -> str:
    """The next line with these words. RuntimeError when the process ends before it."""
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(_LONGEST_S):
        while line := (await process.stdout.readline()).decode():
            if part in line:
                return line[line.index(part) :]
            said += line
    raise RuntimeError(f"It ended without a word of {part}:\n{said}")


@asynccontextmanager
async def _started(*words: str, cwd: Path, env: dict[str, str]) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        cwd=cwd,
        env=env,
        stdin=PIPE if words[0] == _PROGRAM.name else DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()

"""A Flyte program that measures its own actions: `python attempt_program.py` where a config is.

Each line that it reads names a measurement, "hello" or "child"; it answers with seconds.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path
from typing import Any

import flyte

env = flyte.TaskEnvironment(name="attempts")


@env.task  # type: ignore[untyped-decorator]
async def hello(name: str) -> str:
    return f"hello {name}"


@env.task  # type: ignore[untyped-decorator]
async def parent() -> float:
    """How long its second child took; the first opens the stream on which ends are told."""
    await hello("first")
    started = time.perf_counter()
    await hello("second")
    return time.perf_counter() - started


def main() -> None:
    """Measures until its input ends."""
    program: Any = importlib.import_module(Path(__file__).stem)  # as the platform knows it
    flyte.init_from_config(".flyte/config.yaml")
    for line in sys.stdin:
        started = time.perf_counter()
        run = flyte.run(
            *((program.hello, "world") if line.strip() == "hello" else (program.parent,))
        )
        run.wait(quiet=True)
        took = time.perf_counter() - started
        if line.strip() == "child":
            took = run.outputs()[0]
        print("SECONDS", took, flush=True)


if __name__ == "__main__":
    main()

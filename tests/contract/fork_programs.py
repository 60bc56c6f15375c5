"""A Flyte program about what an attempt's process is; copied next to a config."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import flyte

env = flyte.TaskEnvironment(name="forks", secrets=[flyte.Secret(key="forktoken")])
parents = flyte.TaskEnvironment(name="forks-parents", depends_on=[env])


@env.task
async def describe() -> str:
    """What a task can find out about its process, as JSON."""
    mask = os.umask(0)
    os.umask(mask)
    found = {
        "cwd": str(Path.cwd()),
        "argv": " ".join(sys.argv[1:3]),
        "main": str(sys.modules["__main__"].__spec__.name),  # type: ignore[union-attr]
        "path": os.pathsep.join(sys.path[:2]),
        "session is of its own": str(os.getsid(0) == os.getpgrp() == os.getppid()),
        "blocked signals": str(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ()))),
        "SIGTERM": str(signal.getsignal(signal.SIGTERM)),
        "SIGCHLD": str(signal.getsignal(signal.SIGCHLD)),
        "umask": oct(mask),
        "variables": " ".join(sorted(os.environ)),
        "secret": os.environ["FORKTOKEN"],
        "modules of the platform": str([name for name in sys.modules if "local_platform" in name]),
        "open files": str(sorted(_open_files())),
        "standard streams": f"{sys.stdout.encoding} {sys.stdout.write_through} {sys.stdin.read()}",
    }
    return json.dumps(found)


def _open_files() -> set[str]:
    """The standard streams, and what of the fork server's would have stayed open."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        name = str(entry.readlink()) if entry.exists() else ""
        if entry.name in "012" or "memfd" in name:
            found.add(f"{entry.name} {Path(name).name}")
    return found


@env.task
async def draw() -> float:
    return random.random()


@parents.task
async def draws() -> bool:
    """Whether two attempts draw different numbers."""
    first, second = await asyncio.gather(draw(), draw())
    return first != second


@env.task
def waits(gate: str) -> str:
    """Says that it is there, and waits for a file."""
    print("waiting", os.getpid(), flush=True)
    while not Path(gate).exists():
        time.sleep(0.02)
    print("waited")
    return "through the gate"


@env.task
def leaves(status: int) -> None:
    """Ends without a word to the SDK; below 0 by that signal."""
    print("leaving", flush=True)
    if status < 0:
        os.kill(os.getpid(), -status)
    os._exit(status)

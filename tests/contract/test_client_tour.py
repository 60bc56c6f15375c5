"""The tour in the documentation runs as a newcomer would run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from remote_client import ClientSet
from tests.contract.conftest import Programs

ROOT = Path(__file__).parents[2]


async def test_the_tour_runs(client: ClientSet, programs: Programs, backend: str) -> None:
    await programs.start("hello", "--name", "Ada")
    done = subprocess.run(  # noqa: ASYNC221 - nothing else has to go on meanwhile
        [sys.executable, "docs/remote-client-tour.py"],
        cwd=ROOT,
        env={**os.environ, "FLYTE_ENDPOINT": backend, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Saying hello to Ada" in done.stdout
    assert "Could not read run 'no-such-run'" in done.stdout
    assert done.stderr == ""

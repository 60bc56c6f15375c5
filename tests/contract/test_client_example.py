"""The example for newcomers runs from top to end on a fresh platform."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.platform_process import PlatformProcess

ROOT = Path(__file__).parents[2]
SAID = {
    "connects": "flytesnacks ['development'",
    "lists the tasks": "fanout.main",
    "watches": "succeeded    main",
    "tails": "opening 3 gates",
    "reads inputs": "inputs  {'gates': 3, 'step_s': 0.05}",
    "reads outputs": "outputs 5 {'o0': 5}",
    "tells why a run failed": 'why: column "price" missing',
    "tells where it failed": "{'part': 2}",
    "names what does not exist": "Could not read run 'no-such-run'",
    "aborts": "is aborted\nwhy: seen enough",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the example printed."""
    folder = tmp_path_factory.mktemp("example")
    with PlatformProcess(folder / "platform") as fresh:
        done = subprocess.run(
            [sys.executable, "docs/examples/first_runs.py"],
            cwd=ROOT,
            env={
                **os.environ,
                "FLYTE_ENDPOINT": fresh.endpoint,
                "PYTHONPATH": str(ROOT),
                # The SDK keeps what it uploaded in the home folder.
                "HOME": str(folder),
            },
            capture_output=True,
            text=True,
            timeout=150,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("step", SAID)
def test_the_example(said: str, step: str) -> None:
    assert SAID[step] in said

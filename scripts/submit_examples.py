"""Submits every program of `examples/` through the real SDK: `submit_examples.py HOST:PORT`.

Each is deployed, too: so its tasks are listed and can be launched, and its triggers fire.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import flyte

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def main(endpoint: str) -> None:
    """Submit each program's `main` once, newest last, and print the runs' names."""
    sys.path.insert(0, str(EXAMPLES))
    flyte.init(
        endpoint=f"dns:///{endpoint}",
        insecure=True,
        project="flytesnacks",
        domain="development",
        root_dir=EXAMPLES,
    )
    for path in sorted(EXAMPLES.glob("*.py")):
        program = importlib.import_module(path.stem)
        flyte.deploy(program.env)
        run = flyte.run(program.main)
        print(path.stem, run.name)


if __name__ == "__main__":
    main(sys.argv[1])

"""`make test-servers`: the dashboard's tests once more, on real PostgreSQL and Redis servers.

Starts both in a folder of their own, hands pytest the arguments and their addresses, stops them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.servers.processes import Postgres, Redis  # noqa: E402

SUITE = ("tests/servers", "tests/unit/dashboard", "tests/browser")


def main(arguments: list[str]) -> int:
    """Run pytest; returns its status."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="flightboard-servers-"))
        )
        folder.chmod(0o755)  # PostgreSQL runs as another person where the tests run as root
        (folder / "postgres").mkdir()
        (folder / "redis").mkdir()
        postgres = stack.enter_context(Postgres(folder / "postgres"))
        redis = stack.enter_context(Redis(folder / "redis"))
        addresses = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
        print(f"PostgreSQL on port {postgres.port}, Redis on port {redis.port}", flush=True)
        command = [sys.executable, "-m", "pytest", *(arguments or SUITE)]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **addresses}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The real `flyte` command line, from an installation of PyPI's flyte alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
_RUN_LINK = re.compile(r"https?://\S+/v2/domain/(\S+?)/project/(\S+?)/runs/([a-z0-9-]+)")
# Colours, and the hyperlinks that the command hides behind its text.
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;.*?(?:\x1b\\|\x07)")

CONFIG = """\
admin:
  endpoint: dns:///localhost:{port}
  insecure: true
task:
  project: flytesnacks
  domain: development
"""


@dataclass(frozen=True)
class SubmittedRun:
    """What `flyte run` said: the run's name and the console link that it printed."""

    name: str
    link: str
    output: str


class FlyteCommand:
    """Runs `flyte` in a home and a folder of its own, so that it caches nothing between tests."""

    def __init__(self, platform_port: int, folder: Path) -> None:
        self.folder = folder
        (folder / "home").mkdir(exist_ok=True)
        (folder / ".flyte").mkdir(exist_ok=True)
        (folder / ".flyte" / "config.yaml").write_text(CONFIG.format(port=platform_port))
        if not (folder / "examples").exists():
            shutil.copytree(EXAMPLES, folder / "examples")

    def __call__(self, *arguments: str, check: bool = True, timeout_s: float = 120) -> str:
        """Run `flyte ARGUMENTS` and return what it printed, without colours."""
        done = subprocess.run(
            [str(ROOT / ".venv-sdk/bin/flyte"), *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
        output = _ESCAPES.sub("", done.stdout + done.stderr)
        if check and done.returncode:
            raise AssertionError(
                f"flyte {' '.join(arguments)} ended with {done.returncode}:\n{output}"
            )
        return output

    def run(self, program: str, *arguments: str, task: str = "main") -> SubmittedRun:
        """`flyte run examples/PROGRAM.py TASK ARGUMENTS`."""
        output = self("run", f"examples/{program}.py", task, *arguments)
        # The table that the command draws may break a long link over two lines.
        link = _RUN_LINK.search(output) or _RUN_LINK.search(re.sub(r"\s*│?\n│?\s*", "", output))
        assert link, f"flyte run printed no console link:\n{output}"
        return SubmittedRun(link.group(3), link.group(0), output)

    def _environment(self) -> dict[str, str]:
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("FLYTE", "_U_", "DJANGO", "PYTEST"))
        }
        return {**kept, "HOME": str(self.folder / "home"), "NO_COLOR": "1", "COLUMNS": "200"}

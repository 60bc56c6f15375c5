"""The scanner's process: reads a question a line from its input, writes findings a line each.

It is a process of its own so that a search never takes the server's time, and so that one which
nobody waits for any more ends at once: it is killed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dashboard.live.log_scan import Ask, scan


def main() -> None:
    for line in sys.stdin.buffer:
        asked: dict[str, Any] = json.loads(line)
        folder = Path(asked.pop("folder"))
        try:
            for finding in scan(folder, Ask(**asked)):
                _say(finding)
        except FileNotFoundError:
            _say({"error": "The log is no longer there."})


def _say(finding: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(finding, separators=(",", ":")).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

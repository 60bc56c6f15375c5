"""What the machine is, and what it was busy with: figures mean little without it."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = ("grpcio", "protobuf", "flyteidl2", "flyte", "Django", "daphne")


def describe() -> dict[str, Any]:
    """Processor, memory, load, kernel, Python, the packages that matter, and the commit."""
    return {
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory": _first("/proc/meminfo", "MemTotal"),
        "load_averages": load_averages(),
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: version(name) for name in _PACKAGES},
        "commit": _commit(),
    }


def load_averages() -> list[float]:
    """How many programs wanted a processor, over the last 1, 5 and 15 minutes."""
    return [round(load, 2) for load in os.getloadavg()]


def is_overloaded(machine: dict[str, Any]) -> bool:
    """True when others want the processors too: the clock then tells more of them than of us.

    One core for the bench and one for its server is what a measurement takes.
    """
    return bool(machine["load_averages"][0] > machine["cores"])


def one_line(machine: dict[str, Any]) -> str:
    """The machine in a line, for people."""
    load = machine["load_averages"][0]
    return (
        f"{machine['processor']}, {machine['cores']} cores, load {load:.1f}, "
        f"{machine['python']}, grpcio {machine['packages']['grpcio']}"
    )


def _first(file: str, key: str) -> str:
    """The value of the first `key : value` line; "" where there is none."""
    try:
        lines = Path(file).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")


def _commit() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()

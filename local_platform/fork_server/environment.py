"""Which variables the interpreter and the SDK read once, at their start.

A forked process has them as the fork server had them. An attempt that wants another value of one
therefore starts cold. All other variables are read when they are needed, so a fork can set them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

# The same for every attempt of this platform.
FIXED = {
    # A parent writes its children's inputs into folders that nobody made before.
    "FSSPEC_FILE": '{"auto_mkdir": true}',
    "PYTHONUNBUFFERED": "1",
}
_AT_START = (
    "PYTHON",
    "LD_",
    "LANG",
    "LC_",
    "MALLOC_",
    "GLIBC_",
    "OPENSSL_",
    "FSSPEC_",
    "OTEL_",
    "FLYTE_IO_",
    "FLYTE_UPLOAD_",
    "_F_TE_",
    "_F_P_WRITE_",
)
_DEBUG = frozenset({"debug", "10"})


def of_fork_server(inherited: Mapping[str, str], home: Path) -> dict[str, str]:
    """The fork server's whole environment: whoever reads it in /proc finds no secret.

    Its children show it there for ever, whatever is set in them later.
    """
    kept = _read_at_start(inherited) | {"PATH": inherited["PATH"]}
    return {**kept, **FIXED, "HOME": str(home)}


def suits(env: Mapping[str, str], server: Mapping[str, str]) -> bool:
    """Whether a fork of a server with the one environment can stand for a start with the other."""
    if env.get("LOG_LEVEL", "").lower() in _DEBUG:
        return False  # the SDK decides at its import which of its functions tell about themselves
    return _read_at_start(env) == _read_at_start(server)


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_AT_START)}

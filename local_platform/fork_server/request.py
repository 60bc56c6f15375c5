"""What is to be run: written by the platform, read by the attempt's own process alone.

It travels as an anonymous file. The fork server passes the descriptor on and never reads it, so
that no secret stays in the memory which later attempts inherit.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """`arguments` follow `python -m flyte._bin.runtime`; paths are absolute."""

    folder: str
    cwd: str
    log: str
    arguments: list[str]
    env: dict[str, str]

    def write(self) -> int:
        """A descriptor of a file in memory that holds the request."""
        descriptor = os.memfd_create("attempt")
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(json.dumps(asdict(self)).encode())
        return descriptor

    @classmethod
    def read(cls, descriptor: int) -> Request:
        """The request of a descriptor, which is closed."""
        with os.fdopen(descriptor, "rb") as file:
            file.seek(0)  # the writer's position is shared
            return cls(**json.loads(file.read()))

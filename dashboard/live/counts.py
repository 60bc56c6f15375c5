"""What the relay did since the server started, as plain numbers; `/metrics` reads them.

Plain additions, for they stand on the path of every message: a counter of a metrics library takes
a lock each time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Counts:
    """Of one server process. Only ever grows, except `sockets_open`."""

    sockets_open: int = 0
    sockets_opened: int = 0
    sockets_stuck: int = 0
    """Closed since they acknowledged nothing for too long."""
    sockets_broken: int = 0
    """Closed since our own code failed."""
    messages_received: int = 0
    messages_refused: int = 0
    frames_sent: int = 0
    characters_sent: int = 0
    windows_shut: int = 0
    """Times that a page was behind by a whole window."""
    viewers_joined: int = 0
    viewers_resumed: int = 0
    """Of those, how many went on from a cursor that still meant something."""
    upstreams_opened: int = 0
    upstreams_shared: int = 0
    """Joins that found their upstream open."""
    upstreams_broken: int = 0
    """Times that an upstream broke and was opened again."""
    upstreams_failed: int = 0


counts = Counts()

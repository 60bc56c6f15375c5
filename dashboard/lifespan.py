"""The end of the server: closes the hub's upstreams and the way to the platform.

Nothing is opened at the start, for the first question does that. uvicorn announces the end by the
ASGI lifespan protocol; daphne has none, but its reactor says when it stops.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from dashboard.live import registry
from dashboard.upstream import close_platforms


async def close_everything() -> None:
    await registry.close()
    await close_platforms()


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application of the `lifespan` scope."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await close_everything()
            await send({"type": "lifespan.shutdown.complete"})
            return


def close_with_reactor() -> None:
    """Under daphne: close everything before the reactor stops. Without a reactor, do nothing."""
    if "twisted.internet.reactor" not in sys.modules:
        return
    from twisted.internet import defer, reactor

    def close() -> Any:
        return defer.Deferred.fromFuture(asyncio.ensure_future(close_everything()))

    reactor.addSystemEventTrigger("before", "shutdown", close)  # type: ignore[arg-type]

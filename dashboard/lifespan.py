"""The end of the server: closes the hub's upstreams and the way to the platform.

The run index is fed from the start; anything else is opened by the first question. uvicorn
announces start and end by the ASGI lifespan protocol; daphne has none, but its reactor says both.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from dashboard.index.feeder import ensure_fed, stop_feeding
from dashboard.live import registry
from dashboard.upstream import close_platforms


async def close_everything() -> None:
    await stop_feeding()
    await registry.close()
    await close_platforms()


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application of the `lifespan` scope."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            ensure_fed()
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
    reactor.callLater(0, ensure_fed)  # type: ignore[arg-type]

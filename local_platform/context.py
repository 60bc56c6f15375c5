"""What every service works with, made once per server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectrpc.request import RequestContext

from local_platform.authorization import caller
from local_platform.changes import Changes
from local_platform.conductor import Conductor
from local_platform.layout import Layout
from local_platform.links import Links
from local_platform.log_files import LogFiles
from local_platform.store import Store

Call = RequestContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Platform:
    store: Store
    conductor: Conductor
    changes: Changes
    logs: LogFiles
    layout: Layout
    links: Links


# Whoever reaches the loopback port without a token is the developer at this machine.
LOCAL_USER = "local"


def subject(ctx: Call) -> str:
    """Who makes this call."""
    token = caller.token()
    return token.subject if token else LOCAL_USER


def base_url(ctx: Call, own: str) -> str:
    """The address under which the caller reached the platform, e.g. `http://localhost:8090`.

    `own` is the platform's own idea of it: where the caller does not say a host.
    """
    scheme, _, own_host = own.partition("://")
    headers = ctx.request_headers()
    host = headers.get("host") or headers.get(":authority") or own_host
    return f"{scheme}://{host}"

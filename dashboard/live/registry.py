"""Which topic is which class, and the server's hub that holds them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings

from dashboard.flyte_apps.topic import AppsTopic
from dashboard.live import log_search
from dashboard.live.action import ActionTopic
from dashboard.live.bulk import BulkTopic
from dashboard.live.ends import EndsTopic
from dashboard.live.hub import Hub, Viewer
from dashboard.live.log import LogTopic
from dashboard.live.protocol import (
    ActionArgs,
    AppsArgs,
    Args,
    BulkArgs,
    EndsArgs,
    LogArgs,
    ReportArgs,
    RunArgs,
    RunsArgs,
    SecretsArgs,
    TriggersArgs,
    WallArgs,
)
from dashboard.live.report import ReportTopic
from dashboard.live.run import RunTopic
from dashboard.live.runs import RunsTopic, query_of
from dashboard.live.topic import Key, Topic
from dashboard.secrets.topic import SecretsTopic
from dashboard.triggers.topic import TriggersTopic
from dashboard.upstream import platform
from dashboard.wall.topic import WallTopic

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running loop: one for a server, since a server has one loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(make_topic)
    return _hubs[loop]


def make_topic(key: Key) -> Topic[Any]:
    return _TOPICS[key.topic](key)


_TOPICS: dict[str, Callable[[Key], Topic[Any]]] = {
    "wall": lambda key: WallTopic(
        key, platform(), lambda args, wake: join(args, cursor=None, wake=wake)
    ),
    "ends": lambda key: EndsTopic(key, platform()),
    "bulk": lambda key: BulkTopic(key, platform()),
    "apps": lambda key: AppsTopic(key, platform()),
    "secrets": lambda key: SecretsTopic(key, platform()),
    "triggers": lambda key: TriggersTopic(key, platform()),
    "runs": lambda key: RunsTopic(key, platform()),
    "run": lambda key: RunTopic(key, platform(), hub),
    "action": lambda key: ActionTopic(key, platform()),
    "report": lambda key: ReportTopic(key, platform()),
    "log": lambda key: LogTopic(key, platform(), settings.FLIGHTBOARD_HOME),
}

_NAMES: dict[type, str] = {
    WallArgs: "wall",
    EndsArgs: "ends",
    BulkArgs: "bulk",
    AppsArgs: "apps",
    SecretsArgs: "secrets",
    TriggersArgs: "triggers",
    RunsArgs: "runs",
    RunArgs: "run",
    ActionArgs: "action",
    LogArgs: "log",
    ReportArgs: "report",
}


def key_for(args: Args) -> Key:
    """The upstream that serves these args: shared by all who see the platform as one identity.

    What only says how a viewer uses it is not part of the key.
    """
    here = platform()
    if isinstance(args, RunsArgs):
        query_of(args.query)  # refused here, before anything is opened for it
        args = RunsArgs(args.project, args.domain)
    if isinstance(args, RunArgs):
        args = RunArgs(args.project, args.domain, args.run)
    if isinstance(args, LogArgs):
        args = LogArgs(args.project, args.domain, args.run, args.action, args.attempt)
    return Key(_NAMES[type(args)], args, here.endpoint, here.identity)


def join(args: Args, *, cursor: str | None, wake: Callable[[], None]) -> Viewer:
    """A viewer for a socket's subscription."""
    return hub().join(key_for(args), args, cursor=cursor, wake=wake)


def is_open(args: Args) -> bool:
    """Whether an upstream for these args is held, and has not failed."""
    return hub().is_open(key_for(args))


@asynccontextmanager
async def visited(args: Args) -> AsyncIterator[Any]:
    """The topic of these args, for a page to be drawn from.

    The upstream that it opens lingers until the page's own socket joins it.
    """
    viewer = hub().join(key_for(args), args)
    try:
        yield viewer.topic
    finally:
        viewer.leave()


async def close() -> None:
    """Close every upstream of the running loop, and its searches."""
    await log_search.close()
    here = _hubs.pop(asyncio.get_running_loop(), None)
    if here is not None:
        await here.close()

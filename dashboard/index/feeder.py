"""The task of a server process that feeds the index, when it is this process's turn.

It asks the platform as the service identity, so a platform with authentication needs credentials
for that; without them the index is off, and lists ask the platform as their reader.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from django.conf import settings

from dashboard.index import lease, writing
from dashboard.index.explaining import Explaining
from dashboard.index.scope_feed import ScopeFeed
from dashboard.index.states import Kind, read_state, say_state
from dashboard.index.threads import in_thread
from dashboard.pages import Scope
from dashboard.upstream import Platform, service_platform, sign_in_config
from remote_client.errors import PermissionDenied, RemoteError, Unauthenticated

logger = logging.getLogger(__name__)

PROJECTS_S = 15.0
"""How often the projects are listed: new ones are read then."""

PAGES_AT_ONCE = 4
STREAMS_AT_ONCE = 100
"""The real backend's connection carries 250 streams, and pages need theirs."""

RETRY_S = 15.0


class Feeder:
    """Feeds for as long as `run` is awaited and the lease is this one's."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.holder = secrets.token_hex(8)
        self._feeds: dict[Scope, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """For ever: feed while it is this process's turn, else wait for it."""
        try:
            while True:
                try:
                    await self._take_turn()
                except Exception:
                    # The database is away, or a fault of ours: the index is behind, and says so.
                    logger.exception("Feeding the run index failed.")
                    await asyncio.sleep(RETRY_S)
        finally:
            await asyncio.shield(in_thread(lease.give_back, self.holder))

    async def _take_turn(self) -> None:
        if not await in_thread(lease.take, self.holder):
            await asyncio.sleep(lease.RENEW_S)
            return
        feeding = asyncio.create_task(self._feed())
        keeping = asyncio.create_task(self.keep_lease())
        try:
            await asyncio.wait((feeding, keeping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (feeding, keeping):
                task.cancel()
            results = await asyncio.gather(feeding, keeping, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def keep_lease(self) -> None:
        while await in_thread(lease.take, self.holder):  # noqa: ASYNC110 - a clock, not an event
            await asyncio.sleep(lease.RENEW_S)

    async def _feed(self) -> None:
        """Until the platform refuses, and then wait before asking again."""
        reason = await self._why_not()
        if reason:
            await in_thread(say_state, "off", reason)
            await asyncio.sleep(RETRY_S * 4)
            return
        self._feeds = {}
        news = asyncio.Event()
        explaining = asyncio.create_task(Explaining(self._platform, news).run())
        try:
            await self._feed_all(news, explaining)
        except (Unauthenticated, PermissionDenied) as error:
            message = f"The platform refuses the service identity: {error.message}"
            await in_thread(say_state, "off", message)
            await asyncio.sleep(RETRY_S * 4)
        except RemoteError as error:
            logger.info("Can't feed the run index: %s", error)
            await asyncio.sleep(RETRY_S)
        finally:
            tasks = [explaining, *self._feeds.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _feed_all(self, news: asyncio.Event, explaining: asyncio.Task[None]) -> None:
        """Keep a feed for each project and domain, and say how far all are."""
        gate, watches = asyncio.Semaphore(PAGES_AT_ONCE), asyncio.Semaphore(STREAMS_AT_ONCE)
        walked = asyncio.Event()
        while True:
            scopes = await scopes_there(self._platform)
            for scope in scopes:
                if scope not in self._feeds:
                    feed = ScopeFeed(self._platform, scope, gate, watches, news, walked)
                    self._feeds[scope] = asyncio.create_task(feed.run())
            if scopes:  # a platform that suddenly has none is more likely broken than empty
                await self._drop(set(self._feeds) - set(scopes))
            await self._watch_feeds((explaining, *self._feeds.values()), walked)

    async def _watch_feeds(
        self, tasks: Sequence[asyncio.Task[None]], walked: asyncio.Event
    ) -> None:
        """For `PROJECTS_S`: say how far all are, and raise what one of them died of."""
        until = asyncio.get_running_loop().time() + PROJECTS_S
        while (left := until - asyncio.get_running_loop().time()) > 0:
            walked.clear()
            await self._say_progress()
            waiter = asyncio.create_task(walked.wait())
            done, _ = await asyncio.wait(
                (waiter, *tasks), timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            waiter.cancel()
            for task in done - {waiter}:
                task.result()

    async def _drop(self, gone: set[Scope]) -> None:
        for scope in gone:
            self._feeds.pop(scope).cancel()
        for scope in await in_thread(_scopes_kept):
            if scope not in self._feeds:
                await in_thread(writing.forget_scope, scope)

    async def _say_progress(self) -> None:
        state = await in_thread(read_state)
        is_built = state.scopes_known > 0 and len(state.scope_ids) == state.scopes_known
        kind: Kind = "built" if is_built and len(self._feeds) == state.scopes_known else "building"
        if state.kind != kind:
            await in_thread(say_state, kind)

    async def _why_not(self) -> str:
        """Why the service identity can't feed it; "" when it can."""
        try:
            if await sign_in_config() is None or settings.FLYTE_SERVICE_CLIENT_ID:
                return ""
            # A platform on this machine may let its own people in without one.
            await service_platform().projects()
        except (Unauthenticated, PermissionDenied):
            return (
                "The platform wants a sign-in, and no service identity is set"
                " (FLYTE_SERVICE_CLIENT_ID)."
            )
        except RemoteError:
            return ""  # asked for real in a moment, with the platform's own words
        return ""


async def scopes_there(platform: Platform) -> list[Scope]:
    """Every project in every domain, as the service identity sees them."""
    projects = await platform.projects()
    return [
        Scope(project=project.id, domain=domain.id)
        for project in projects
        for domain in project.domains
    ]


def _scopes_kept() -> list[Scope]:
    from dashboard.index.models import IndexedScope

    pairs = IndexedScope.objects.values_list("project", "domain")
    return [Scope(project=project, domain=domain) for project, domain in pairs]


# --- the server's own ---------------------------------------------------------------------------

_tasks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = WeakKeyDictionary()


def ensure_fed() -> None:
    """Start the server's feeder, unless it runs or the index is switched off."""
    if not settings.RUN_INDEX:
        return
    loop = asyncio.get_running_loop()
    task = _tasks.get(loop)
    if task is None or task.done():
        _tasks[loop] = loop.create_task(Feeder(service_platform()).run(), name="run index feeder")


async def stop_feeding() -> None:
    """End the running loop's feeder."""
    task = _tasks.pop(asyncio.get_running_loop(), None)
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

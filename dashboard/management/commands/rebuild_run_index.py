"""`manage.py rebuild_run_index`: reads every run of the platform into the run index again."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.index import lease, writing
from dashboard.index.explaining import Explaining
from dashboard.index.feeder import Feeder, scopes_there
from dashboard.index.models import IndexedRun
from dashboard.index.scope_feed import ScopeFeed
from dashboard.index.states import say_heard, say_state
from dashboard.index.threads import in_thread
from dashboard.upstream import close_platforms, service_platform
from remote_client.errors import RemoteError


class Command(BaseCommand):
    help = "Read every run of the platform into the run index again."

    def handle(self, *args: Any, **options: Any) -> None:
        marked = writing.mark_for_rebuild()
        if lease.is_held():
            self.stdout.write(f"A running server reads {marked} projects and domains again now.")
            return
        try:
            count = asyncio.run(self._rebuild())
        except RemoteError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"The run index is built: {count:,} runs.")

    async def _rebuild(self) -> int:
        feeder = Feeder(service_platform())
        await in_thread(lease.take, feeder.holder)
        keeping = asyncio.create_task(feeder.keep_lease())
        try:
            await in_thread(say_state, "building")
            await self._walk_all()
            await in_thread(say_state, "built")
            await in_thread(say_heard)
            return await in_thread(IndexedRun.objects.count)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await in_thread(lease.give_back, feeder.holder)
            await close_platforms()

    async def _walk_all(self) -> None:
        platform, news, walked = service_platform(), asyncio.Event(), asyncio.Event()
        gate, watches = asyncio.Semaphore(1), asyncio.Semaphore(1)
        for scope in await scopes_there(platform):
            await ScopeFeed(platform, scope, gate, watches, news, walked).walk()
            self.stdout.write(f"{scope.project}/{scope.domain} is read.")
        await Explaining(platform, news).explain_all()

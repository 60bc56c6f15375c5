"""The socket of a wall that a link shows: no sign-in, one topic, and an end when it is revoked.

The token comes as a subprotocol, since addresses end up in logs. Cookies count for nothing here.
"""

from __future__ import annotations

import asyncio

from asgiref.sync import sync_to_async

from dashboard.live.consumer import SIGNED_OUT, LiveConsumer
from dashboard.live.protocol import Args, Error, WallArgs
from dashboard.upstream import act_as
from dashboard.wall import linking
from dashboard.wall.models import WallLink

RECHECK_LINK_S = 2.0
PROTOCOL = "flightboard"
TOKEN = "token."  # noqa: S105 - what is in front of one
REVOKED = "This link was revoked."
MAX_BAD_MESSAGES = 20


class WallSocket(LiveConsumer):
    """As a page's socket, with a link in the place of a person."""

    _link: WallLink | None = None

    async def connect(self) -> None:
        if not self._is_same_origin():
            await self.close()
            return
        act_as(None)
        link = await sync_to_async(linking.find)(self._token())
        await self.accept(subprotocol=PROTOCOL if PROTOCOL in self._offered() else None)
        if link is None:
            # Only an open socket can say why it closes; nothing was told over it.
            await self.close(code=SIGNED_OUT)
            return
        self._link = link
        for work in (self._outbox.run(), self._recheck_link(link)):
            self._tasks.append(asyncio.create_task(self._guarded(work)))

    def _offered(self) -> list[str]:
        return list(self.scope.get("subprotocols") or [])

    def _token(self) -> str:
        found = [each for each in self._offered() if each.startswith(TOKEN)]
        return found[0].removeprefix(TOKEN) if found else ""

    def _may_watch(self, args: Args) -> bool:
        link = self._link
        return link is not None and args == WallArgs(link.project, link.domain)

    async def _refuse(self, subscription: str, args: Args) -> None:
        self._end(subscription)
        self._outbox.say(
            Error("denied", "This link shows one wall and nothing else."), subscription
        )
        self._bad_messages += 1
        if self._bad_messages >= MAX_BAD_MESSAGES:
            await self.close(code=4400)

    async def _recheck_link(self, link: WallLink) -> None:
        while await sync_to_async(linking.counts)(link):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(RECHECK_LINK_S)
        await self._outbox.say_now(Error("signed_out", REVOKED))
        await self.close(code=SIGNED_OUT)

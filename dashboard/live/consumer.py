"""The socket of a page: signs it in, reads its messages, and ends everything with it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

from channels.auth import get_user
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.sessions.backends.db import SessionStore

from dashboard.live import registry
from dashboard.live.outbox import Outbox
from dashboard.live.protocol import (
    Ack,
    BadMessage,
    Error,
    FromBrowser,
    Subscribe,
    Unsubscribe,
    parse,
)

logger = logging.getLogger(__name__)

RECHECK_S = 30.0
"""A socket outlives the sign-in that opened it, so the sign-in is looked at again this often."""

MAX_BAD_MESSAGES = 20
"""A page that keeps sending nonsense is no page of ours."""

SIGNED_OUT = 4401
NONSENSE = 4400
"""Close codes of our own, as the protocol reserves 4000 to 4999 for."""

BROKEN = 1011
"""The protocol's code for a server that failed; the page opens another socket."""


class LiveConsumer(AsyncWebsocketConsumer):
    """One socket per page. What is sent is the outbox's business."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._outbox = Outbox(self._send_text)
        self._tasks: list[asyncio.Task[None]] = []
        self._bad_messages = 0
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Also when a handler broke: no task and no place in the hub may outlive the socket.
            self._outbox.detach_all()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def connect(self) -> None:
        if not (self._is_same_origin() and self.scope["user"].is_authenticated):
            await self.close()  # before the handshake is answered: the browser sees a refusal
            return
        await self.accept()
        for work in (self._outbox.run(), self._recheck_sign_in()):
            self._tasks.append(asyncio.create_task(self._guarded(work)))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            if text_data is None:
                raise BadMessage("A message is a text frame.")
            self._handle(parse(text_data))
        except BadMessage as bad:
            self._outbox.say(Error("invalid", str(bad)), bad.subscription)
            self._bad_messages += 1
            if self._bad_messages >= MAX_BAD_MESSAGES:
                await self.close(code=NONSENSE)

    def _handle(self, message: FromBrowser) -> None:
        match message:
            case Subscribe(id=subscription, args=args, cursor=cursor):
                # The page was authorised when it was served and the socket when it was opened;
                # everyone who is signed in may see every project that the service identity sees.
                self._outbox.attach(
                    subscription, lambda wake: registry.join(args, cursor=cursor, wake=wake)
                )
            case Unsubscribe(id=subscription):
                self._outbox.detach(subscription)
            case Ack(seq=seq):
                self._outbox.ack(seq)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """A socket whose sender broke would look alive and say nothing: close it instead."""
        try:
            await work
        except Exception:
            logger.exception("A page's socket broke.")
            await self.close(code=BROKEN)

    async def _send_text(self, text: str) -> None:
        await self.send(text_data=text)

    # --- who is there ---------------------------------------------------------------------------

    def _is_same_origin(self) -> bool:
        """Whether a page of this very server opened the socket.

        The allowed hosts alone don't say so: cookies ignore ports, so a page that another server on
        this host serves could open the socket in its reader's name.
        """
        headers = dict(self.scope["headers"])
        origin = urlsplit(headers.get(b"origin", b"").decode("latin1")).netloc
        return bool(origin) and origin == headers.get(b"host", b"").decode("latin1")

    async def _recheck_sign_in(self) -> None:
        while True:
            # Spread out, for all pages come back at once when a server was started again.
            await asyncio.sleep(RECHECK_S * random.uniform(0.7, 1.0))  # noqa: S311
            if not await self._is_signed_in():
                await self._outbox.say_now(Error("signed_out", "You are signed out."))
                await self.close(code=SIGNED_OUT)
                return

    async def _is_signed_in(self) -> bool:
        """From the database, not from what the handshake read."""
        fresh = SessionStore(self.scope["session"].session_key)
        user = await get_user({"session": fresh})
        return bool(user.is_authenticated and user.pk == self.scope["user"].pk)

"""The socket of a page: signs it in, reads its messages, and ends everything with it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from channels.auth import get_user
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.sessions.backends.db import SessionStore

from dashboard.access import audit
from dashboard.access.addresses import address_of_socket
from dashboard.access.changes import changes
from dashboard.access.permissions import PERMISSIONS
from dashboard.access.rights import NOTHING, Rights, rights_of
from dashboard.identity import sessions
from dashboard.live import registry
from dashboard.live.counts import counts
from dashboard.live.outbox import Outbox, StuckReader
from dashboard.live.protocol import (
    Ack,
    ActionArgs,
    AppsArgs,
    Args,
    BadMessage,
    BulkArgs,
    EndsArgs,
    Error,
    FromBrowser,
    LogArgs,
    May,
    ReportArgs,
    RunArgs,
    RunsArgs,
    SecretsArgs,
    Subscribe,
    TriggersArgs,
    Unsubscribe,
    WallArgs,
    parse,
)
from dashboard.upstream import act_as

logger = logging.getLogger(__name__)

RECHECK_S = 30.0
"""A socket outlives the sign-in that opened it, so it is looked at again this often, and at once
when a change of the person's access is heard of (`access.changes`)."""

RECHECK_TOKENS_S = 3.0
"""The platform is asked this often whether a person's token counts; sockets share the question."""

MAX_BAD_MESSAGES = 20
"""A page that keeps sending nonsense is no page of ours."""

SIGNED_OUT = 4401
NONSENSE = 4400
"""Close codes of our own, as the protocol reserves 4000 to 4999 for."""

STUCK = 4408
"""The page had a full window and acknowledged nothing of it for too long."""

BROKEN = 1011
"""The protocol's code for a server that failed; the page opens another socket."""

NEEDED: dict[type[Args], str] = {
    WallArgs: "wall.see",
    EndsArgs: "run.list",
    BulkArgs: "run.list",
    AppsArgs: "app.see",
    SecretsArgs: "secret.list",
    TriggersArgs: "trigger.see",
    RunsArgs: "run.list",
    RunArgs: "run.see",
    ActionArgs: "action.see",
    LogArgs: "log.read",
    ReportArgs: "action.see",
}
"""What a viewer of each topic must be allowed to do in its project."""


class LiveConsumer(AsyncWebsocketConsumer):
    """One socket per page. What is sent is the outbox's business."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._outbox = Outbox(self._send_text)
        self._tasks: list[asyncio.Task[None]] = []
        self._bad_messages = 0
        self._rights = NOTHING
        self._watched: dict[str, Args] = {}
        self._access_changed = asyncio.Event()
        self._stop_listening: Callable[[], None] = lambda: None
        counts.sockets_opened += 1
        counts.sockets_open += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            counts.sockets_open -= 1
            # Also when a handler broke: no task and no place in the hub may outlive the socket.
            self._stop_listening()
            self._outbox.detach_all()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def connect(self) -> None:
        if not (self._is_same_origin() and self.scope["user"].is_authenticated):
            await self.close()  # before the handshake is answered: the browser sees a refusal
            return
        # Heard before the rights are read: a change in between is looked at once more.
        user = self.scope["user"]
        act_as(await sessions.acting_person(self.scope["session"], user))
        self._stop_listening = changes().listen(user.pk, self._access_changed.set)
        self._rights = await rights_of(user)
        await self.accept()
        for work in (self._outbox.run(), self._recheck_sign_in(), self._recheck_tokens()):
            self._tasks.append(asyncio.create_task(self._guarded(work)))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        counts.messages_received += 1
        try:
            if text_data is None:
                raise BadMessage("A message is a text frame.")
            await self._handle(parse(text_data))
        except BadMessage as bad:
            counts.messages_refused += 1
            self._outbox.say(Error("invalid", str(bad)), bad.subscription)
            self._bad_messages += 1
            if self._bad_messages >= MAX_BAD_MESSAGES:
                await self.close(code=NONSENSE)

    async def _handle(self, message: FromBrowser) -> None:
        match message:
            case Subscribe(id=subscription, args=args) if not self._may_watch(args):
                await self._refuse(subscription, args)
            case Subscribe(id=subscription, args=args, cursor=cursor):
                self._outbox.attach(
                    subscription, lambda wake: registry.join(args, cursor=cursor, wake=wake)
                )
                self._watched[subscription] = args
            case Unsubscribe(id=subscription):
                self._end(subscription)
            case Ack(seq=seq):
                self._outbox.ack(seq)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """A socket whose sender broke would look alive and say nothing: close it instead."""
        try:
            await work
        except StuckReader:
            counts.sockets_stuck += 1
            await self.close(code=STUCK)
        except Exception:
            counts.sockets_broken += 1
            logger.exception("A page's socket broke.")
            await self.close(code=BROKEN)

    async def _send_text(self, text: str) -> None:
        await self.send(text_data=text)

    # --- what they may watch --------------------------------------------------------------------

    def _may_watch(self, args: Args) -> bool:
        return self._rights.may(NEEDED[type(args)], args.project)

    async def _refuse(self, subscription: str, args: Args) -> None:
        """A project that they may not see does not exist; who keeps asking is no page of ours."""
        self._end(subscription)
        await self._audit(NEEDED[type(args)], args)
        if self._rights.may("project.see", args.project):
            words = PERMISSIONS[NEEDED[type(args)]].words
            error = Error("denied", f"You may not {words}.")
        else:
            error = Error("not_found", f"The platform has no project {args.project!r}.")
        self._outbox.say(error, subscription)
        self._bad_messages += 1
        if self._bad_messages >= MAX_BAD_MESSAGES:
            await self.close(code=NONSENSE)

    def _end(self, subscription: str) -> None:
        self._outbox.detach(subscription)
        self._watched.pop(subscription, None)

    async def _apply(self, rights: Rights) -> None:
        """Cut off what may not be watched any more; tell the rest of the page what it may do."""
        if rights == self._rights:
            return
        self._rights = rights
        for subscription, args in list(self._watched.items()):
            if self._may_watch(args):
                actions = tuple(sorted(rights.all_in(args.project)))
                self._outbox.say(May(actions), subscription)
            else:
                self._end(subscription)
                message = "Your access to this project was taken away."
                self._outbox.say(Error("denied", message), subscription)
                await self._audit(NEEDED[type(args)], args, "its access was taken away")

    async def _audit(self, action: str, args: Args, detail: str = "") -> None:
        await sync_to_async(audit.write)(
            person=self.scope["user"].username,
            action=action,
            thing=args.project,
            result=audit.REFUSED,
            detail=detail or "over a socket",
            address=address_of_socket(self.scope),
        )

    # --- who is there ---------------------------------------------------------------------------

    def _is_same_origin(self) -> bool:
        """Whether a page of this very server opened the socket.

        The allowed hosts alone don't say so: cookies ignore ports, so a page that another server on
        this host serves could open the socket in its reader's name.
        """
        headers = dict(self.scope["headers"])
        origin = urlsplit(headers.get(b"origin", b"").decode("latin1")).netloc
        return bool(origin) and origin == headers.get(b"host", b"").decode("latin1")

    async def _recheck_tokens(self) -> None:
        """Ends the socket of a person whose sign-in at the platform has ended or was revoked."""
        while await sessions.counts(self.scope["session"]):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(RECHECK_TOKENS_S)
        await self._outbox.say_now(Error("signed_out", "Your sign-in has ended."))
        await self.close(code=SIGNED_OUT)

    async def _recheck_sign_in(self) -> None:
        while True:
            with suppress(TimeoutError):
                # Spread out, for all pages come back at once when a server was started again.
                async with asyncio.timeout(RECHECK_S * random.uniform(0.7, 1.0)):  # noqa: S311
                    await self._access_changed.wait()
            self._access_changed.clear()
            person = await self._signed_in()
            if person is None:
                await self._outbox.say_now(Error("signed_out", "You are signed out."))
                await self.close(code=SIGNED_OUT)
                return
            await self._apply(await rights_of(person))

    async def _signed_in(self) -> Any:
        """Whoever opened the socket; None once their sign-in ended.

        From the database, not from what the handshake read.
        """
        fresh = SessionStore(self.scope["session"].session_key)
        user = await get_user({"session": fresh})
        return user if user.is_authenticated and user.pk == self.scope["user"].pk else None

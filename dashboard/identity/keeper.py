"""Keeps people's access tokens fresh: hands them out, renews them before they expire, ends them.

Renewal happens once, whoever needs it: one task per sign-in in this process, one claim on the
row among processes. What is remembered here is at most `KNOWN_S` old, so that a sign-out in
another process is noticed soon.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from asgiref.sync import async_to_sync, sync_to_async
from django.utils import timezone

from dashboard.identity import pipeline, records, renewal
from dashboard.identity.records import SignIn, Tokens
from dashboard.identity.sealing import UnreadableError
from dashboard.upstream import SignedOut, user_info
from remote_client.errors import RemoteError, Unauthenticated, Unavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")

KNOWN_S = 2.0
"""How long what the database said is believed; the platform's word on a token as well."""

MARGIN_S = 60.0
"""A token is renewed so long before its end, or in the last fifth of a short life."""

MOST_HELD = 10_000

OTHERS_S = 20.0
"""How long to wait for another process that renews."""


@dataclass(frozen=True)
class Held:
    """A sign-in that counts, as it was read a moment ago."""

    id: int
    person_id: int
    header_key: str
    renewals: int
    renewed_at: datetime
    tokens: Tokens = field(repr=False)
    read_at: float = field(default_factory=time.monotonic)

    @property
    def generation(self) -> int:
        """Grows with each renewal, and with each newer sign-in of the person."""
        return (self.id << 24) + self.renewals

    @property
    def seconds_left(self) -> float:
        end = self.tokens.expires_at
        return (end - timezone.now()).total_seconds() if end else float("inf")

    @property
    def is_due(self) -> bool:
        """Whether it is time to renew."""
        end = self.tokens.expires_at
        if end is None:
            return False
        life = (end - self.renewed_at).total_seconds()
        return self.seconds_left < min(MARGIN_S, life / 5)


class Keeper:
    """The sign-ins of one process."""

    def __init__(self) -> None:
        self._held: dict[int, Held] = {}
        self._newest: dict[int, tuple[int, float]] = {}
        self._asked: dict[int, float] = {}
        self._renewing: dict[int, asyncio.Task[Held]] = {}

    def forget(self) -> None:
        """Ask the database and the platform anew at the next question."""
        self._held.clear()
        self._newest.clear()
        self._asked.clear()

    # --- tokens ---------------------------------------------------------------------------------

    async def of_person(self, person_id: int) -> Held:
        """The person's newest sign-in, with a token that can be used now. SignedOut, Unavailable"""
        known, read_at = self._newest.get(person_id, (0, 0.0))
        if not known or time.monotonic() - read_at > KNOWN_S:
            row = await in_database(records.newest_of, person_id)
            if row is None:
                raise SignedOut
            self._remember(row)
            known = row.pk
        return await self.usable(known)

    async def usable(self, sign_in_id: int) -> Held:
        """The sign-in with a token that can be used now. Raises SignedOut, Unavailable."""
        held = await self._read(sign_in_id)
        if held.seconds_left <= 0:
            return await self.renewed(held)
        if held.is_due and held.tokens.refresh:
            self._renew_once(held).add_done_callback(_heard)
        return held

    async def renewed(self, held: Held) -> Held:
        """After a renewal, of which all who ask share one. Raises SignedOut, Unavailable."""
        return await asyncio.shield(self._renew_once(held))

    # --- does it count? -------------------------------------------------------------------------

    async def counts(self, sign_in_id: int) -> bool:
        """Whether the sign-in still counts: here, and in the eyes of the platform."""
        try:
            held = await self.usable(sign_in_id)
            if time.monotonic() - self._asked.get(sign_in_id, 0.0) > KNOWN_S:
                self._asked[sign_in_id] = time.monotonic()
                await self._ask_platform(held)
        except SignedOut:
            return False
        except RemoteError as error:
            # It could not be asked; that is no reason to sign anybody out.
            logger.info("Could not ask whether %s counts: %s", sign_in_id, error.code().name)
        return True

    async def is_kept(self, sign_in_id: int) -> bool:
        """Whether the sign-in has not ended, as far as this server knows."""
        try:
            await self._read(sign_in_id)
        except SignedOut:
            return False
        return True

    async def _ask_platform(self, held: Held) -> None:
        try:
            await user_info(held.header_key, held.tokens.access)
        except Unauthenticated:
            await self.renewed(held)

    async def end(self, sign_in_id: int) -> None:
        """Sign out: the tokens are gone here, and worthless at their server if that can be told."""
        row = await in_database(records.read, sign_in_id)
        await self._ended(sign_in_id)
        if row is not None:
            await renewal.revoke(row)

    def end_in_thread(self, sign_in_id: int) -> None:
        """`end`, for code that runs in a thread and may use the database there."""
        row = records.read(sign_in_id)
        records.end(sign_in_id)
        self._forget(sign_in_id)
        if row is not None:
            async_to_sync(renewal.revoke)(row)

    # --- inside -----------------------------------------------------------------------------------

    async def _read(self, sign_in_id: int) -> Held:
        held = self._held.get(sign_in_id)
        if held is None or time.monotonic() - held.read_at > KNOWN_S:
            row = await in_database(records.read, sign_in_id)
            if row is None:
                self._forget(sign_in_id)
                raise SignedOut
            held = await self._opened(row)
        return held

    async def _opened(self, row: SignIn) -> Held:
        try:
            return self._remember(row)
        except UnreadableError:
            logger.warning("The tokens of %s cannot be read: no key in TOKEN_KEYS fits.", row)
            await self._ended(row.pk)
            raise SignedOut from None

    def _remember(self, row: SignIn) -> Held:
        held = Held(row.pk, row.person_id, row.header_key, row.renewals, row.renewed_at, row.tokens)
        if len(self._held) >= MOST_HELD:
            self._held.clear()  # no more than a memory of the database
        self._held[row.pk] = held
        if row.pk >= self._newest.get(row.person_id, (0, 0.0))[0]:
            self._newest[row.person_id] = (row.pk, held.read_at)
        return held

    def _forget(self, sign_in_id: int) -> None:
        self._asked.pop(sign_in_id, None)
        held = self._held.pop(sign_in_id, None)
        if held is not None and self._newest.get(held.person_id, (0,))[0] == sign_in_id:
            del self._newest[held.person_id]

    async def _ended(self, sign_in_id: int) -> None:
        await in_database(records.end, sign_in_id)
        self._forget(sign_in_id)

    def _renew_once(self, held: Held) -> asyncio.Task[Held]:
        task = self._renewing.get(held.id)
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            task = self._renewing[held.id] = _apart(self._renew(held))
        return task

    async def _renew(self, held: Held) -> Held:
        if not held.tokens.refresh:
            await self._ended(held.id)
            raise SignedOut
        if not await in_database(records.claim, held.id, held.renewals):
            return await self._renewed_by_another(held)
        try:
            answer = await renewal.renew(held.id, held.tokens.refresh)
        except renewal.RefusedError as error:
            logger.info("Sign-in %s has ended: %s", held.id, error)
            await self._ended(held.id)
            raise SignedOut from None
        except renewal.AwayError as error:
            await in_database(records.release, held.id)
            raise Unavailable(str(error)) from None
        if not await in_database(records.renew, held.id, answer.tokens):
            await renewal.revoke_tokens(held.id, answer.tokens)
            raise SignedOut
        if answer.claims is not None:
            await in_database(pipeline.apply_anew, held.person_id, answer.uid, answer.claims)
        self._held.pop(held.id, None)
        return await self._read(held.id)

    async def _renewed_by_another(self, held: Held) -> Held:
        """Another process holds the claim, or was faster: its result is the database's."""
        end = time.monotonic() + OTHERS_S
        while time.monotonic() < end:
            self._held.pop(held.id, None)
            now = await self._read(held.id)
            if now.renewals != held.renewals:
                return now
            await asyncio.sleep(0.1)
        raise Unavailable("The sign-in could not be renewed: another server did not finish.")


def _apart(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task outside of the request that begins it: it outlives that, and serves others too."""
    return asyncio.get_running_loop().create_task(work, context=Context())


async def in_database(ask: Callable[..., T], *args: Any) -> T:
    """A question to the database, on the thread that serves no request in particular.

    A live stream keeps the context of the request that opened it, whose thread ends with it.
    """
    return await _apart(sync_to_async(ask)(*args))


def _heard(task: asyncio.Task[Held]) -> None:
    """A renewal in the background that failed: whoever needs the token next hears of it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.info("A sign-in was not renewed in the background: %s", error)


keeper = Keeper()

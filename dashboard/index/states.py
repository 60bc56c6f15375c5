"""How the run index fares: off, being built, built, or behind the platform since a moment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.conf import settings

from dashboard.index.models import IndexedScope, IndexLease
from dashboard.index.rows import from_us, to_us
from dashboard.index.threads import in_thread
from dashboard.pages import Scope

Kind = Literal["new", "building", "built", "off"]

LEASE = 1
"""The one row's key."""

STALE_S = 90.0
"""Unheard of for so long, the platform or the feeder is away."""

REMEMBERED_S = 1.0


@dataclass(frozen=True)
class IndexState:
    """What pages may say of the index."""

    kind: Kind
    message: str = ""
    """Why it is off, or what went wrong last."""
    heard_at: datetime | None = None
    scope_ids: tuple[tuple[Scope, int], ...] = ()
    """Projects and domains that were read to their beginning."""
    scopes_known: int = 0

    @property
    def is_usable(self) -> bool:
        return self.kind != "off" and bool(self.scope_ids)

    @property
    def stale_since(self) -> datetime | None:
        """Since when nothing was heard from the platform; None while it is fresh."""
        at = self.heard_at
        if at is None or self.kind == "off":
            return None
        return at if datetime.now(UTC) - at > timedelta(seconds=STALE_S) else None

    @property
    def note(self) -> str:
        """What a reader of a page that the index answered should know; "" when all is well."""
        if self.stale_since:
            return f"As of {self.stale_since:%Y-%m-%d %H:%M:%S} UTC: the run index is behind."
        return ""

    def covers(self, scopes: Sequence[Scope]) -> bool:
        known = {scope for scope, _ in self.scope_ids}
        return self.is_usable and known.issuperset(scopes)

    def words(self) -> str:
        """For a status page: one sentence."""
        if self.kind == "off":
            return f"The run index is off. {self.message}".strip()
        if self.kind == "built" and not self.stale_since:
            return "The run index is up to date."
        if self.stale_since:
            return f"{self.note} {self.message}".strip()
        done, known = len(self.scope_ids), self.scopes_known
        return f"The run index is being built: {done} of {known} projects and domains are read."


_remembered: tuple[float, IndexState] | None = None


async def index_state() -> IndexState:
    """As it was at most a second ago."""
    global _remembered
    if not settings.RUN_INDEX:
        return IndexState("off", "It is switched off by RUN_INDEX.")
    if _remembered and time.monotonic() - _remembered[0] < REMEMBERED_S:
        return _remembered[1]
    state = await in_thread(read_state)
    _remembered = (time.monotonic(), state)
    return state


def forget_state() -> None:
    """It changed: the next question reads it."""
    global _remembered
    _remembered = None


def read_state() -> IndexState:
    """From the database, as it is now."""
    lease = IndexLease.objects.filter(pk=LEASE).first()
    if lease is None:
        return IndexState("new")
    scopes = IndexedScope.objects.values_list("project", "domain", "pk", "is_walked")
    ids = tuple(
        (Scope(project=project, domain=domain), pk)
        for project, domain, pk, is_walked in scopes
        if is_walked
    )
    kind: Kind = lease.state  # type: ignore[assignment]
    return IndexState(kind, lease.message, from_us(lease.heard_us), ids, len(scopes))


def say_state(kind: Kind, message: str = "") -> None:
    """The feeder tells how it fares."""
    IndexLease.objects.update_or_create(pk=LEASE, defaults={"state": kind, "message": message})
    forget_state()


def say_heard() -> None:
    """The platform answered the feeder just now."""
    IndexLease.objects.filter(pk=LEASE).update(heard_us=to_us(datetime.now(UTC)), message="")

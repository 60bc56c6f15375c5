"""Which of several server processes on one database feeds the index: the one that holds the row."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Q

from dashboard.index.models import IndexLease
from dashboard.index.rows import to_us
from dashboard.index.states import LEASE

LEASE_S = 20.0
"""A process that does not say so for this long feeds no more, and another one may."""

RENEW_S = 5.0


def take(holder: str) -> bool:
    """Take or renew the lease. False when another process holds it."""
    now = to_us(datetime.now(UTC))
    IndexLease.objects.get_or_create(pk=LEASE)
    free = Q(holder__in=("", holder)) | Q(until_us__lt=now)
    changed = IndexLease.objects.filter(free, pk=LEASE).update(
        holder=holder, until_us=now + int(LEASE_S * 1e6)
    )
    return changed == 1


def give_back(holder: str) -> None:
    """So that another process need not wait until it runs out."""
    IndexLease.objects.filter(pk=LEASE, holder=holder).update(holder="", until_us=0)


def is_held() -> bool:
    """Whether some process feeds the index now."""
    now = to_us(datetime.now(UTC))
    return IndexLease.objects.filter(pk=LEASE, until_us__gte=now).exclude(holder="").exists()
